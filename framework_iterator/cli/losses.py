"""Find what got lost where a value was made plain for JSON: numbers that became null, and equal names."""

from __future__ import annotations

import collections.abc as cabc
import enum
import functools
import json
import math
import re
from typing import Any, Final

# A name that may be that of a key which was no text.
_MAYBE_NO_TEXT: Final = re.compile(r'"(?:-?[0-9][0-9.e+-]*|true|false|null)": ')
# In C; what has no form in JSON isn't its business.
_strictly: Final = json.JSONEncoder(allow_nan=False, skipkeys=True, default=str).encode


class NoFormError(ValueError):
    """A value has no form in JSON; the text is what follows after its name, as `is NaN`."""


def check_names(text: str) -> None:
    """Raise a NoFormError if an object in JSON text has a name twice, as of `{1: ..., "1": ...}`."""
    if _MAYBE_NO_TEXT.search(text) is not None:
        json.loads(text, object_pairs_hook=_check_pairs)


def check_numbers(plain: object) -> None:
    """Raise a ValueError if plain values have a NaN or an infinity, of which pydantic may make null."""
    _strictly(plain)


def check_model(value: object, plain: object, **options: Any) -> None:
    """Raise a NoFormError if pydantic dropped something when it made `value` plain.

    Of a NaN or an infinity in a field of type Any, or in a field that isn't declared, it makes null; of keys
    that have the same text, it keeps one.

    Args:
        value: The value.
        plain: What was made of it.
        options: pydantic's options, with which it was made.
    """
    try:
        given = _as_python()(value, **options)
    except Exception:  # serializers of users may know only JSON
        return
    check_same(given, plain)


def check_same(given: Any, plain: Any) -> None:
    """Raise a NoFormError if `plain` has null for a number of `given`, fewer names, or one for NaN."""
    try:
        # In C, and nearly always equal but for values such as dates.
        is_equal = bool(given == plain)
    except Exception:  # classes of users, and arrays, may raise anything: they are no plain values
        is_equal = False
    if is_equal:
        return
    if plain is None:
        check_number(given)
        return
    if isinstance(given, enum.Enum):
        given = given.value
    if plain.__class__ is dict:
        _check_dict(given, plain)
    elif plain.__class__ is list:
        _check_list(given, plain)


def _check_dict(given: Any, plain: dict[str, Any]) -> None:
    if given.__class__ is not dict and not isinstance(given, cabc.Mapping):
        return  # an object with a serializer of its own
    if plain.keys() != given.keys():
        _check_given_names(given, plain)
    for one, other in zip(given.values(), plain.values(), strict=False):
        check_same(one, other)


def _check_list(given: Any, plain: list[Any]) -> None:
    if isinstance(given, cabc.Set):
        # Its order may be another one.
        if plain.count(None) > (None in given):
            for each in given - {None}:
                check_same(each, None)
    elif isinstance(given, cabc.Iterable) and not isinstance(given, str | bytes):
        for one, other in zip(given, plain, strict=False):
            check_same(one, other)


def _check_given_names(given: cabc.Mapping[Any, Any], plain: dict[str, Any]) -> None:
    if len(plain) < len(given):
        raise NoFormError("has names with the same text")
    if (wrong := next(filter(None, map(_not_finite, given)), None)) is not None:
        raise NoFormError(f"has the name {wrong}")


def check_number(value: object) -> None:
    """Raise a NoFormError if the value is a NaN or an infinity."""
    if (wrong := _not_finite(value)) is not None:
        raise NoFormError(f"is {wrong}")


def _not_finite(value: object) -> str | None:
    if isinstance(value, enum.Enum):
        value = value.value
    if not isinstance(value, float) or math.isfinite(value):
        return None
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _check_pairs(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise NoFormError("has names with the same text")


@functools.cache
def polymorphic() -> dict[str, Any]:
    """Return the options with which pydantic writes a model with the fields of its own class.

    By default it writes those of the class that the field is declared with. Before 2.13 it can't do more.
    """
    from pydantic import VERSION  # late: --help doesn't need it

    is_known = tuple(map(int, VERSION.split(".")[:2])) >= (2, 13)
    return {"polymorphic_serialization": True} if is_known else {}


@functools.cache
def _as_python() -> Any:
    """Return what makes dicts and lists of models, and leaves all else as it is."""
    from pydantic_core import SchemaSerializer, core_schema

    serializer = SchemaSerializer(core_schema.any_schema())
    return functools.partial(serializer.to_python, warnings=False, **polymorphic())
