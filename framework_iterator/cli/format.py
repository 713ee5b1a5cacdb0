"""Format a message as one line for people, without characters that a terminal may interpret."""

from __future__ import annotations

import contextlib
import json
from typing import Any, NamedTuple

from framework import DeserializationError, FrameworkError, Message
from framework.message_parts import reason_of
from framework_iterator.cli.binary import describe
from framework_iterator.cli.digits import exact, restore
from framework_iterator.cli.encode import shown_in_json
from framework_iterator.cli.fit import Guessed, Shown, Unreadable, fit, fit_unreadable, join
from framework_iterator.cli.framing import Framing, Part, own_reason, raw_of, schema_header
from framework_iterator.cli.kinds import is_protobuf, xml_text
from framework_iterator.cli.markers import (
    EMPTY,
    EMPTY_KEY,
    NO_HEADERS,
    NO_KEY,
    NULL,
    TOMBSTONE,
    named_header,
    quoted_marker,
)
from framework_iterator.cli.parts import has_iterator, without_iterators

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
    place, time = str(message), _time(message)
    key = _shown(message, "key", width, framing)
    payload = TOMBSTONE if message.is_tombstone else _shown(message, "payload", width, framing)
    if isinstance(key, Unreadable) and isinstance(payload, Unreadable) and payload.is_advice:
        payload = payload.labelled("payload")
    parts = [key, headers_text(message), payload] if headers else [key, payload]
    has_error = isinstance(key, Unreadable) or isinstance(payload, Unreadable)
    if width is None:
        return TextLine(f"{place}  {time}", join(parts), has_error)
    if has_error:
        return TextLine(*fit_unreadable(place, time, parts, width), True)
    return TextLine(*fit(place, time, parts, width), False)  # type: ignore[arg-type]


def as_hex(message: Message[Any], *, headers: bool = False) -> str:
    """Return a line for people with the payload's bytes in hexadecimal, all of them."""
    key = _shown(message, "key", None, _NO_FRAMING)
    parts = [key if isinstance(key, str) else describe(raw_of(message, "key"))]
    parts += [headers_text(message)] if headers else []
    raw = message.raw_payload
    payload = TOMBSTONE if raw is None else raw.hex() or EMPTY
    return f"{message}  {_time(message)}  {join(parts)}  {payload}"


def headers_text(message: Message[Any]) -> str:
    """Return all headers, also those with repeated names: `trace=17 flag=null`, or `-` for none."""
    return " ".join(_header(name, value) for name, value in message.raw_headers) or NO_HEADERS


def _header(name: str, value: bytes | None) -> str:
    if value is None or (schema_id := schema_header(name, value)) is None:
        try:
            return named_header(name, None if value is None else value.decode())
        except UnicodeDecodeError:
            return f"{named_header(name, '')}{describe(value or b'')}"
    return named_header(name, schema_id)


def _time(message: Message[Any]) -> str:
    timestamp = message.timestamp
    if timestamp is not None:
        return f"{timestamp:%Y-%m-%d %H:%M:%S}Z"
    return "-" if message.raw_timestamp is None else f"{message.raw_timestamp}ms"


def value_text(value: Any, raw: bytes | None = None) -> str:
    """Return the text of a value that is neither text nor bytes; `raw` has all digits of its numbers."""
    if isinstance(value, dict | list):
        with contextlib.suppress(ValueError, TypeError, RecursionError):
            return restore(_encode(exact(value, raw, infinite=True)))
    elif isinstance(value, float):
        number = exact(value, raw, infinite=True)
        return repr(value) if number is value else restore(_encode(number))
    return _object_text(value)


def _shown(message: Message[Any], part: Part, width: int | None, framing: Framing) -> Shown:
    """Return the text of a part, or why there is none."""
    try:
        value = getattr(message, part)
        if value is None:
            return NO_KEY if part == "key" and message.raw_key is None else NULL
        if isinstance(value, str):
            if value[:1] == "\x00":  # no text begins so
                return _hinted(message, part, framing) or _as_number(message, part, framing) or value
            return quoted_marker(value) if value else (EMPTY_KEY if part == "key" else EMPTY)
        if isinstance(value, bytes):
            return _shown_bytes(message, part, value, width, framing)
        return value_text(value, raw_of(message, part))
    except DeserializationError as error:
        return _hinted(message, part, framing) or _failed(message, part, error)
    except FrameworkError:
        raise
    except Exception as error:  # a number of too many digits, a nesting too deep; a class of the user's
        reason = f"Can't show the {part}: {reason_of(error)}"
        return Unreadable(reason, (reason,), raw_of(message, part))


def _shown_bytes(
    message: Message[Any], part: Part, value: bytes, width: int | None, framing: Framing
) -> Shown:
    if (hinted := _hinted(message, part, framing)) is not None:
        return hinted
    if (reason := framing.explain(message, part)) is not None:
        guess = framing.guess(message, part)
        short = f"--{part}-as int64? {reason}" if guess else reason
        unreadable = Unreadable(guess + reason, (guess + reason, short), value)
        return unreadable.labelled("key") if part == "key" else unreadable
    return _as_number(message, part, framing) or describe(value, width)


def _as_number(message: Message[Any], part: Part, framing: Framing) -> Guessed | None:
    option = framing.number_option(message, part)
    return None if option is None else Guessed(describe(raw_of(message, part)), option)


def _object_text(value: Any) -> str:
    """Return the repr of an object, or another text where that isn't one line or says nothing."""
    if is_protobuf(value):
        from framework.protobuf import text_line

        return text_line(value)
    if (text := xml_text(value)) is not None:
        return text
    if has_iterator(value):
        value = without_iterators(value)
        if isinstance(value, list):
            return _encode(value)
    return repr(value)


def _failed(message: Message[Any], part: Part, error: DeserializationError) -> Unreadable:
    whole = own_reason(error)
    named = whole.replace(f" of {message}", "", 1)  # the location names the message already
    short = named.removeprefix(f"Can't read the {part} with ")
    short = f"key: {short}" if part == "key" else short
    return Unreadable(whole, (named, short), raw_of(message, part))


def _hinted(message: Message[Any], part: Part, framing: Framing) -> Unreadable | None:
    hint = framing.hint(message, part)
    if hint is None:
        return None
    unreadable = Unreadable(hint[0], hint, raw_of(message, part), is_advice=True)
    return unreadable.labelled("key") if part == "key" else unreadable
