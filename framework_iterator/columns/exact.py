"""Find the values that pyarrow would change silently: it makes 1 of 1.5, and a list of letters of a text."""

from __future__ import annotations

import collections.abc as cabc
import datetime
import itertools
from typing import Any

Check = cabc.Callable[[cabc.Collection[Any]], None]
"""Raises a TypeError for values of which pyarrow would make others; None is fine."""


def is_cut(value: Any) -> bool:
    """Whether an integer column would change a value."""
    return isinstance(value, float) and not value.is_integer()


def is_bool(value: Any) -> bool:
    """Whether a column of floats would change a value."""
    return isinstance(value, bool)


def is_number(value: Any) -> bool:
    """Whether a column of moments or times would take a value as a number of units."""
    return isinstance(value, int | float)


def is_no_date(value: Any) -> bool:
    """Whether a column of dates would change a value."""
    return is_number(value) or isinstance(value, datetime.datetime)


def is_text(value: Any) -> bool:
    """Whether a column of lists would make a list of its letters or bytes."""
    return isinstance(value, str | bytes | bytearray | memoryview)


def check_of(usual: tuple[type, ...], is_changed: cabc.Callable[[Any], bool]) -> Check:
    """Return the check of a column.

    Args:
        usual: Types of which no value is changed: 17 ns a value, where there are no others.
        is_changed: Whether a value of another type would be.
    """
    known = frozenset([*usual, type(None)])

    def check(values: cabc.Collection[Any]) -> None:
        if known.issuperset(map(type, values)):
            return
        for value in values:
            if type(value) not in known and is_changed(value):
                raise TypeError(f"{value!r} would become another value")

    return check


def check_of_lists(item: Check | None) -> Check:
    """Return the check of lists, whose items have a check."""
    lists = check_of((list, tuple), is_text)

    def check(values: cabc.Collection[Any]) -> None:
        lists(values)
        if item is not None:
            item([*itertools.chain.from_iterable(each for each in values if each is not None)])

    return check


def check_of_tuples(items: cabc.Sequence[Check | None]) -> Check | None:
    """Return the check of tuples, whose items have these; None where none is needed."""
    needed = [(index, each) for index, each in enumerate(items) if each is not None]

    def check(values: cabc.Collection[Any]) -> None:
        present = [each for each in values if each is not None]
        for index, each in needed:
            each([value[index] for value in present])

    return check if needed else None
