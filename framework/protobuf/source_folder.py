"""A temporary folder of .proto files, which protoc reads."""

from __future__ import annotations

import pathlib
import re
import tempfile
from typing import Final

from framework.protobuf.errors import ProtobufSchemaError, ProtobufSetupError

# protoc itself allows 32 levels of messages, but a deep value of an option overflows its stack.
_MAX_NESTING: Final = 100
# Strings and comments match too, up to where protoc takes them to end: the brackets in them don't count, and
# nothing is searched twice.
_BRACKET: Final = re.compile(
    r"""
    "(?:\\[^\n]|[^"\\\n])*"? | '(?:\\[^\n]|[^'\\\n])*'? | //[^\n]* | /\*.*?(?:\*/|\Z)
    | ([{[<(]) | ([]}>)])
    """,
    re.DOTALL | re.VERBOSE,
)
_OPENING: Final = {"}": "{", "]": "[", ">": "<", ")": "("}


class SourceFolder:
    """Holds files by their import names, until it is closed."""

    def __init__(self) -> None:
        try:
            self._folder = tempfile.TemporaryDirectory(prefix="framework-protobuf-")
        except OSError as error:
            raise ProtobufSetupError(f".proto text is compiled in a temporary folder: {error}") from error
        self._names: set[str] = set()

    @property
    def path(self) -> str:
        """Where the files are."""
        return self._folder.name

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def write(self, name: str, text: str, title: str) -> None:
        """Write a file; a name that leads out of the folder, or hostile text, is a ProtobufSchemaError.

        Args:
            name: the import name.
            text: the .proto text.
            title: what errors call the file.
        """
        pure = pathlib.PurePosixPath(name)
        if not name or pure.is_absolute() or ".." in pure.parts or "\\" in name or "\0" in name:
            raise ProtobufSchemaError(f"the import name {name!r} is invalid: expected a relative path")
        if _is_too_deep(text):
            raise ProtobufSchemaError(f"{title} nests blocks deeper than {_MAX_NESTING} levels")
        path = pathlib.Path(self.path, pure)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", errors="replace")
        except OSError as error:  # too long, or both a file and a folder
            reason = error.strerror or str(error)
            raise ProtobufSchemaError(f"the import name {name!r} is invalid: {reason}") from error
        self._names.add(name)

    def close(self) -> None:
        """Remove the folder."""
        self._folder.cleanup()


def _is_too_deep(text: str) -> bool:
    depths = dict.fromkeys(_OPENING.values(), 0)
    for match in _BRACKET.finditer(text):
        opening, closing = match.groups()  # neither in a string or a comment
        if opening:
            depths[opening] += 1
            if depths[opening] > _MAX_NESTING:
                return True
        elif closing:
            depths[_OPENING[closing]] = max(0, depths[_OPENING[closing]] - 1)
    return False
