"""Parse bytes into a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from framework.protobuf.errors import ProtobufDecodeError

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


def _decode_error() -> type[Exception]:
    # An import statement in the function above would take as long as the parsing of a short message.
    from google.protobuf.message import DecodeError

    error: type[Exception] = DecodeError
    return error
