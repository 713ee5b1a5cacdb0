"""The files of a schema, found by the names under which they are imported."""

from __future__ import annotations

import collections.abc as cabc
import copy
from typing import TYPE_CHECKING, Self

from framework.protobuf.compiler import Compiler, missing_import
from framework.protobuf.descriptors import read_descriptor
from framework.protobuf.errors import ProtobufSchemaError
from framework.protobuf.known_files import PROTOBUF_FOLDER, known_file

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto


class SchemaFiles:
    """Finds the descriptor of a file by the name under which it is imported.

    Use it with `with`, which removes what was written for protoc.
    """

    def __init__(self, text: str, references: cabc.Iterable[tuple[str, str]]) -> None:
        texts = {name: referenced for name, referenced in references if not _is_of_protobuf(name)}
        descriptor = read_descriptor(text, "the schema")
        main = (descriptor.name if descriptor is not None else "") or "schema.proto"
        while main in texts:
            main = f"main_{main}"  # imports use the names of the references
        texts[main] = text
        self._main = main
        self._found: dict[str, FileDescriptorProto] = {}
        self._other_names: dict[str, str] = {}
        proto_texts = {name: text for name, text in texts.items() if not self._add_descriptor(name, text)}
        self._compiler = Compiler(proto_texts, main, self._find_descriptor)

    def _add_descriptor(self, name: str, text: str) -> bool:
        descriptor = read_descriptor(text, "the schema" if name == self._main else name)
        if descriptor is None:
            return False
        if name != self._main:
            self._other_names.setdefault(descriptor.name, name)
        descriptor.name = name
        self._found[name] = descriptor
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._compiler.close()

    def in_order(self) -> list[FileDescriptorProto]:
        """Return the descriptors of the schema's own file and all that it needs, each after its imports."""
        in_order: dict[str, FileDescriptorProto] = {}
        self._visit(self._main, (), in_order)
        return list(in_order.values())

    def _visit(self, name: str, importers: tuple[str, ...], in_order: dict[str, FileDescriptorProto]) -> None:
        if name in in_order:
            return
        if name in importers:
            path = " -> ".join((*importers, name))
            raise ProtobufSchemaError(f"the schema's imports form a cycle: {path}")
        file = self._find(name, importers[-1] if importers else None)
        for dependency in file.dependency:
            self._visit(dependency, (*importers, name), in_order)
        in_order[name] = file

    def _find(self, name: str, importer: str | None) -> FileDescriptorProto:
        found = self._found.get(name)
        # protoc comes with some files of protobuf that Python has no module for.
        if found is None and (name in self._compiler.texts or name.startswith(PROTOBUF_FOLDER)):
            found = known_file(name) if _is_of_protobuf(name) else self._compile(name)
        if found is None:
            found = self._find_descriptor(name)
        if found is None:
            raise missing_import(name, "the schema" if importer == self._main else importer)
        self._found[name] = found
        return found

    def _compile(self, name: str) -> FileDescriptorProto:
        *imported, compiled = self._compiler.compile(name)
        for each in imported:
            # Not to be compiled again with all that it imports. Files without a text have their descriptor.
            if each.name in self._compiler.texts:
                self._found.setdefault(each.name, each)
        return compiled

    def _find_descriptor(self, name: str) -> FileDescriptorProto | None:
        found = self._found.get(name) or known_file(name)
        if found is None and name in self._other_names:
            # The registry has it under another name than the one in the descriptor, by which it is imported.
            found = copy.deepcopy(self._found[self._other_names[name]])
            found.name = name
        return found


def _is_of_protobuf(name: str) -> bool:
    return name.startswith(PROTOBUF_FOLDER) and known_file(name) is not None
