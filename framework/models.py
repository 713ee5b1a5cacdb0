"""What kind of deserializer was declared, and its name."""

from __future__ import annotations

import dataclasses
import re
import sys
import typing
from typing import Any, Final

# Called with bytes these would return nonsense: list(b"[1]") is [91, 49, 93], bool(b"false") is True.
_JSON_TYPES: Final = (bool, dict, list, Any)


def describe(declared: Any) -> str:
    """Return the name of a declared deserializer as it was written: `Flight`, `list[Flight]`, `json`."""
    if typing.get_origin(declared) is not None:
        return re.sub(r"[\w.<>]+\.", "", str(declared))  # list[Flight], not list[shop.models.Flight]
    return getattr(declared, "__name__", None) or type(declared).__name__


def is_model(declared: Any) -> bool:
    """Whether JSON is validated into it: a model class, or a typing form such as `list[Flight]`."""
    if typing.get_origin(declared) is not None:
        return True
    if not isinstance(declared, type):
        return False
    return (
        dataclasses.is_dataclass(declared)
        or _is_typed_dict(declared)
        or is_struct(declared)
        or _is_subclass(declared, "pydantic", "BaseModel")
    )


def is_struct(declared: Any) -> bool:
    """Whether msgspec reads it: a Struct, or a typing form that contains one, such as `list[Flight]`."""
    return _is_subclass(declared, "msgspec", "Struct") or any(map(is_struct, typing.get_args(declared)))


def is_json_type(declared: Any) -> bool:
    """Whether it is a built-in type that JSON is validated into, instead of a callable."""
    return any(declared is each for each in _JSON_TYPES)


def takes_message(declared: Any) -> bool:
    """Whether it is an object with `deserialize(message)`."""
    return callable(getattr(declared, "deserialize", None))


def is_framed(declared: Any) -> bool:
    """Whether it is bound to a schema registry: what `framework.schemas` declares."""
    return callable(getattr(declared, "bind", None))


def _is_typed_dict(declared: type) -> bool:
    # typing.is_typeddict doesn't recognize those of typing_extensions.
    return dict in declared.__mro__ and hasattr(declared, "__required_keys__")


def _is_subclass(declared: Any, module: str, name: str) -> bool:
    # A subclass exists only where its library was imported: the others need no import here.
    base = getattr(sys.modules.get(module), name, None)
    return base is not None and isinstance(declared, type) and issubclass(declared, base)
