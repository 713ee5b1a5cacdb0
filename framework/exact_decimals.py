"""Validate JSON with pydantic so that a Decimal keeps the digits of its number.

pydantic reads each number with a point or an exponent as a float, so a Decimal that is made of it has 17
digits at most. Here such a model is validated as always, but by a schema in which each Decimal that was made
of a float is replaced with the number in the text, which is found by the value of the float. Where another
number has the same float, one of them is replaced in the text by a float beside it that is free.
"""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import contextvars
import dataclasses
import decimal
import functools
from typing import Any, Final

from framework.decimal_schemas import rewrite, validator_of
from framework.json_numbers import Number, may_lose_digits, move_apart, numbers_of, seen_by_pydantic

_QUOTE: Final = ord('"')

Parse = cabc.Callable[[bytes], Any]


@dataclasses.dataclass
class _Document:
    """The numbers of the document that is validated."""

    exact: dict[decimal.Decimal, decimal.Decimal]
    """The numbers in the text, by the Decimals that pydantic makes of them."""
    moved: dict[float, float] = dataclasses.field(default_factory=dict)
    """The floats that were replaced in the text, by those that are there instead."""
    asked: set[decimal.Decimal] = dataclasses.field(default_factory=set)
    """What pydantic has made Decimals of."""


_document: Final[contextvars.ContextVar[_Document | None]] = contextvars.ContextVar("document", default=None)


def exact_validator(adapter: Any) -> Parse | None:
    """Return what validates JSON with the schema of an adapter; None where it has no Decimal."""
    rewritten = rewrite(adapter.core_schema, _exact_decimal, _original_float)
    if rewritten is None:
        return None
    return functools.partial(
        _validate, adapter.validator.validate_json, validator_of(rewritten).validate_json
    )


def _validate(plain: Parse, exact: Parse, data: bytes) -> Any:
    if not may_lose_digits(data):
        return plain(data)
    numbers = numbers_of(data)
    if all(number.is_kept for number in numbers):
        return plain(data)
    moved = move_apart(numbers)
    if moved:
        # Only Decimals need distinct floats. All others keep theirs, which may be a moment or any value.
        asked = _asked(exact, data, numbers, moved)
        moved = {
            index: to for index, to in moved.items() if _seen(to) in asked or _seen_by_python(to) in asked
        }
    text, document = _with(data, numbers, moved)
    return _run(exact, text, document)


def _asked(exact: Parse, data: bytes, numbers: list[Number], moved: dict[int, float]) -> set[decimal.Decimal]:
    """Validate with all floats moved, and return those that Decimals were made of."""
    from pydantic_core import ValidationError

    text, document = _with(data, numbers, moved)
    with contextlib.suppress(ValidationError):  # the validation that follows raises it
        _run(exact, text, document)
    return document.asked


def _with(data: bytes, numbers: list[Number], moved: dict[int, float]) -> tuple[bytes, _Document]:
    """Return the text with the floats that were moved, and what it says."""
    document = _Document({})
    pieces: list[bytes] = []
    end = 0
    for index, number in enumerate(numbers):
        to = moved.get(index)
        if to is None:
            # Of numbers with the same float, one that is exact as it is comes first.
            if number.is_kept or number.seen not in document.exact:
                document.exact[number.seen] = number.exact
            continue
        document.exact[_seen(to)] = number.exact
        document.moved[to] = number.float
        pieces += [data[end : number.start], repr(to).encode()]
        end = number.end
    # A validator that runs before gets a float, of which pydantic takes Python's text.
    for index, number in enumerate(numbers):
        if data[number.start] != _QUOTE:
            seen = _seen_by_python(moved.get(index, number.float))
            document.exact.setdefault(seen, number.exact)
    return b"".join([*pieces, data[end:]]), document


def _run(exact: Parse, text: bytes, document: _Document) -> Any:
    token = _document.set(document)
    try:
        return exact(text)
    finally:
        _document.reset(token)


def _seen(value: float) -> decimal.Decimal:
    return seen_by_pydantic(repr(value).encode())


def _seen_by_python(value: float) -> decimal.Decimal:
    return decimal.Decimal(repr(value))


def _exact_decimal(value: decimal.Decimal) -> decimal.Decimal:
    document = _document.get()
    # Without a document, pydantic validates an iterator item by item, later. One kind of NaN has no hash.
    if document is None or value.is_nan():
        return value
    document.asked.add(value)
    exact = document.exact.get(value, value)
    return value if value == exact else exact  # "1.50" stays so, beside a number 1.5


def _original_float(value: float) -> float:
    document = _document.get()
    return value if document is None else document.moved.get(value, value)
