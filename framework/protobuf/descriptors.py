"""Read file descriptors from base64, and check what protobuf doesn't."""

from __future__ import annotations

import base64
import binascii
import collections.abc as cabc
import re
from typing import TYPE_CHECKING, Any, Final

from framework.protobuf.errors import ProtobufSchemaError

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

# .proto text that says anything has a semicolon or a brace.
_BASE64: Final = re.compile(r"[A-Za-z0-9+/\s]+=*\s*")


def read_descriptor(text: str, name: str) -> FileDescriptorProto | None:
    """Return the descriptor if the text is base64, None if it is .proto text."""
    from google.protobuf.descriptor_pb2 import FileDescriptorProto
    from google.protobuf.message import DecodeError

    if not _BASE64.fullmatch(text) or not text.strip():
        return None
    try:
        found = FileDescriptorProto.FromString(base64.b64decode("".join(text.split()), validate=True))
    except UnicodeDecodeError:  # from protobuf's implementation in Python; the other one reads it
        found = None
    except (binascii.Error, DecodeError) as error:
        reason = f"{name} is neither .proto text nor the base64 of a file descriptor"
        raise ProtobufSchemaError(reason) from error
    if found is None or not _is_utf8(found):
        raise ProtobufSchemaError(f"the descriptor of {name} is invalid: a name is not UTF-8")
    if not _are_maps_valid(found.message_type):
        raise ProtobufSchemaError(f"the descriptor of {name} is invalid: a map has no key or no value")
    return found


def _is_utf8(message: Any) -> bool:
    # protobuf gives bytes, or an error, where the text of a descriptor isn't UTF-8.
    try:
        for field, value in message.ListFields():
            if field.is_extension:
                continue  # an option of a file that the program has imported
            values = value if field.is_repeated else (value,)
            if field.message_type is not None:
                if not all(map(_is_utf8, values)):
                    return False
            elif field.type == field.TYPE_STRING and not all(isinstance(each, str) for each in values):
                return False
    except UnicodeDecodeError:
        return False
    return True


def _are_maps_valid(messages: cabc.Iterable[DescriptorProto]) -> bool:
    for message in messages:
        fields = sorted(
            (each.name, each.number) for each in message.field if each.label != each.LABEL_REPEATED
        )
        if message.options.map_entry and fields != [("key", 1), ("value", 2)]:
            return False
        if not _are_maps_valid(message.nested_type):
            return False
    return True
