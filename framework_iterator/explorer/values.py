"""Values of a message as texts and trees for a page. Pure."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import datetime
import decimal
import enum
import itertools
from typing import Any, Final

import msgspec

from framework import DeserializationError, FrameworkError, Message
from framework.message_parts import reason_of
from framework.terminal import escape

LINE: Final = 300
"""Characters of a value in a table."""
MOST_TEXT: Final = 20_000
"""Characters of one text in a tree."""
_ITEMS: Final = 500
"""Parts of one value in a tree."""
_PARTS: Final = 2_000
"""Parts of a tree in all: 250,000 made a page of 25 MB, and kept the other pages waiting for two seconds."""
_DEPTH: Final = 30
_NESTED: Final = 3
"""Levels of a value on one line."""
_BYTES: Final = 4_096
"""Bytes that are shown in hexadecimal."""
_ROW: Final = 16


@dataclasses.dataclass(frozen=True, slots=True)
class Node:
    """A value in a tree.

    Args:
        name: Its field, index or name; empty for the whole value.
        kind: Its type, such as `int` or `Flight`.
        text: The value; of a value with parts, how many there are.
        parts: Its parts.
        left_out: How many parts are not in the tree.
    """

    name: str
    kind: str
    text: str
    parts: tuple[Node, ...] = ()
    left_out: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """A part of a message: its value, or why there is none.

    Args:
        value: The value; None where it can't be read.
        reason: Why it can't be read, or None.
    """

    value: Any
    reason: str | None = None


def part_of(message: Message[Any], name: str) -> Part:
    """Return the payload, the key or the headers of a message, or why it can't be read.

    A schema registry that doesn't answer is an error: no other message could be read either.
    """
    try:
        return Part(getattr(message, name))
    except DeserializationError as error:
        cause = error.__cause__
        return Part(None, reason_of(cause) if isinstance(cause, Exception) else str(error))


def part_or_reason(message: Message[Any], name: str) -> Part:
    """Return the same for one message that is shown alone, whatever the reason is."""
    try:
        return part_of(message, name)
    except FrameworkError as error:
        return Part(None, str(error))


def line_of(message: Message[Any], first: cabc.Sequence[str] = ()) -> dict[str, Any]:
    """Return a message as a row of a table; all values are texts, whose digits no browser rounds.

    Args:
        message: The message.
        first: The fields of the payload that come first.
    """
    key, payload = part_of(message, "key"), part_of(message, "payload")
    timestamp = message.timestamp
    row: dict[str, Any] = {
        "partition": str(message.partition),
        "offset": str(message.offset),
        "time": "" if timestamp is None else time_text(timestamp),
        "key": cut(shown(key.value)) if message.raw_key is not None and key.reason is None else "",
    }
    if message.is_tombstone:
        return row | {"payload": "", "kind": "tombstone"}
    if payload.reason is not None:
        text = f"{payload.reason}: {bytes_text(message.raw_payload or b'')}"
        return row | {"payload": cut(text), "kind": "unreadable"}
    return row | {"payload": cut(_summary(payload.value, first=first)), "kind": "payload"}


def time_text(moment: datetime.datetime) -> str:
    """Return a moment in UTC: `2013-12-31 23:59:00.000Z`."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + "Z"


def tree(value: Any) -> Node:
    """Return a value with its parts; what is too long or too deep is cut, and says so."""
    return _tree(value, "", 0, iter(range(_PARTS)))


def _tree(value: Any, name: str, depth: int, budget: cabc.Iterator[int]) -> Node:
    kind = type(value).__name__
    fields = fields_of(value) if depth < _DEPTH else None
    if fields is None:
        return Node(name, kind, cut(shown(value), MOST_TEXT))
    # The budget comes second: zip() takes from it only for a part that is there.
    parts = tuple(
        _tree(part, cut(step), depth + 1, budget)
        for (step, part), _ in zip(itertools.islice(fields, _ITEMS), budget, strict=False)
    )
    text = f"{len(fields):,} {'part' if len(fields) == 1 else 'parts'}"
    return Node(name, kind, text, parts, left_out=len(fields) - len(parts))


def fields_of(value: Any) -> cabc.Sequence[tuple[str, Any]] | None:
    """Return the parts of a value with their names; None for a value without parts."""
    if isinstance(value, str | bytes | bytearray | enum.Enum) or value is None:
        return None
    if isinstance(value, cabc.Mapping):
        return [(str(name), part) for name, part in value.items()]
    if isinstance(value, cabc.Sequence | cabc.Set):
        return [(str(index), part) for index, part in enumerate(value)]
    if isinstance(value, msgspec.Struct):
        return [(name, getattr(value, name)) for name in value.__struct_fields__]
    if dataclasses.is_dataclass(value):
        return [(each.name, getattr(value, each.name)) for each in dataclasses.fields(value)]
    if isinstance(fields := getattr(type(value), "model_fields", None), cabc.Mapping):
        extra = getattr(value, "model_extra", None) or {}
        return [(name, getattr(value, name)) for name in [*fields, *extra]]
    return None


def shown(value: Any) -> str:
    """Return a value without parts as a text, and one with parts on one line."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray):
        return bytes_text(bytes(value))
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return value.isoformat()
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | float | decimal.Decimal | datetime.date | datetime.timedelta):
        return str(value)
    fields = fields_of(value)
    return str(value) if fields is None else _summary(value)


def _summary(value: Any, depth: int = 0, first: cabc.Sequence[str] = ()) -> str:
    """Return a value on one line, as long as a row of a table needs it: `carrier=B6 dest=PSE`."""
    fields = fields_of(value)
    if fields is None:
        return shown(value)
    is_list = isinstance(value, cabc.Sequence | cabc.Set)
    texts, length = [], 0
    if first:
        fields = sorted(fields, key=lambda each: first.index(each[0]) if each[0] in first else len(first))
    for name, part in fields:
        if fields_of(part) is None:
            text = shown(part)
        else:
            text = f"{{{_summary(part, depth + 1)}}}" if depth < _NESTED else "{…}"
        texts.append(text if is_list else f"{name}={text}")
        length += len(texts[-1])
        if length > LINE:
            break
    return (", " if is_list else "  ").join(texts)


def bytes_text(data: bytes) -> str:
    """Return bytes as text where they are UTF-8, and in hexadecimal otherwise."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data[:LINE].hex(" ")


def hex_rows(data: bytes) -> list[tuple[str, str, str]]:
    """Return rows of 16 bytes: the offset, the bytes in hexadecimal, and their ASCII."""
    rows = []
    for start in range(0, min(len(data), _BYTES), _ROW):
        row = data[start : min(start + _ROW, _BYTES)]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        rows.append((f"{start:06x}", row.hex(" "), text))
    return rows


def is_cut(data: bytes) -> bool:
    """Whether `hex_rows` leaves bytes out."""
    return len(data) > _BYTES


def cut(text: str, length: int = LINE) -> str:
    """Return a text that is not too long, in which control characters and marks of direction are visible."""
    return escape(text) if len(text) <= length else f"{escape(text[:length])}…"


def cut_lines(text: str, length: int) -> str:
    """Return a text of several lines that is not too long, as `cut` does."""
    shown_lines = "\n".join(map(escape, text[:length].splitlines()))
    return shown_lines if len(text) <= length else f"{shown_lines}…"


def plain(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON has it; what JSON doesn't have is its text."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    fields = fields_of(value) if depth < _DEPTH else None
    if fields is None:
        return shown(value)
    parts = [(name, plain(part, depth + 1)) for name, part in fields]
    return [part for _, part in parts] if isinstance(value, cabc.Sequence | cabc.Set) else dict(parts)
