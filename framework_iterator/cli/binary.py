"""Show bytes that no deserializer has made a value of: what they are, and as many as fit."""

from __future__ import annotations

from typing import Final

from framework.terminal import escape
from framework_iterator.cli.markers import EMPTY

_KINDS: Final = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\x82SNAPPY\x00", "snappy"),  # the header of Xerial's library, which Kafka's Java clients use
)
_ENOUGH: Final = 8
"""Columns of bytes that are worth more than their length."""
_SAMPLE: Final = 1000
"""Bytes that decide whether all of them are text."""


def describe(data: bytes, columns: int | None = None) -> str:
    """Return bytes as `(24 bytes) 00ff8b…`, or as escaped text where most of them are printable.

    Args:
        data: The bytes.
        columns: How many columns there are; the text may be longer, but it is not made of megabytes. In few
            columns the bytes themselves come before their number.
    """
    if not data:
        return EMPTY
    kind = kind_of(data)
    size = "1 byte" if len(data) == 1 else f"{len(data):,} bytes"
    label = f"({kind}, {size}) " if kind else f"({size}) "
    shown = data if columns is None else data[: 4 * max(columns, 0)]  # a character has at most 4 bytes
    text = shown.hex() if kind else _text(shown) or shown.hex()
    if columns is not None and not kind and len(label) + min(_ENOUGH, len(text)) > columns:
        return text
    return label + text


def kind_of(data: bytes) -> str | None:
    """Return the format that bytes are compressed with, by their first bytes; None where it is unknown."""
    return next((kind for magic, kind in _KINDS if data.startswith(magic)), None)


def _text(data: bytes) -> str | None:
    """Return bytes as escaped text, or None where too few are printable."""
    if data.startswith(b"\x00"):
        return None  # no text begins so, but binary formats do, and their strings may be most of them
    sample = data[:_SAMPLE].decode(errors="surrogateescape")
    printable = sum(character.isprintable() or character in "\t\r\n" for character in sample)
    if printable * 4 < len(sample) * 3:
        return None
    return escape(data.decode(errors="backslashreplace"))
