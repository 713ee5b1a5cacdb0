"""Files of Confluent's tools, which schemas import without having them among their references.

Only the names, numbers and types of the fields are needed.
"""

from __future__ import annotations

import collections.abc as cabc
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

# What Meta annotates: the name of the extension, and of the options that it extends.
_ANNOTATED: Final = {
    "file_meta": "FileOptions",
    "message_meta": "MessageOptions",
    "field_meta": "FieldOptions",
    "enum_meta": "EnumOptions",
    "enum_value_meta": "EnumValueOptions",
}
_META_NUMBER: Final = 1088


def confluent_file(name: str) -> FileDescriptorProto | None:
    """Return the descriptor of a file by its import name; None if it isn't one of Confluent's."""
    build = _FILES.get(name)
    return build(name) if build else None


def _meta(name: str) -> FileDescriptorProto:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    entry: Any = _message("ParamsEntry", _field("key", 1), _field("value", 2), options={"map_entry": True})
    meta: Any = _message(
        "Meta",
        _field("doc", 1),
        _field("params", 2, ".confluent.Meta.ParamsEntry", label="LABEL_REPEATED"),
        _field("tags", 3, label="LABEL_REPEATED"),
        _field("rules", 4, ".confluent.Rule", label="LABEL_REPEATED"),
        nested_type=[entry],
    )
    rule: Any = _message("Rule", _field("name", 1), _field("doc", 2), _field("expr", 3), _field("sql", 4))
    extensions: list[Any] = [
        _field(extension, _META_NUMBER, ".confluent.Meta", extendee=f".google.protobuf.{options}")
        for extension, options in _ANNOTATED.items()
    ]
    return FileDescriptorProto(
        name=name,
        package="confluent",
        syntax="proto3",
        dependency=["google/protobuf/descriptor.proto"],
        message_type=[meta, rule],
        extension=extensions,
    )


def _decimal(name: str) -> FileDescriptorProto:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    message: Any = _message(
        "Decimal",
        _field("value", 1, type="TYPE_BYTES"),
        _field("precision", 2, type="TYPE_UINT32"),
        _field("scale", 3, type="TYPE_INT32"),
    )
    return FileDescriptorProto(name=name, package="confluent.type", syntax="proto3", message_type=[message])


def _old_decimal(name: str) -> FileDescriptorProto:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    dependency = ["confluent/type/decimal.proto"]
    return FileDescriptorProto(name=name, syntax="proto3", dependency=dependency, public_dependency=[0])


def _message(name: str, *fields: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"name": name, "field": fields, **others}


def _field(name: str, number: int, type_name: str = "", **others: str) -> dict[str, Any]:
    """Return a field of text, or of the message that is named."""
    kind = {"type": "TYPE_MESSAGE", "type_name": type_name} if type_name else {"type": "TYPE_STRING"}
    return {"name": name, "number": number, "label": "LABEL_OPTIONAL", **kind, **others}


_FILES: Final[dict[str, cabc.Callable[[str], FileDescriptorProto]]] = {
    "confluent/meta.proto": _meta,
    "confluent/type/decimal.proto": _decimal,
    "confluent/types/decimal.proto": _old_decimal,
}
