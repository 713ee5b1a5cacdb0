"""The columns of Protobuf's message types. Pure; protobuf is imported where there are messages."""

from __future__ import annotations

from typing import Any, Final

from framework.protobuf.converter import is_map
from framework.protobuf.known_types import known_converter
from framework_iterator.columns import kinds, trees
from framework_iterator.columns.trees import Tree

# Of descriptor_pb2.FieldDescriptorProto.
_BYTES_TYPE: Final = 12
# By the numbers of FieldDescriptor.CPPTYPE: int32 to string.
_TYPES: Final = {
    1: kinds.INT,
    2: kinds.INT,
    3: kinds.INT,
    4: kinds.UINT,
    5: kinds.FLOAT,
    6: kinds.FLOAT,
    7: kinds.BOOL,
    8: kinds.TEXT_OF,  # an enum's name; the number where the schema has none
    9: kinds.TEXT,
}
_KNOWN: Final[dict[str, Tree]] = {
    "confluent.type.Decimal": kinds.TEXT_OF,
    "google.protobuf.Duration": kinds.DURATION,
    "google.protobuf.FieldMask": trees.Many(kinds.TEXT),
    "google.protobuf.Timestamp": kinds.MOMENT,
    "google.protobuf.DoubleValue": kinds.FLOAT,
    "google.protobuf.FloatValue": kinds.FLOAT,
    "google.protobuf.Int64Value": kinds.INT,
    "google.protobuf.UInt64Value": kinds.UINT,
    "google.protobuf.Int32Value": kinds.INT,
    "google.protobuf.UInt32Value": kinds.INT,
    "google.protobuf.BoolValue": kinds.BOOL,
    "google.protobuf.StringValue": kinds.TEXT,
    "google.protobuf.BytesValue": kinds.BYTES,
}
"""Well-known types whose values have one type; the others are JSON text."""


def protobuf_tree(descriptor: Any) -> Tree:
    """Return what the dicts of messages of a type are, or the values of a well-known type."""
    return _message(descriptor, ())


def plain(payload: Any) -> Any:
    """Return the dict of a message; what is none stays as it is."""
    if not hasattr(payload, "DESCRIPTOR"):
        return payload
    from framework.protobuf import dict_converter

    return dict_converter(type(payload).DESCRIPTOR)(payload)  # a field may have this name


def _message(descriptor: Any, within: tuple[Any, ...]) -> Tree:
    if known_converter(descriptor) is not None:
        return _KNOWN.get(descriptor.full_name, kinds.JSON)
    # Extensions have names of their own.
    if descriptor in within or (within and descriptor.is_extendable):
        return kinds.JSON
    return trees.Record({each.name: _field(each, (*within, descriptor)) for each in descriptor.fields})


def _field(field: Any, within: tuple[Any, ...]) -> Tree:
    if is_map(field):
        return kinds.JSON
    if field.message_type is not None:
        one = _message(field.message_type, within)
    else:
        one = kinds.BYTES if field.type == _BYTES_TYPE else _TYPES[field.cpp_type]
    return trees.Many(one) if field.is_repeated else one
