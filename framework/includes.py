"""The modules of `App(include=...)`."""

from __future__ import annotations

import collections.abc as cabc
import re
import threading
import types
from typing import Any

from framework.errors import ConfigError
from framework.importing import import_named


class Includes:
    """Imports an application's modules once, when something they may declare is needed.

    A module that imports the application itself, or looks a topic up, starts no second import. Threads
    that need the modules at the same time each import them: Python's own import locks, which recognize
    a deadlock, let the first one do it and the others wait.

    Args:
        modules: Their full names, such as `["example_app.commands"]`.
    """

    def __init__(self, modules: Any) -> None:
        """Check the names; nothing is imported."""
        if isinstance(modules, str) or not isinstance(modules, cabc.Iterable):
            raise ConfigError(f"include={modules!r} is invalid: expected a list of module names.")
        self._modules = list(modules)
        for name in self._modules:
            if not isinstance(name, str) or not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", name):
                raise ConfigError(
                    f"include={self._modules!r} is invalid: {name!r} is not the full name of a module, "
                    "such as 'shop.commands'."
                )
        self._importing: set[int] = set()  # the threads
        self._is_done = not self._modules
        self._error: Exception | None = None
        self._traceback: types.TracebackType | None = None

    def load(self) -> None:
        """Import the modules; an error in one of them is raised, by later calls as well."""
        thread = threading.get_ident()
        if self._is_done or thread in self._importing:
            return
        if self._error is not None:
            raise self._error.with_traceback(self._traceback)
        self._importing.add(thread)
        try:
            for name in self._modules:
                self._import(name)
        except Exception as error:
            # Kept: another attempt would declare again what the module had declared before it failed. And of
            # several threads, the others meet only the consequences of the first error.
            if self._error is None:
                self._error, self._traceback = error, error.__traceback__
                raise
            raise self._error.with_traceback(self._traceback) from None
        finally:
            self._importing.discard(thread)
        self._is_done = True

    def _import(self, name: str) -> None:
        missing = import_named(name)
        if isinstance(missing, str):
            raise ConfigError(
                f"include={self._modules!r} is invalid: no module {missing!r}. Correct the name, or start "
                "where the module can be imported."
            )
