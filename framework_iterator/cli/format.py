"""Format a message as one line, for people or as JSON, without characters that a terminal may interpret."""

from __future__ import annotations

import base64
import collections.abc as cabc
import contextlib
import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from framework import DeserializationError
from framework.terminal import escape

if TYPE_CHECKING:
    from framework import Message

_PARTS: Final = ("key", "headers", "payload")
# Made once: json.dumps makes an encoder per call where an option isn't the default, 2 µs each.
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


class TextLine(NamedTuple):
    """A message as a line for people, which has two spaces between location and content."""

    location: str
    """Topic, partition, offset and time, or as much of it as the width allows."""
    content: str
    """Key and payload, or why reading them failed."""
    has_error: bool


def to_row(message: Message[Any]) -> dict[str, Any]:
    """Return a message as plain values: topic, partition, offset, timestamp, key, headers, payload.

    A part that is not deserializable, or has no JSON form, is None; `PART_error` has the reason and
    `raw_PART` the bytes in standard base64 (headers: a list of pairs).
    """
    from pydantic_core import to_jsonable_python  # late: --help doesn't need it

    timestamp = message.timestamp
    row: dict[str, Any] = {
        "topic": message.topic,
        "partition": message.partition,
        "offset": message.offset,
        "timestamp": None if timestamp is None else timestamp.isoformat(),
    }
    for part in _PARTS:
        row |= _part_of_row(message, part, to_jsonable_python)
    return row


def has_error(row: dict[str, Any]) -> bool:
    """Whether a part of the message in this row could not be read."""
    return "key_error" in row or "headers_error" in row or "payload_error" in row


def as_json(row: dict[str, Any]) -> str:
    """Return the row as a JSON object in one line."""
    return escape(_encode(row))


def as_text(message: Message[Any], width: int | None = None) -> TextLine:
    """Return a line for people, of at most `width` columns of a terminal. Times are in UTC."""
    timestamp = message.timestamp
    time = "-" if timestamp is None else f"{timestamp:%Y-%m-%d %H:%M:%S}Z"
    errors: list[str] = []
    key = _part_of_text(message, "key", errors)
    payload = "(tombstone)" if message.is_tombstone else _part_of_text(message, "payload", errors)
    content = escape("  ".join(errors) or "  ".join(part for part in (key, payload) if part))
    line = TextLine(f"{message}  {time}", content, bool(errors))
    return line if width is None else _fit(line, str(message), width)


def _part_of_row(
    message: Message[Any], part: str, to_jsonable_python: cabc.Callable[..., Any]
) -> dict[str, Any]:
    try:
        value = to_jsonable_python(
            getattr(message, part), bytes_mode="utf8", inf_nan_mode="null", fallback=repr
        )
        _encode(value)
    except DeserializationError as error:
        reason = str(error)
    except (ValueError, TypeError, RecursionError) as error:
        reason = f"The {part} has no JSON form: {error}"
    else:
        return {part: value}
    return {part: None, f"{part}_error": reason, f"raw_{part}": _to_base64(getattr(message, f"raw_{part}"))}


def _to_base64(value: Any) -> Any:
    if isinstance(value, list):
        return [[name, _to_base64(header)] for name, header in value]
    return None if value is None else base64.b64encode(value).decode()


def _part_of_text(message: Message[Any], part: str, errors: list[str]) -> str:
    try:
        value = getattr(message, part)
        if value is None:
            return "-" if part == "key" else "null"
        if isinstance(value, dict | list):
            with contextlib.suppress(ValueError, TypeError, RecursionError):
                return json.dumps(value, ensure_ascii=False)
        return value if isinstance(value, str) else repr(value)
    except DeserializationError as error:
        errors.append(str(error))
    except (ValueError, RecursionError) as error:  # a number of too many digits, a nesting too deep
        errors.append(f"Can't show the {part}: {error}.")
    return ""


def _fit(line: TextLine, name: str, width: int) -> TextLine:
    """Shorten a line to `width` columns; `name` is the message's, as `flights-3@17`."""
    location, content, has_error = line
    if has_error:
        # The location names the message already: leave the columns to the reason.
        content = content.replace(f" of {name}", "", 1)
    # A third is reserved for the content. Of a long location the end is kept: the offset.
    available = width * 2 // 3
    if len(location) > available:
        location = name
    if len(location) > available:
        location = _truncate("…" + location[len(location) - available + 1 :], width)
    return TextLine(location, _truncate(content, width - len(location) - 2), has_error)


def _truncate(text: str, width: int) -> str:
    """Truncate a text to `width` columns; some characters need two."""
    from rich.cells import cell_len, set_cell_size  # late: only a terminal needs it

    # A payload may have megabytes. More than `width` characters, because combining ones need no column.
    text = text[: max(0, width) * 4 + 1]
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""
