"""The optional libraries that schemas need."""

from __future__ import annotations

import functools
import importlib.util

from framework.errors import MissingExtraError

_MODULES = {"protobuf": "google.protobuf", "json-schema": "jsonschema_rs"}
_NAMES = {"protobuf": "protobuf", "json-schema": "jsonschema-rs"}


def require(extra: str, what: str) -> None:
    """Raise a MissingExtraError, which says what to install, unless the library of an extra is there."""
    if not _is_there(_MODULES[extra]):
        raise MissingExtraError(f'{what} needs {_NAMES[extra]}: pip install "framework-iterator[{extra}]"')


@functools.cache
def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # of the package above it
        return False
