"""Format a message as one line for people, without characters that a terminal may interpret."""

from __future__ import annotations

import contextlib
import json
from typing import Any, NamedTuple

from framework import DeserializationError, Message
from framework.message_parts import reason_of
from framework.terminal import escape
from framework_iterator.cli.binary import describe
from framework_iterator.cli.encode import is_protobuf, shown_in_json, xml_text
from framework_iterator.cli.fit import Unreadable, fit, fit_unreadable, join_unreadable
from framework_iterator.cli.framing import Framing, Part, shortened

_encode = json.JSONEncoder(ensure_ascii=False, default=shown_in_json).encode
_NO_FRAMING = Framing()


class TextLine(NamedTuple):
    """A message as a line for people, which has two spaces between location and content."""

    location: str
    """Topic, partition, offset and time, or as much of it as the width allows."""
    content: str
    """Key and payload; for a part that can't be read, the reason and the bytes."""
    has_error: bool


def as_text(
    message: Message[Any], width: int | None = None, *, headers: bool = False, framing: Framing = _NO_FRAMING
) -> TextLine:
    """Return a line for people. Times are in UTC.

    Args:
        message: The message.
        width: The columns of the terminal, which the line doesn't exceed; None for no limit.
        headers: Whether the headers stand between key and payload.
        framing: What is known of the schema registry.
    """
    timestamp = message.timestamp
    place = str(message)
    time = "-" if timestamp is None else f"{timestamp:%Y-%m-%d %H:%M:%S}Z"
    key = _shown(message, "key", width, framing)
    payload = "(tombstone)" if message.is_tombstone else _shown(message, "payload", width, framing)
    parts = [key, headers_text(message), payload] if headers else [key, payload]
    if isinstance(key, Unreadable) or isinstance(payload, Unreadable):
        if width is None:
            return TextLine(f"{place}  {time}", join_unreadable(parts), True)
        return TextLine(*fit_unreadable(place, time, parts, width), True)
    content = escape("  ".join(parts))  # type: ignore[arg-type]  # none of them is unreadable
    if width is None:
        return TextLine(f"{place}  {time}", content, False)
    return TextLine(*fit(place, time, content, width), False)


def as_hex(message: Message[Any]) -> str:
    """Return a line for people with the payload's bytes in hexadecimal, all of them."""
    timestamp = message.timestamp
    time = "-" if timestamp is None else f"{timestamp:%Y-%m-%d %H:%M:%S}Z"
    key = _shown(message, "key", None, _NO_FRAMING)
    raw = message.raw_payload
    payload = "(tombstone)" if raw is None else raw.hex() or "(empty)"
    shown = describe(key.data) if isinstance(key, Unreadable) else key
    return f"{message}  {time}  {escape(shown)}  {payload}"


def headers_text(message: Message[Any]) -> str:
    """Return all headers, also those with repeated names: `trace=17 flag=null`, or `-` for none."""
    return " ".join(f"{name}={_header(value)}" for name, value in message.raw_headers) or "-"


def _header(value: bytes | None) -> str:
    if value is None:
        return "null"
    try:
        return value.decode()
    except UnicodeDecodeError:
        return describe(value)


def _shown(message: Message[Any], part: Part, width: int | None, framing: Framing) -> str | Unreadable:
    """Return the text of a part, or why there is none."""
    try:
        value = getattr(message, part)
        if value is None:
            return "-" if part == "key" else "null"
        if isinstance(value, str):
            return value or ('""' if part == "key" else "(empty)")
        if isinstance(value, dict | list):
            with contextlib.suppress(ValueError, TypeError, RecursionError):
                return _encode(value)
        elif isinstance(value, bytes):
            if (hint := framing.hint(message, part)) is not None:
                return _hinted(message, part, hint)
            reason = framing.explain(message, part)
            return describe(value, width) if reason is None else _unreadable(message, part, reason)
        elif (text := _special(value)) is not None:
            return text
        return repr(value)
    except DeserializationError as error:
        hint = framing.hint(message, part)
        return _failed(message, part, error) if hint is None else _hinted(message, part, hint)
    except (ValueError, RecursionError) as error:  # a number of too many digits, a nesting too deep
        return _unreadable(message, part, f"Can't show the {part}: {reason_of(error)}")


def _special(value: Any) -> str | None:
    """Return the text of an object whose repr isn't one line or says nothing."""
    if is_protobuf(value):
        from google.protobuf.text_format import MessageToString

        text: str = MessageToString(value, as_one_line=True, as_utf8=True)
        return text
    return xml_text(value)


def _failed(message: Message[Any], part: Part, error: DeserializationError) -> Unreadable:
    # A command line has no attribute raw_payload; the bytes follow.
    whole = str(error).removesuffix(f" Its bytes are in raw_{part}.").removesuffix(".")
    named = whole.replace(f" of {message}", "", 1)  # the location names the message already
    short = named.removeprefix(f"Can't read the {part} with ")
    short = f"key: {short}" if part == "key" else short
    return Unreadable(whole, (named, short, short), _raw(message, part))


def _hinted(message: Message[Any], part: Part, hint: str) -> Unreadable:
    return Unreadable(hint, (hint, *shortened(hint)), _raw(message, part))


def _unreadable(message: Message[Any], part: Part, reason: str) -> Unreadable:
    return Unreadable(reason, (reason, reason, reason), _raw(message, part))


def _raw(message: Message[Any], part: Part) -> bytes:
    return (message.raw_key if part == "key" else message.raw_payload) or b""
