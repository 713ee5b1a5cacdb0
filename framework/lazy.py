"""Public names that are loaded when they are first asked for, so that importing a package costs little."""

from __future__ import annotations

import collections.abc as cabc
import importlib
import sys
from typing import Any


def attach(
    package: str, homes: cabc.Mapping[str, str]
) -> tuple[cabc.Callable[[str], Any], cabc.Callable[[], list[str]]]:
    """A package's `__getattr__` and `__dir__` (PEP 562); `homes` says in which module each name lives."""

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{package}.{homes[name]}"), name)
        # From now on without this detour.
        setattr(sys.modules[package], name, value)
        return value

    return load, lambda: sorted({*vars(sys.modules[package]), *homes})
