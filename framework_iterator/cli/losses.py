"""Find what got lost where a value was made plain for JSON: numbers that became null, and equal names."""

from __future__ import annotations

import functools
import json
import math
import re
from typing import Any, Final

# A name that may be that of a key which was no text.
_MAYBE_NO_TEXT: Final = re.compile(r'"(?:-?[0-9][0-9.e+-]*|true|false|null)": ')
# In C; what has no form in JSON isn't its business.
_strictly: Final = json.JSONEncoder(allow_nan=False, skipkeys=True, default=str).encode


def check_names(text: str) -> None:
    """Raise a ValueError if an object in JSON text has a name twice, as of `{1: ..., "1": ...}`."""
    if _MAYBE_NO_TEXT.search(text) is not None:
        json.loads(text, object_pairs_hook=_check_pairs)


def check_numbers(plain: object) -> None:
    """Raise a ValueError if plain values have a NaN or an infinity, of which pydantic may make null."""
    _strictly(plain)


def check_model(value: object, plain: object) -> None:
    """Raise a ValueError if pydantic dropped something when it made `value` plain.

    Of a NaN or an infinity in a field of type Any, or in a field that isn't declared, it makes null; of keys
    that have the same text, it keeps one.
    """
    try:
        given = _as_python().to_python(value, warnings=False)
    except Exception:  # serializers of users may know only JSON
        return
    check_same(given, plain)


def check_same(given: Any, plain: Any) -> None:
    """Raise a ValueError if `plain` has null for a number of `given`, or fewer names than it."""
    # In C, and nearly always equal but for values such as dates.
    if given == plain:
        return
    if isinstance(given, float):
        if plain is None and not math.isfinite(given):
            raise ValueError(f"Out of range float values are not JSON compliant: {given}")
    elif isinstance(given, dict) and isinstance(plain, dict):
        if len(plain) < len(given):
            raise ValueError("of some names in it, the text is the same")
        for one, other in zip(given.values(), plain.values(), strict=False):
            check_same(one, other)
    elif isinstance(given, list | tuple | set | frozenset) and isinstance(plain, list):
        for one, other in zip(given, plain, strict=False):
            check_same(one, other)


def _check_pairs(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("of some names in it, the text is the same")


@functools.cache
def _as_python() -> Any:
    """Return what makes dicts and lists of models, and leaves all else as it is."""
    from pydantic_core import SchemaSerializer, core_schema  # late: --help doesn't need it

    return SchemaSerializer(core_schema.any_schema())
