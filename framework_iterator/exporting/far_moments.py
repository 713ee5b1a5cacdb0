"""Moments and dates as text, in years that Python and the text of pyarrow don't have."""

from __future__ import annotations

import datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

_DIGITS: Final = {"s": 0, "ms": 3, "us": 6, "ns": 9}
_CYCLE: Final = 146_097 * 86_400
"""Seconds of 400 years, after which the calendar repeats."""
_FAR: Final = 800_000_000_000
"""Seconds from 1970, about 25,000 years. The text of pyarrow is that of another year beyond 32767."""


def is_moment(type_: Any) -> bool:
    """Whether values of a type are timestamps or dates."""
    return bool(pa.types.is_timestamp(type_) or pa.types.is_date(type_))


def has_far(column: pa.Array) -> bool:
    """Whether one of a column of moments is too far away for the text of pyarrow."""
    numbers = column.view(pa.int32() if pa.types.is_date32(column.type) else pa.int64())
    ends: dict[str, int | None] = pc.call_function("min_max", [numbers]).as_py()
    return any(each is not None and abs(each) > _far(column.type) for each in ends.values())


def text_of(scalar: pa.Scalar) -> str | None:
    """Return a moment in UTC as `58879-07-12 06:40:00.000Z`, or a date; None for null."""
    if not scalar.is_valid:
        return None
    if pa.types.is_date32(scalar.type):
        return _text(scalar.value * 86_400, "%m-%d")
    if pa.types.is_date64(scalar.type):
        return _text(scalar.value // 1000, "%m-%d")
    digits = _DIGITS[scalar.type.unit]
    seconds, rest = divmod(scalar.value, 10**digits)
    fraction = f".{rest:0{digits}d}" if digits else ""
    return _text(seconds, "%m-%d %H:%M:%S") + fraction + ("Z" if scalar.type.tz else "")


def _text(seconds: int, form: str) -> str:
    cycles, rest = divmod(seconds, _CYCLE)
    moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=rest)
    year = moment.year + 400 * cycles
    return f"{year:0{5 if year < 0 else 4}d}-{moment.strftime(form)}"


def _far(type_: Any) -> int:
    if pa.types.is_date32(type_):
        return _FAR // 86_400
    return _FAR * 1000 if pa.types.is_date64(type_) else int(_FAR * 10 ** _DIGITS[type_.unit])
