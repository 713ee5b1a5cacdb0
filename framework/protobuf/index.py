"""The message index list: which message of a schema the bytes hold."""

from __future__ import annotations

from typing import Final

from framework.protobuf.errors import ProtobufDecodeError

# Deeper than any schema nests its messages; a count above it is not the start of a list.
_MAX_LENGTH: Final = 64
# What fits in 32 bits, which is what writers use.
_MAX_VARINT_BYTES: Final = 5
_MAX_NUMBER: Final = 2**32 - 1
_FIRST: Final = (0,)


def read_index(data: bytes, start: int) -> tuple[tuple[int, ...], int]:
    """Read the message index list of Confluent's Protobuf framing.

    It begins at `start`, behind the schema id, or at 0 where the header holds the schema id. It is a count
    and that many indexes, each a zigzag varint; a single 0 means the first message. A varint that is longer
    than its number needs is an error, so that an index has few spellings, and decoders can be kept by them.

    Returns:
        The path to the message, such as (1, 0) for the first message nested in the second one of the schema,
        and where the message itself begins.
    """
    if data[start : start + 1] == b"\0":  # nearly always
        return _FIRST, start + 1
    length, position = _read_zigzag(data, start)
    if not 0 <= length <= _MAX_LENGTH:
        raise ProtobufDecodeError(f"the message index list has length {length}: expected 0 to {_MAX_LENGTH}")
    path: list[int] = []
    for _ in range(length):
        index, position = _read_zigzag(data, position)
        if index < 0:
            raise ProtobufDecodeError(f"the message index list has a negative index, {index}")
        path.append(index)
    return tuple(path) or _FIRST, position


def _read_zigzag(data: bytes, start: int) -> tuple[int, int]:
    number = 0
    for count in range(_MAX_VARINT_BYTES):
        if start + count >= len(data):
            raise ProtobufDecodeError("the message index list is cut")
        byte = data[start + count]
        number |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            if count and not byte:
                raise ProtobufDecodeError("the message index list has a number with needless bytes")
            if number > _MAX_NUMBER:
                break
            return (number >> 1) ^ -(number & 1), start + count + 1
    raise ProtobufDecodeError("the message index list has a number of more than 32 bits")
