"""Find the numbers of a JSON document that a float can't hold."""

from __future__ import annotations

import collections.abc as cabc
import decimal
import functools
import math
import re
from typing import Any, Final, NamedTuple

# Possessive: no text makes it go back, and each is read once.
_TOKENS: Final = re.compile(
    rb'(?P<text>"[^"\\]*+(?:\\.?[^"\\]*+)*+"?)'
    rb"|-?(?:[0-9]++(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|Infinity)",
    re.DOTALL,
)
# What a Decimal can be made of may begin so: with an escape, space or digits of other scripts, too.
_NUMBER_IN_TEXT: Final = re.compile(rb'"[0-9.+\-_iI\s\\\x80-\xff]')
_LONG: Final = re.compile(rb"[0-9.]{16,}(?:[eE][+-]?[0-9]+)?|[0-9.]+[eE][+-]?[0-9]{3,}")
# Digits and points become 0, so that one search finds each run of 16 of them.
_SHAPES: Final = bytes(
    ord("0") if each in b"0123456789." else ord("e") if each in b"eE" else ord("-") if each in b"+-" else 32
    for each in range(256)
)
_LONG_RUN: Final = b"0" * 16


class Number(NamedTuple):
    """A number of a document, or a text that is one."""

    start: int
    end: int
    float: float
    seen: decimal.Decimal
    """The Decimal that pydantic makes of it."""
    exact: decimal.Decimal

    @property
    def is_kept(self) -> bool:
        """Whether pydantic's Decimal is the exact one."""
        return self.seen == self.exact


def may_lose_digits(data: bytes) -> bool:
    """Return whether there may be a number that a float can't hold, in a text or not."""
    # The usual case, in less than a microsecond: no number has 16 digits or a large exponent.
    shapes = data.translate(_SHAPES)
    if not (_LONG_RUN in shapes or b"0e000" in shapes or b"0e-000" in shapes):
        return False
    return any(not _is_float(text) for text in _LONG.findall(data))


def numbers_of(data: bytes) -> list[Number]:
    """Return the numbers of a document, and the texts that a Decimal can be made of."""
    return [number for token in _TOKENS.finditer(data) if (number := _number(token)) is not None]


def move_apart(numbers: cabc.Sequence[Number]) -> dict[int, float]:
    """Return other floats, by index, for numbers whose float is that of a different number."""
    taken = {number.seen: number.exact for number in numbers if number.is_kept}
    latest: dict[float, float] = {}
    moved: dict[int, float] = {}
    for index, number in enumerate(numbers):
        if number.is_kept or taken.setdefault(number.seen, number.exact) == number.exact:
            continue
        # Always in one direction, lest it goes to and fro between two that are taken.
        end = math.copysign(math.inf, number.float) if abs(number.float) < 1 else 0.0
        to = math.nextafter(latest.get(number.float, number.float), end)
        while (seen := seen_by_pydantic(repr(to).encode())) in taken:
            to = math.nextafter(to, end)
        taken[seen] = number.exact
        latest[number.float] = moved[index] = to
    return moved


def _number(token: re.Match[bytes]) -> Number | None:
    text = token[0].decode(errors="replace")
    try:
        if token["text"] is not None:
            if not _NUMBER_IN_TEXT.match(token[0]):
                return None
            seen = exact = decimal.Decimal(_unquoted(text))
        else:
            exact, seen = decimal.Decimal(text), seen_by_pydantic(token[0])
    except (decimal.InvalidOperation, ValueError):  # no number, or one beyond what a Decimal holds
        return None
    return None if seen.is_nan() else Number(*token.span(), float(seen), seen, exact)


def seen_by_pydantic(number: bytes) -> decimal.Decimal:
    """Return the Decimal that pydantic makes of a number in JSON; a ValueError if it is none.

    Not of Python's text for the float: of two that are as near, such as 100000000000000.12 and .13,
    pydantic takes another.
    """
    seen: decimal.Decimal = _decimals().validate_json(number)
    return seen


@functools.cache
def _decimals() -> Any:
    from pydantic_core import SchemaValidator, core_schema

    return SchemaValidator(core_schema.decimal_schema(allow_inf_nan=True))


def _is_float(text: bytes) -> bool:
    try:
        return text.isdigit() or decimal.Decimal(text.decode()) == seen_by_pydantic(text)
    except (decimal.InvalidOperation, ValueError):
        return False


def _unquoted(text: str) -> str:
    if "\\" not in text:
        return text[1:-1]
    import json

    return str(json.loads(text))
