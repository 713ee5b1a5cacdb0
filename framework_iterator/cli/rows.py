"""Format a message as one line of JSON. Nothing is null in it without a reason beside it."""

from __future__ import annotations

import base64
import contextlib
from typing import Any, Final

from framework import DeserializationError, Message
from framework_iterator.cli.digits import exact
from framework_iterator.cli.encode import Encode, encodable, to_plain_leniently
from framework_iterator.cli.framing import Framing, own_reason, with_schema_ids
from framework_iterator.cli.parts import without_iterators
from framework_iterator.cli.reasons import why_not

_PARTS: Final = ("key", "headers", "payload")


def json_line(message: Message[Any], encode: Encode, framing: Framing) -> tuple[str, bool]:
    """Return a message as a JSON object in one line, and whether a part could not be read in full.

    It has topic, partition, offset, timestamp, schema_id, key, headers and payload. A part that is not
    deserializable, or has no JSON form, is null; `PART_error` has the reason and `raw_PART` the bytes in
    standard base64 (headers: a list of pairs). Headers stay an object where only some values are not text.
    A deserializer may return None itself: then the bytes are added to null, unless they are `null`.
    `raw_headers` is also there for headers with repeated names, and `raw_timestamp` for a timestamp that no
    datetime can hold.

    Args:
        message: The message.
        encode: What `encoder_for` returned.
        framing: What is known of the schema registry.
    """
    row = _whole(message)
    if row is None:
        return _by_parts(message, encode, framing)
    try:
        # All at once, because nearly every message has nothing wrong.
        return encode(row), False
    except Exception:  # classes of users may raise anything here
        return _by_parts(message, encode, framing)


def _whole(message: Message[Any]) -> dict[str, Any] | None:
    """Return the message as it is; None where a part was not deserialized, or may have to be explained."""
    row = _place(message)
    try:
        key = message.key
        row["key"] = exact(key, message.raw_key)
        row["headers"] = with_schema_ids(message.headers, message)
        if _has_repeats(message):
            row["raw_headers"] = _to_base64(message.raw_headers)
        payload = message.payload
        row["payload"] = exact(payload, message.raw_payload)
    except DeserializationError:
        return None
    if (payload is None and _is_lost(message.raw_payload)) or (key is None and _is_lost(message.raw_key)):
        return None
    is_plain = payload.__class__ is not bytes and key.__class__ is not bytes
    return row if is_plain and not _may_be_framed(key) else None


def _by_parts(message: Message[Any], encode: Encode, framing: Framing) -> tuple[str, bool]:
    """Return the line with each part as far as it can be encoded, and whether one is not whole."""
    row = _place(message)
    for part in _PARTS:
        row |= _checked(message, part, encode, framing)
    return encode(row), any(f"{part}_error" in row for part in _PARTS)


def _may_be_framed(value: Any) -> bool:
    """Whether bytes that name a schema happened to be text: no text begins with a zero."""
    return value.__class__ is str and value[:1] == "\0"


def _place(message: Message[Any]) -> dict[str, Any]:
    timestamp = message.timestamp
    row: dict[str, Any] = {
        "topic": message.topic,
        "partition": message.partition,
        "offset": message.offset,
        "timestamp": None if timestamp is None else timestamp.isoformat(),
    }
    if timestamp is None and message.raw_timestamp is not None:
        row["raw_timestamp"] = message.raw_timestamp
    schema_id = message.schema_id
    row["schema_id"] = schema_id if schema_id is None or isinstance(schema_id, int) else str(schema_id)
    return row


def _checked(message: Message[Any], part: Any, encode: Encode, framing: Framing) -> dict[str, Any]:
    """Return a part in a form that can be encoded, with the reason and the bytes where it isn't whole."""
    reason: str | None = None
    try:
        value = getattr(message, part)
    except DeserializationError as error:
        value, reason = None, _failure(message, part, error, framing)
    else:
        if part == "headers":
            value, reason = _headers(with_schema_ids(value, message), encode)
        elif (isinstance(value, bytes) or _may_be_framed(value)) and (
            reason := _explained(message, part, framing)
        ) is not None:
            value = None
        else:
            value = exact(value, getattr(message, f"raw_{part}"))
            value, reason = _encodable(value, part, part, encode)
    row = {part: value}
    if reason is not None:
        row[f"{part}_error"] = reason
    raw = getattr(message, f"raw_{part}")
    is_lost = _has_repeats(message) if part == "headers" else value is None and _is_lost(raw)
    if reason is not None or is_lost:
        row[f"raw_{part}"] = _to_base64(raw)
    return row


def _failure(message: Message[Any], part: Any, error: DeserializationError, framing: Framing) -> str:
    """Return in sentences why the deserializer failed, and what to do about bytes that name a schema."""
    hint = None if part == "headers" else framing.hint(message, part)
    after = f"{hint[0]}." if hint else f"Its bytes are in raw_{part}."
    return f"{_sentence(own_reason(error))} {after}"


def _explained(message: Message[Any], part: Any, framing: Framing) -> str | None:
    """Return in a sentence why bytes that name a schema were not decoded."""
    if (hint := framing.hint(message, part)) is not None:
        return f"{hint[0]}."
    if (reason := framing.explain(message, part)) is None:
        return None
    guess = f" 8 bytes: --{part}-as int64?" if framing.guess(message, part) else ""
    return _sentence(f"Can't decode the {part} by its schema: {reason}") + guess


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."


def _headers(value: Any, encode: Encode) -> tuple[Any, str | None]:
    """Return the headers as far as they can be encoded, and which of them can't be."""
    whole, reason = _encodable(value, "headers", "headers", encode)
    if reason is None or not isinstance(value, dict):
        return whole, reason
    kept: dict[Any, Any] = {}
    reasons = []
    for name, header in value.items():
        kept[name], lost = _encodable(header, f"header {name!r}", f"headers[{name!r}]", encode)
        reasons += [] if lost is None else [lost]
    # Where its names are the problem, nothing is left of it.
    kept, lost = _encodable(kept, "headers", "headers", encode)
    return kept, lost or " ".join(reasons)


def _encodable(value: Any, name: str, path: str, encode: Encode) -> tuple[Any, str | None]:
    """Return the value in a form that can be encoded, or what is left of it and the reason."""
    # Classes of users may raise anything here.
    try:
        value = without_iterators(value)
    except Exception as error:
        return None, why_not(None, name, path, encode, error)
    try:
        return encodable(value, encode), None
    except Exception as error:
        reason = why_not(value, name, path, encode, error)
    with contextlib.suppress(Exception):
        plain = to_plain_leniently(value)
        encode(plain)
        return plain, reason
    return None, reason


def _is_lost(raw: bytes | None) -> bool:
    """Whether there are bytes of which a deserializer made None, and which are not the null of JSON."""
    return raw is not None and raw.strip() != b"null"


def _has_repeats(message: Message[Any]) -> bool:
    headers = message.raw_headers
    return len(headers) > 1 and len({name for name, _ in headers}) < len(headers)


def _to_base64(value: Any) -> Any:
    if isinstance(value, list):
        return [[name, _to_base64(header)] for name, header in value]
    return None if value is None else base64.b64encode(value).decode()
