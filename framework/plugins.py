"""Plugins: found by entry point, and loaded when they are first needed."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from typing import Any, TypeVar

import importlib_metadata

from framework.error_text import typed_text_of
from framework.errors import PluginError

GROUP = "framework.plugins"
VARIABLE = "FRAMEWORK_PLUGINS"
OURS = "framework-iterator"

V = TypeVar("V")


@dataclasses.dataclass(frozen=True)
class Plugin:
    """An installed plugin.

    Args:
        name: The name of its entry point.
        distribution: The distribution that contains it.
        version: The version of that distribution.
        offer: The object that the entry point names. It may have any of
            `commands() -> Mapping[str, click.Command]`, `shell_names(app) -> Mapping[str, object]`
            and `setup(app)`.
        error: Why it could not be loaded, or None.
    """

    name: str
    distribution: str
    version: str
    offer: Any = None
    error: PluginError | None = None

    def names(self, method: str, kind: type[V], *given: object) -> dict[str, V]:
        """Call a method of the offer, and return the dict it returns; empty if there is no such method.

        A TypeError unless it is a dict from str to values of this kind. The plugin's code may raise any
        other error.
        """
        asked = getattr(self.offer, method, None)
        found = {} if asked is None else dict(asked(*given))
        for name, value in found.items():
            if not isinstance(name, str):
                raise TypeError(f"{method}() gives {name!r} for a name: it must be a str")
            if not isinstance(value, kind):
                raise TypeError(f"{method}() gives a {type(value).__name__} for {name!r}: no {kind.__name__}")
        return found

    def __str__(self) -> str:
        """Return `iterator (framework-iterator 0.1.0)`."""
        return f"{self.name} ({self.distribution} {self.version})"


def load() -> list[Plugin]:
    """Load all plugins, sorted by name; with `FRAMEWORK_PLUGINS=""` only those of this distribution."""
    entries = sorted(importlib_metadata.entry_points(group=GROUP), key=lambda entry: entry.name)
    if os.environ.get(VARIABLE) == "":
        entries = [entry for entry in entries if _distribution(entry)[0] == OURS]
    return [_load(entry) for entry in entries]


def _load(entry: importlib_metadata.EntryPoint) -> Plugin:
    name, version = _distribution(entry)
    try:
        return Plugin(entry.name, name, version, offer=entry.load())
    except (Exception, SystemExit) as error:  # a plugin may fail in any way, and must not affect the rest
        failure = PluginError(f"Plugin {entry.name} ({name} {version}) doesn't load: {typed_text_of(error)}")
        failure.__cause__ = error
        return Plugin(entry.name, name, version, error=failure)


def _distribution(entry: importlib_metadata.EntryPoint) -> tuple[str, str]:
    name, version = "unknown", "?"
    if entry.dist is not None:
        # A damaged installation has no METADATA (an OSError), or no such line in it.
        with contextlib.suppress(OSError, KeyError):
            name = entry.dist.name
            version = entry.dist.version
    return name, version
