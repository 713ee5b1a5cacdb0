"""The parts of a value: which of them has no form in JSON, and which can be read only once."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import functools
from typing import Any, Final

import msgspec

_DEPTH: Final = 100
"""Levels that are searched for the part that has no form in JSON."""
_COLLECTIONS: Final = (cabc.Sequence, cabc.Set)
# What pydantic calls a field that may be an iterator.
_MAYBE_ITERATORS: Final = ("'type': 'generator'", "'type': 'any'")


def parts_of(value: Any) -> cabc.Iterator[tuple[str, Any]]:
    """Give the parts of a value with their step of the path: `.price`, `['a b']`, `[3]`."""
    if isinstance(value, dict):
        yield from ((_step(name), part) for name, part in value.items())
    elif isinstance(value, _COLLECTIONS):
        if not isinstance(value, str | bytes | bytearray):
            yield from ((f"[{index}]", part) for index, part in enumerate(value))
    else:
        yield from ((f".{name}", part) for name, part in _fields(value))


def find_part(value: Any, path: str, is_wrong: cabc.Callable[[Any, str, Any], bool]) -> tuple[Any, str]:
    """Return the innermost part of a wrong value that is wrong itself, and its path.

    Args:
        value: The value.
        path: Its path.
        is_wrong: Gets a value, the step to a part of it, and the part.
    """
    for _level in range(_DEPTH):
        found = next(((step, part) for step, part in parts_of(value) if is_wrong(value, step, part)), None)
        if found is None:
            break
        step, value = found
        path += step
    return value, path


def has_iterator(value: Any) -> bool:
    """Whether there is an iterator in a value, which can be read only once."""
    may_have = _may_have_iterators(value.__class__)
    # True is an iterator itself.
    return may_have is True or (may_have is None and any(map(has_iterator, _values(value))))


def without_iterators(value: Any) -> Any:
    """Return the value with a list for each iterator; in objects with fields, in place.

    A list stands also for a tuple or a set that has an iterator in it.
    """
    if _may_have_iterators(value.__class__):
        return [without_iterators(part) for part in value]
    if not has_iterator(value):
        return value
    if isinstance(value, dict):
        return {name: without_iterators(part) for name, part in value.items()}
    if isinstance(value, _COLLECTIONS):
        return [without_iterators(part) for part in value]
    for name, part in list(_fields(value)):
        if has_iterator(part):
            _set(value, name, without_iterators(part))
    return value


def _step(name: object) -> str:
    return f".{name}" if isinstance(name, str) and name.isidentifier() else f"[{name!r}]"


def _fields(value: Any) -> cabc.Iterator[tuple[str, Any]]:
    """Give the fields of a model, a dataclass or a Struct."""
    kind = type(value)
    if hasattr(kind, "__pydantic_fields__") and not dataclasses.is_dataclass(kind):
        yield from {**vars(value), **(value.__pydantic_extra__ or {})}.items()
    elif dataclasses.is_dataclass(kind):
        names = (field.name for field in dataclasses.fields(kind))
        yield from ((name, getattr(value, name)) for name in names if hasattr(value, name))
    elif isinstance(value, msgspec.Struct):
        yield from ((name, getattr(value, name)) for name in value.__struct_fields__)


def _values(value: Any) -> Any:
    """Return the parts without their steps, in less time."""
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, _COLLECTIONS):
        return value
    if hasattr(value, "__dict__") and not getattr(value, "__pydantic_extra__", None):
        return vars(value).values()
    return [part for _, part in _fields(value)]


def _set(value: Any, name: str, part: Any) -> None:
    """Set a field of an object, also of a frozen one, and without validating it."""
    extra = getattr(value, "__pydantic_extra__", None)
    if extra and name in extra:
        extra[name] = part
    elif isinstance(value, msgspec.Struct):
        msgspec.structs.force_setattr(value, name, part)
    else:
        object.__setattr__(value, name, part)


@functools.lru_cache(maxsize=1024)
def _may_have_iterators(kind: Any) -> bool | None:
    """Return True for a class of iterators, False if they can't be in it, and None where each may have some.

    To look into every model would take more time than to write it.
    """
    if hasattr(kind, "__next__"):
        return True
    schema = getattr(kind, "__pydantic_core_schema__", None)
    if schema is not None:
        text = repr(schema)
        return None if any(each in text for each in _MAYBE_ITERATORS) else False
    if issubclass(kind, str | bytes | bytearray):
        return False
    is_composed = issubclass(kind, (dict, msgspec.Struct, *_COLLECTIONS)) or dataclasses.is_dataclass(kind)
    return None if is_composed else False
