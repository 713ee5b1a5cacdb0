"""Find the serialized descriptor in the source of a generated Python module."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from framework.protobuf.errors import ProtobufSchemaError

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

# Not the ast module: in Python 3.11 it fails when two threads parse at the same time.
_SERIALIZED: Final = re.compile(
    r"""AddSerializedFile\( \s* b (?: '((?:[^'\\]|\\.)*)' | "((?:[^"\\]|\\.)*)" ) \s* \)""", re.VERBOSE
)


def descriptor_in_module(source: str) -> FileDescriptorProto:
    """Return the descriptor that a generated module registers, without running the module.

    To run it would register the file in protobuf's default pool, where it might collide with another one.
    """
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    found = _SERIALIZED.search(source)
    if found is None:
        raise ProtobufSchemaError("the generated module has no file descriptor: unknown version of protoc")
    # The generator escapes as C does: to text of one character per byte.
    return FileDescriptorProto.FromString(
        (found[1] or found[2]).encode().decode("unicode_escape").encode("latin-1")
    )
