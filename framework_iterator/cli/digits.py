"""Show the numbers of JSON with all of their digits, of which a float may have lost some."""

from __future__ import annotations

import decimal
import json
import math
import re
import secrets
from typing import Any, Final

from framework.json_numbers import may_lose_digits

_PARSED: Final = (dict, float, list)
# Encoders write floats in their own way: such a number is a text until the line is complete.
_MARK: Final = f"digits-{secrets.token_hex(8)}:"
_MARKED: Final = re.compile(f'"{_MARK}([^"]*)"')


def exact(value: Any, raw: bytes | None, *, infinite: bool = False) -> Any:
    """Return the value with its numbers as the bytes have them, if it is what a JSON parser makes of these.

    `restore` takes the line that was encoded. A number beyond all floats stays infinite, unless `infinite`
    is True.
    """
    # Nearly all bytes have no number that a float can't hold, which takes less than a microsecond to see.
    if value.__class__ not in _PARSED or raw is None or not may_lose_digits(raw):
        return value
    try:
        if json.loads(raw) != value:
            return value
        return json.loads(raw, parse_float=_marked if infinite else _marked_finite)
    except (ValueError, RecursionError):  # no JSON, too many digits, too deep
        return value


def restore(line: str) -> str:
    """Return an encoded line with the numbers that `exact` has kept."""
    return _MARKED.sub(r"\1", line) if _MARK in line else line


def _marked_finite(text: str) -> float | str:
    return _marked(text) if math.isfinite(number := float(text)) else number


def _marked(text: str) -> float | str:
    number = float(text)
    try:
        is_exact = decimal.Decimal(text) == decimal.Decimal(repr(number))
    except decimal.InvalidOperation:  # beyond all Decimals
        is_exact = False
    return number if is_exact else _MARK + text
