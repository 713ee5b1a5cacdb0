"""Collects the lines of a generated decoder."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
from typing import Any, NamedTuple


class Item(NamedTuple):
    """A part of a path that is known only when the decoder runs: an index or a key.

    `variable` is the list that the items are added to, or the key. It is empty for what is skipped.
    """

    variable: str
    is_key: bool = False


Path = tuple[str | Item, ...]


class Code:
    """Lines of source code; each knows which field it belongs to, so that the decoder itself keeps no path.

    Nothing of a schema gets into the source but by `constant` and by the repr of a str or an int.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.places: list[Path] = [()]  # by line number, which begins at 1
        self.constants: dict[str, Any] = {}
        self._indent = 0
        self._path: list[str | Item] = []
        self._variables = 0

    def add(self, *lines: str) -> None:
        """Add lines; within a line, leading spaces indent it further."""
        for line in lines:
            self.lines.append("    " * self._indent + line)
            self.places.append(tuple(self._path))

    @contextlib.contextmanager
    def block(self, header: str) -> cabc.Iterator[None]:
        """Indent what is added within, below this line."""
        self.add(header)
        self._indent += 1
        yield
        self._indent -= 1

    @contextlib.contextmanager
    def at(self, part: str | Item) -> cabc.Iterator[None]:
        """Note that what is added within belongs to this field or item."""
        self._path.append(part)
        yield
        self._path.pop()

    @contextlib.contextmanager
    def apart(self) -> cabc.Iterator[None]:
        """Add a function of its own, whose path begins where it is called."""
        indent, path = self._indent, self._path
        self._indent, self._path = 0, []
        yield
        self._indent, self._path = indent, path

    def variable(self, prefix: str = "v") -> str:
        """Return the name of a new variable."""
        self._variables += 1
        return f"{prefix}{self._variables}"

    def constant(self, value: Any) -> str:
        """Return the name under which the generated code finds a value."""
        name = self.variable("c")
        self.constants[name] = value
        return name

    def literal(self, value: Any) -> str:
        """Return an expression for a value; lists and dicts are made each time."""
        if value is None or isinstance(value, bool | str | bytes) or type(value) is int:
            return repr(value)
        if isinstance(value, list):
            return f"[{', '.join(map(self.literal, value))}]"
        if isinstance(value, dict):
            return f"{{{', '.join(f'{key!r}: {self.literal(each)}' for key, each in value.items())}}}"
        return self.constant(value)
