"""Messages as lines: for people, and as JSON. Nothing in a message can break a line or a terminal."""

from __future__ import annotations

import base64
import contextlib
import json
from typing import TYPE_CHECKING, Any

from framework import DeserializationError
from framework.terminal import escape

if TYPE_CHECKING:
    from framework import Message


def row(message: Message[Any]) -> dict[str, Any]:
    """A message as plain values: topic, partition, offset, timestamp, key, headers, payload.

    A part that can't be deserialized, or not be written as JSON, is None; beside it stand
    `PART_error` and `raw_PART`, its bytes in standard base64 (headers: a list of pairs).
    """
    timestamp = message.timestamp
    values: dict[str, Any] = {
        "topic": message.topic,
        "partition": message.partition,
        "offset": message.offset,
        "timestamp": None if timestamp is None else timestamp.isoformat(),
    }
    for part in ("key", "headers", "payload"):
        values |= _part(message, part)
    return values


def failed(values: dict[str, Any]) -> bool:
    """Whether a part of the message in this row could not be read."""
    return any(f"{part}_error" in values for part in ("key", "headers", "payload"))


def as_json(values: dict[str, Any]) -> str:
    """One JSON object in one line, which no terminal acts upon."""
    return escape(json.dumps(values, ensure_ascii=False, allow_nan=False))


def as_text(message: Message[Any], width: int | None = None) -> tuple[str, str, bool]:
    """A line for people, in two parts, place and content, and whether something could not be read.

    With two spaces between them, at most `width` columns of a terminal. Times are in UTC.
    """
    timestamp = message.timestamp
    when = "-" if timestamp is None else f"{timestamp:%Y-%m-%d %H:%M:%S}Z"
    place = f"{message}  {when}"
    problems: list[str] = []
    key = _shown(message, "key", problems)
    payload = "(tombstone)" if message.is_tombstone else _shown(message, "payload", problems)
    content = escape("  ".join(problems) or "  ".join(part for part in (key, payload) if part))
    if width is not None:
        # The place stands before it: the room is for the reason.
        content = content.replace(f" of {message}", "", 1) if problems else content
        # A long name of a topic leaves a third for the content; its end says which message it is.
        room = width * 2 // 3
        if len(place) > room:
            place = str(message)
        if len(place) > room:
            place = _cut("…" + place[len(place) - room + 1 :], width)
        content = _cut(content, width - len(place) - 2)
    return place, content, bool(problems)


def _part(message: Message[Any], part: str) -> dict[str, Any]:
    from pydantic_core import to_jsonable_python

    try:
        value = to_jsonable_python(
            getattr(message, part), bytes_mode="utf8", inf_nan_mode="null", fallback=repr
        )
        json.dumps(value, allow_nan=False)
    except DeserializationError as error:
        reason = str(error)
    except (ValueError, TypeError, RecursionError) as error:
        reason = f"{part} can't be written as JSON: {error}"
    else:
        return {part: value}
    return {part: None, f"{part}_error": reason, f"raw_{part}": _raw(getattr(message, f"raw_{part}"))}


def _raw(value: Any) -> Any:
    if isinstance(value, list):
        return [[name, _raw(header)] for name, header in value]
    return None if value is None else base64.b64encode(value).decode()


def _shown(message: Message[Any], part: str, problems: list[str]) -> str:
    try:
        value = getattr(message, part)
        if value is None:
            return "-" if part == "key" else "null"
        if isinstance(value, dict | list):
            with contextlib.suppress(ValueError, TypeError, RecursionError):
                return json.dumps(value, ensure_ascii=False)
        return value if isinstance(value, str) else repr(value)
    except DeserializationError as error:
        problems.append(str(error))
    except (ValueError, RecursionError) as error:  # a number of too many digits, too deep a nesting
        problems.append(f"Can't show the {part}: {error}.")
    return ""


def _cut(text: str, width: int) -> str:
    """The text in at most so many columns; some characters take two."""
    from rich.cells import cell_len, set_cell_size

    text = text[: max(0, width) * 4 + 1]  # a payload may be of megabytes; marks upon letters take none
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""
