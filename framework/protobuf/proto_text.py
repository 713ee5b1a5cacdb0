"""Write a file descriptor as .proto text, so that text can import it.

protoc reads what a text imports as text only. Names, types and numbers are written, which is all that a file
needs of what it imports; options are left out. Bytes are parsed by the descriptor itself.
"""

from __future__ import annotations

import collections.abc as cabc
import itertools
import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import (
        DescriptorProto,
        EnumDescriptorProto,
        FieldDescriptorProto,
        FileDescriptorProto,
    )

_MAX_FIELD_NUMBER: Final = 536_870_911


def proto_text(file: FileDescriptorProto) -> str:
    """Return .proto text that declares the messages, enums and extensions of the file."""
    return "\n".join(_Writer(file).lines())


class _Writer:
    def __init__(self, file: FileDescriptorProto) -> None:
        self._file = file
        self._syntax = file.syntax or "proto2"

    def lines(self) -> cabc.Iterator[str]:
        file = self._file
        if self._syntax == "editions":
            # Whatever the file's edition: later ones hide nested types and check the style of names.
            yield 'edition = "2023";'
            if file.options.features.HasField("enum_type"):
                yield f"option features.enum_type = {_enum_type(file.options)};"
        else:
            yield f"syntax = {_quoted(self._syntax)};"
        if file.package:
            yield f"package {file.package};"
        for position, name in enumerate(file.dependency):
            public = "public " if position in file.public_dependency else ""
            yield f"import {public}{_quoted(name)};"
        yield from itertools.chain.from_iterable(map(self._enum, file.enum_type))
        for message in file.message_type:
            yield from self._message(message, f".{file.package}" if file.package else "")
        yield from self._extensions(file.extension)

    def _message(self, message: DescriptorProto, scope: str) -> cabc.Iterator[str]:
        scope = f"{scope}.{message.name}"
        entries = {f"{scope}.{each.name}": each for each in message.nested_type if each.options.map_entry}
        yield f"message {message.name} {{"
        yield from itertools.chain.from_iterable(map(self._enum, message.enum_type))
        for nested in message.nested_type:
            if not nested.options.map_entry:
                yield from self._message(nested, scope)
        yield from self._fields(message, entries)
        for extended in message.extension_range:
            last = "max" if extended.end > _MAX_FIELD_NUMBER else extended.end - 1
            yield f"extensions {extended.start} to {last};"
        yield from self._extensions(message.extension)
        yield "}"

    def _fields(
        self, message: DescriptorProto, entries: cabc.Mapping[str, DescriptorProto]
    ) -> cabc.Iterator[str]:
        members: dict[int, list[FieldDescriptorProto]] = {}
        for field in message.field:
            entry = entries.get(field.type_name)
            if entry is not None:
                key, value = map(_type, entry.field)
                yield f"map<{key}, {value}> {field.name} = {field.number}{_json_name(field)};"
            elif field.HasField("oneof_index") and not field.proto3_optional:
                members.setdefault(field.oneof_index, []).append(field)
            else:
                yield f"{self._label(field)}{_declaration(field)}"
        for position, fields in members.items():
            yield f"oneof {message.oneof_decl[position].name} {{"
            yield from map(_declaration, fields)
            yield "}"

    def _label(self, field: FieldDescriptorProto) -> str:
        if field.label == field.LABEL_REPEATED:
            return "repeated "
        return "optional " if self._syntax == "proto2" or field.proto3_optional else ""

    def _extensions(self, fields: cabc.Iterable[FieldDescriptorProto]) -> cabc.Iterator[str]:
        for field in fields:
            yield f"extend {field.extendee} {{ {self._label(field)}{_declaration(field)} }}"

    def _enum(self, enum: EnumDescriptorProto) -> cabc.Iterator[str]:
        yield f"enum {enum.name} {{"
        if enum.options.allow_alias:
            yield "option allow_alias = true;"
        if enum.options.features.HasField("enum_type"):
            yield f"option features.enum_type = {_enum_type(enum.options)};"
        yield from (f"{value.name} = {value.number};" for value in enum.value)
        yield "}"


def _declaration(field: FieldDescriptorProto) -> str:
    return f"{_type(field)} {field.name} = {field.number}{_json_name(field)};"


def _type(field: FieldDescriptorProto) -> str:
    # A group is a message of the same name; only in bytes does it look different.
    scalar: str = field.Type.Name(field.type)
    return field.type_name or scalar.removeprefix("TYPE_").lower()


def _json_name(field: FieldDescriptorProto) -> str:
    # Without it, names that differ in case only could conflict where the schema says they don't.
    if not field.json_name or field.extendee:
        return ""
    return f" [json_name = {_quoted(field.json_name)}]"


def _enum_type(options: Any) -> str:
    name: str = options.features.EnumType.Name(options.features.enum_type)
    return name


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
