"""The columns of values whose type nobody declared: by the first of them."""

from __future__ import annotations

import collections.abc as cabc
import decimal
import uuid
from typing import Any, Final

from framework_iterator.columns import kinds
from framework_iterator.columns.kinds import Kind

_INT64: Final = range(-(2**63), 2**63)
_EXACT: Final = 2**53
"""Up to here a float holds each integer."""


def kind_of_values(values: cabc.Iterable[Any]) -> Kind:
    """Return the kind of a column for these values: one type, integers among floats, or lists of those.

    What is anything else, an object too, is JSON text: so whatever comes later fits.
    """
    present = [each for each in values if each is not None]
    found = set(map(type, present))
    if found == {int}:
        return kinds.INT if all(each in _INT64 for each in present) else kinds.JSON
    if found == {int, float}:
        return (
            kinds.FLOAT if all(abs(each) <= _EXACT for each in present if type(each) is int) else kinds.JSON
        )
    if found == {list}:
        inner = kind_of_values(each for value in present for each in value)
        return kinds.JSON if inner.is_json else kinds.list_of(inner)
    if len(found) != 1:
        return kinds.JSON
    [kind] = found
    if issubclass(kind, decimal.Decimal | uuid.UUID):
        return kinds.TEXT_OF
    return kinds.OF_TYPES.get(kind, kinds.JSON)


def names_in(payloads: cabc.Iterable[cabc.Mapping[str, Any]]) -> list[str]:
    """Return the names of all objects, in the order in which they come."""
    return list(dict.fromkeys(name for each in payloads for name in each))
