"""Compile .proto text with protoc, within this process.

grpcio-tools holds protoc as a library. Its command writes errors to the process's stderr, where the caller
can't read them; the function by which grpc imports .proto files raises them instead, each with its line. It
returns the source of Python modules, and each module contains the serialized descriptor of its file.
"""

from __future__ import annotations

import collections.abc as cabc
import json
import pathlib
import re
import warnings
from typing import TYPE_CHECKING, Any, Final

from framework.protobuf.errors import ProtobufSchemaError, ProtobufSetupError
from framework.protobuf.module_source import descriptor_in_module
from framework.protobuf.proto_text import proto_text
from framework.protobuf.source_folder import SourceFolder

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

_MAX_ERRORS: Final = 3  # the others often follow from the first
_COMMENTS: Final = re.compile(r"(\s|//[^\n]*(\n|$)|/\*.*?\*/)*", re.DOTALL)
_VERSION: Final = re.compile(r"(syntax|edition)\b")
_NOT_FOUND: Final = re.compile(r'Import "(.*)" was not found or had errors\.')


class Compiler:
    """Compiles texts that import each other, and files of which only the descriptor is known.

    Close it after use. Threads may each have one: protoc shares nothing between calls, and holds the GIL.

    Args:
        texts: .proto text by import name.
        main: the name of the schema's own file, which errors call "the schema".
        find_descriptor: returns the descriptor of an imported file that has no text, None if there is none.
    """

    def __init__(
        self,
        texts: cabc.Mapping[str, str],
        main: str,
        find_descriptor: cabc.Callable[[str], FileDescriptorProto | None],
    ) -> None:
        self.texts = texts
        self._main = main
        self._find_descriptor = find_descriptor
        self._folder: SourceFolder | None = None

    def close(self) -> None:
        """Remove the temporary folder."""
        if self._folder is not None:
            self._folder.close()
            self._folder = None

    def compile(self, name: str) -> list[FileDescriptorProto]:
        """Return the descriptors of a file and of all that it imports, the file's own last.

        Errors in any of them are a ProtobufSchemaError.
        """
        protoc, include = _load_protoc()
        folder = self._open_folder()
        folders = [folder.path.encode(), include.encode()]
        # protoc's warnings are for those who write the schema.
        warnings.simplefilter("ignore", protoc.ProtocWarning)
        while True:
            try:
                modules = protoc.get_protos(name.encode("utf-8", "replace"), folders)
            except protoc.ProtocErrors as error:
                # Each round writes files that were missing, or raises.
                self._write_missing(folder, error.args[0], error)
            else:
                return [descriptor_in_module(source.decode()) for _, source in modules]

    def _open_folder(self) -> SourceFolder:
        if self._folder is None:
            self._folder = SourceFolder()
            for name, text in self.texts.items():
                self._folder.write(name, _with_version(text), self._name(name))
        return self._folder

    def _write_missing(self, folder: SourceFolder, errors: list[Any], cause: Exception) -> None:
        missing = [_text(each.filename) for each in errors if _is_missing(each)]
        if not missing:
            # The errors of what is imported come first; those of the importing file follow from them.
            direct = [each for each in errors if not _NOT_FOUND.fullmatch(_text(each.message))] or errors
            reasons = [self._describe(each) for each in direct if each.filename == direct[0].filename]
            raise ProtobufSchemaError("; ".join(reasons[:_MAX_ERRORS])) from cause
        for name in missing:
            descriptor = self._find_descriptor(name)
            if descriptor is None or name in folder:
                raise missing_import(name, self._importer(name, errors)) from cause
            try:
                text = proto_text(descriptor)
            except (LookupError, ValueError) as error:
                raise ProtobufSchemaError(f"the descriptor of {name} is invalid: {error}") from error
            folder.write(name, text, self._name(name))

    def _importer(self, name: str, errors: list[Any]) -> str:
        for each in errors:
            match = _NOT_FOUND.fullmatch(_text(each.message))
            if match and match[1] == name:
                return self._name(_text(each.filename))
        return "the schema"

    def _describe(self, error: Any) -> str:
        place = self._name(_text(error.filename))
        if error.line >= 0:
            place += f", line {error.line + 1}"
        return f"{place}: {_text(error.message).rstrip('.')}"

    def _name(self, name: str) -> str:
        return "the schema" if name == self._main else name


def missing_import(name: str, importer: str | None) -> ProtobufSchemaError:
    """Return the error for an import that is nowhere."""
    quoted = json.dumps(name, ensure_ascii=False)  # a name may be anything
    return ProtobufSchemaError(f"{importer} imports {quoted}, which isn't among the references")


def _load_protoc() -> tuple[Any, str]:
    """Return protoc and the folder of the files that come with it."""
    try:
        # Not grpc_tools.protoc: to import that changes sys.path and sys.meta_path.
        import grpc_tools
        from grpc_tools import _protoc_compiler  # type: ignore[attr-defined, unused-ignore]
    except ImportError as error:
        raise ProtobufSetupError(
            "grpcio-tools, which compiles .proto text, is not installed: "
            'pip install "framework-iterator[protobuf]"'
        ) from error
    return _protoc_compiler, str(pathlib.Path(grpc_tools.__path__[0], "_proto"))


def _with_version(text: str) -> str:
    # Without a version protoc takes proto2 and says so on stderr. On the same line: line numbers stay.
    text = text.removeprefix("\ufeff")
    start = _COMMENTS.match(text)
    if start and _VERSION.match(text, start.end()):
        return text
    return f'syntax = "proto2"; {text}'


def _is_missing(error: Any) -> bool:
    return bool(error.line < 0 and error.message == b"File not found.")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
