"""What kind of deserializer was declared, and its name."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import re
import sys
import types
import typing
import uuid
from typing import Any, Final

from framework.types import NOT_GIVEN

# Called with bytes, most classes of these would return nonsense: list(b"[1]") is [91, 49, 93].
_MODULES: Final = frozenset(
    "builtins collections collections.abc datetime decimal fractions ipaddress pathlib re types typing uuid "
    "zoneinfo".split()
)
_OF_BYTES: Final = (bytearray, bytes, float, int, memoryview, str, uuid.UUID)
"""Classes that are made of the bytes or of their text, and not of JSON."""
_TYPING: Final = ("typing", "typing_extensions")


def describe(declared: Any) -> str:
    """Return the name of a declared deserializer as it was written: `Flight`, `list[Flight]`, `json`.

    Where nothing was declared it is `default`.
    """
    if declared is NOT_GIVEN:
        return "default"
    if typing.get_origin(declared) is typing.Annotated:
        return f"Annotated[{describe(typing.get_args(declared)[0])}, ...]"
    if typing.get_origin(declared) is not None or is_adapter(declared):
        return re.sub(r"[\w.<>]+\.", "", str(declared))  # list[Flight], not list[shop.models.Flight]
    return getattr(declared, "__name__", None) or type(declared).__name__


def is_model(declared: Any) -> bool:
    """Whether JSON is validated into it: a model class, or a typing form such as `list[Flight]`."""
    if typing.get_origin(declared) is not None or _is_alias(declared) or is_adapter(declared):
        return True
    if not isinstance(declared, type):
        return False
    return (
        dataclasses.is_dataclass(declared)
        or _is_typed_dict(declared)
        or is_struct(declared)
        or hasattr(declared, "__get_pydantic_core_schema__")
        or issubclass(declared, enum.Enum)
        or (issubclass(declared, tuple) and hasattr(declared, "_fields"))
    )


def is_struct(declared: Any) -> bool:
    """Whether msgspec reads it: a Struct, or a typing form that contains one, such as `list[Flight]`."""
    return _is_subclass(declared, "msgspec", "Struct") or any(map(is_struct, typing.get_args(declared)))


def is_json_type(declared: Any) -> bool:
    """Whether it is a plain class of the standard library that JSON is validated into, such as `dict`."""
    return is_standard(declared) and declared not in _OF_BYTES


def is_standard(declared: Any) -> bool:
    """Whether it is a class of values of the standard library, such as `dict` or `Decimal`."""
    return isinstance(declared, type) and declared.__module__ in _MODULES


def resolved(declared: Any) -> Any:
    """Return what a NewType or an alias stands for, and `str` or `bytes` for one of them or None."""
    if _is_alias(declared):
        return resolved(getattr(declared, "__supertype__", None) or declared.__value__)
    others = [each for each in typing.get_args(declared) if each is not types.NoneType]
    if typing.get_origin(declared) in (typing.Union, types.UnionType) and len(others) == 1:
        only = resolved(others[0])
        return only if only in (bytes, str) else declared
    return declared


def is_adapter(declared: Any) -> bool:
    """Whether it is pydantic's adapter of a type: `TypeAdapter(Order | Refund)`."""
    adapter = getattr(sys.modules.get("pydantic"), "TypeAdapter", None)
    return adapter is not None and isinstance(declared, adapter)


def is_special_form(declared: Any) -> bool:
    """Whether it has a meaning only for type checkers, such as `typing.Never`."""
    return not isinstance(declared, type) and type(declared).__module__ in _TYPING


def is_abstract(declared: type) -> bool:
    """Whether a class has no instances: one with abstract methods, or a Protocol."""
    return inspect.isabstract(declared) or getattr(declared, "_is_protocol", False) is True


def has_own_reading(declared: type) -> bool:
    """Whether a class says what it makes of bytes, or inherits it from one of those that are made of them."""
    if type(declared).__call__ is not type.__call__:
        return True
    for name in ("__new__", "__init__"):
        owner = next(each for each in declared.__mro__ if name in vars(each))
        if owner is not str and not is_json_type(owner):
            return True
    return False


def takes_message(declared: Any) -> bool:
    """Whether it is an object with `deserialize(message)`."""
    return callable(getattr(declared, "deserialize", None))


def is_framed(declared: Any) -> bool:
    """Whether it is bound to a schema registry: what `framework.schemas` declares."""
    return callable(getattr(declared, "bind", None))


def _is_alias(declared: Any) -> bool:
    kind = type(declared)
    return kind.__module__ in _TYPING and kind.__name__ in ("NewType", "TypeAliasType")


def _is_typed_dict(declared: type) -> bool:
    # typing.is_typeddict doesn't recognize those of typing_extensions.
    return dict in declared.__mro__ and hasattr(declared, "__required_keys__")


def _is_subclass(declared: Any, module: str, name: str) -> bool:
    # A subclass exists only where its library was imported: the others need no import here.
    base = getattr(sys.modules.get(module), name, None)
    return base is not None and isinstance(declared, type) and issubclass(declared, base)
