"""Parse bytes into a message."""

from __future__ import annotations

import collections.abc as cabc
from typing import TYPE_CHECKING, TypeVar

from framework.protobuf.errors import ProtobufDecodeError
from framework.protobuf.index import read_index

if TYPE_CHECKING:
    from google.protobuf.message import Message

M = TypeVar("M", bound="Message")


def parse(cls: type[M], data: bytes) -> M:
    """Parse all of the bytes as a message of this class; other bytes are a ProtobufDecodeError."""
    try:
        message: M = cls.FromString(data)
    except _decode_error() as error:  # called only when there is an error
        raise ProtobufDecodeError(f"the bytes are cut or not of {cls.DESCRIPTOR.full_name}") from error
    return message


def indexed_parser(cls: type[M]) -> cabc.Callable[[bytes, int], M]:
    """Return what parses a message of this class that follows its message index, whatever the index is."""
    from_string = cls.FromString

    def parse_after_index(data: bytes, start: int) -> M:
        # Without calls, which take as long as the parsing of a short message. Nearly always it is the first.
        start = start + 1 if data[start : start + 1] == b"\0" else read_index(data, start)[1]
        try:
            return from_string(data[start:])
        except Exception:
            return parse(cls, data[start:])  # fails again, with the right error

    return parse_after_index


def _decode_error() -> type[Exception]:
    # An import statement in the function above would take as long as the parsing of a short message.
    from google.protobuf.message import DecodeError

    error: type[Exception] = DecodeError
    return error
