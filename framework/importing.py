"""Imports modules that are named by configuration."""

from __future__ import annotations

import importlib
import types


def import_named(name: str) -> types.ModuleType | str:
    """Import a module, or return the name of what doesn't exist: the module or a package above it.

    An import error inside the module is raised with its own traceback.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(error.name + ".")):
            raise
        return error.name
