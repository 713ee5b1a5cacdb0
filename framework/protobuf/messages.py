"""Parse bytes into a message."""

from __future__ import annotations

import collections.abc as cabc
import functools
from typing import TYPE_CHECKING, Any, TypeVar, cast

from framework.protobuf.errors import ProtobufDecodeError
from framework.protobuf.index import read_index

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message

M = TypeVar("M", bound="Message")


def parse(cls: type[M], data: bytes) -> M:
    """Parse all of the bytes as a message of this class; other bytes are a ProtobufDecodeError."""
    try:
        message: M = cls.FromString(data)
    except _decode_error() as error:  # called only when there is an error
        raise ProtobufDecodeError(f"the bytes are cut or not of {_descriptor(cls).full_name}") from error
    return message


def index_of(cls: type[Message]) -> tuple[int, ...]:
    """Return the message index of a class in its file: (1, 0) is the first message nested in the second one.

    The messages that protoc adds for maps are counted, as Confluent's serializers do.
    """
    return _index_of(_descriptor(cls), lambda _: True)


def check_index(cls: type[Message], index: tuple[int, ...]) -> None:
    """Raise a ProtobufDecodeError unless this is the message index of the class.

    Writers that read the schema's text don't count the messages that protoc adds for maps: their index is
    accepted, too.
    """
    if index not in _accepted(_descriptor(cls)):
        expected = list(index_of(cls))
        name = _descriptor(cls).full_name
        raise ProtobufDecodeError(f"message index {list(index)} is not that of {name}, {expected}")


def indexed_parser(cls: type[M], expected: tuple[int, ...] | None = None) -> cabc.Callable[[bytes, int], M]:
    """Return what parses a message of this class that follows its message index.

    Args:
        cls: the class.
        expected: `index_of(cls)`, to refuse other indexes as `check_index` does; None accepts any.
    """
    from_string = cls.FromString
    is_checked = expected is not None
    # The end of a list that is the single byte 0 is known without reading it.
    is_first = not is_checked or (0,) in _accepted(_descriptor(cls))

    def parse_after_index(data: bytes, start: int) -> M:
        # Without calls, which take as long as the parsing of a short message. Nearly always it is the first.
        if is_first and data[start : start + 1] == b"\0":
            start += 1
        else:
            index, start = read_index(data, start)
            if is_checked:
                check_index(cls, index)
        try:
            return from_string(data[start:])
        except Exception:
            return parse(cls, data[start:])  # fails again, with the right error

    return parse_after_index


@functools.lru_cache(maxsize=256)
def _accepted(descriptor: Descriptor) -> frozenset[tuple[int, ...]]:
    return frozenset((_index_of(descriptor, lambda _: True), _index_of(descriptor, _is_declared)))


def _index_of(descriptor: Descriptor, is_counted: cabc.Callable[[Descriptor], bool]) -> tuple[int, ...]:
    path: list[int] = []
    message: Any = descriptor
    while message is not None:
        parent = message.containing_type
        neighbours = parent.nested_types if parent else message.file.message_types_by_name.values()
        path.append([each for each in neighbours if each is message or is_counted(each)].index(message))
        message = parent
    return tuple(reversed(path))


def _is_declared(descriptor: Descriptor) -> bool:
    return not descriptor.GetOptions().map_entry


def _descriptor(cls: type[Message]) -> Descriptor:
    # Of the class: a message may have a field called DESCRIPTOR.
    found: Any = cls.DESCRIPTOR
    return cast("Descriptor", found)


def _decode_error() -> type[Exception]:
    # An import statement in the function above would take as long as the parsing of a short message.
    from google.protobuf.message import DecodeError

    error: type[Exception] = DecodeError
    return error
