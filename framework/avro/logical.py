"""Avro's logical types: which are valid, and how their values are made."""

from __future__ import annotations

import collections.abc as cabc
import datetime
import decimal
import functools
import uuid
from typing import Any, Final

from framework.avro.errors import AvroDecodeError
from framework.avro.nodes import Logical

# More digits than anybody needs, but few enough that ten to their power is computed at once.
_MAX_PRECISION: Final = 10_000

# Until 2106 a float holds the microseconds since 1970 to a quarter of one.
SAFE_SECONDS: Final = 1 << 32

_UTC: Final = datetime.UTC
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=_UTC)
_LOCAL_EPOCH: Final = datetime.datetime(1970, 1, 1)  # noqa: DTZ001 - local timestamps are naive
_DAYS_BEFORE_EPOCH: Final = datetime.date(1970, 1, 1).toordinal()
_LAST_DAY: Final = datetime.date.max.toordinal() - _DAYS_BEFORE_EPOCH
_MICROS_PER_DAY: Final = 24 * 60 * 60 * 1_000_000


def logical_type(kind: str, schema: dict[str, Any]) -> Logical | None:
    """Return the logical type of a type that is read natively, or None.

    As the specification asks, one that is unknown or invalid is ignored: the value is the plain one.
    Timestamps in nanoseconds are plain ints too, since a datetime would lose digits, but they are known: a
    reader's schema may ask for another unit.
    """
    name = schema.get("logicalType")
    if name == "decimal" and kind in ("bytes", "fixed"):
        return _decimal_type(kind, schema)
    if name == "uuid" and kind == "fixed":
        return Logical("uuid") if schema.get("size") == 16 else None
    if isinstance(name, str) and _KINDS.get(name) == kind:
        return Logical(name)
    return None


def _decimal_type(kind: str, schema: dict[str, Any]) -> Logical | None:
    precision, scale = schema.get("precision"), schema.get("scale", 0)
    if type(precision) is not int or type(scale) is not int or not 0 <= scale <= precision:
        return None
    if not 0 < precision <= _MAX_PRECISION:
        return None
    if kind == "fixed" and 10**precision > 1 << max(0, 8 * min(schema["size"], _MAX_PRECISION) - 1):
        return None  # not every number of so many digits fits
    return Logical("decimal", precision, scale)


_KINDS: Final = {
    "uuid": "string",
    "date": "int",
    "time-millis": "int",
    "time-micros": "long",
    "timestamp-millis": "long",
    "timestamp-micros": "long",
    "local-timestamp-millis": "long",
    "local-timestamp-micros": "long",
    "timestamp-nanos": "long",
    "local-timestamp-nanos": "long",
}


def converter(logical: Logical, kind: str) -> cabc.Callable[[Any], Any] | None:
    """Return what makes the native value of the plain one, or raises an AvroDecodeError.

    None is for a value that stays as it is.
    """
    if logical.read_as:
        return unit_converter(logical.name, logical.read_as)
    if logical.name == "decimal":
        return decimal_converter(logical.precision, logical.scale)
    if logical.name == "uuid":
        return uuid_of_bytes if kind == "fixed" else uuid_of_text
    return _CONVERTERS.get(logical.name)


def unit_converter(written: str, wanted: str) -> cabc.Callable[[int], Any]:
    """Return what makes a datetime of nanoseconds, without three digits, or nanoseconds of other units."""
    if wanted.endswith("nanos"):
        factor = 1_000_000 if written.endswith("millis") else 1_000
        return lambda value: value * factor
    convert = local_timestamp_micros if written.startswith("local") else timestamp_micros
    return lambda value: convert(value // 1_000)


def timestamp_millis(value: int) -> datetime.datetime:
    """Milliseconds since 1970, as an aware datetime."""
    try:
        return _EPOCH + datetime.timedelta(0, 0, value * 1000)
    except OverflowError:
        raise _beyond_calendar("timestamp", value) from None


def timestamp_micros(value: int) -> datetime.datetime:
    """Microseconds since 1970, as an aware datetime."""
    try:
        return _EPOCH + datetime.timedelta(0, 0, value)
    except OverflowError:
        raise _beyond_calendar("timestamp", value) from None


def local_timestamp_millis(value: int) -> datetime.datetime:
    """Milliseconds since 1970, of a clock whose time zone isn't known."""
    try:
        return _LOCAL_EPOCH + datetime.timedelta(0, 0, value * 1000)
    except OverflowError:
        raise _beyond_calendar("timestamp", value) from None


def local_timestamp_micros(value: int) -> datetime.datetime:
    """Microseconds since 1970, of a clock whose time zone isn't known."""
    try:
        return _LOCAL_EPOCH + datetime.timedelta(0, 0, value)
    except OverflowError:
        raise _beyond_calendar("timestamp", value) from None


def date(value: int) -> datetime.date:
    """Days since 1970, as a date."""
    if -_DAYS_BEFORE_EPOCH < value <= _LAST_DAY:
        return datetime.date.fromordinal(value + _DAYS_BEFORE_EPOCH)
    raise _beyond_calendar("date", value)


def time_millis(value: int) -> datetime.time:
    """Milliseconds since midnight, as a time."""
    return _time(value, value * 1000)


def time_micros(value: int) -> datetime.time:
    """Microseconds since midnight, as a time."""
    return _time(value, value)


def _time(value: int, micros: int) -> datetime.time:
    if not 0 <= micros < _MICROS_PER_DAY:
        raise AvroDecodeError(f"time {value} is not within a day")
    seconds, micros = divmod(micros, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return datetime.time(hours, minutes, seconds, micros)


def uuid_of_text(value: str) -> uuid.UUID:
    """Return the UUID that is written as text."""
    try:
        return uuid.UUID(value)
    except ValueError:
        shown = repr(value) if len(value) <= 40 else repr(value[:37]) + "..."
        raise AvroDecodeError(f"{shown} is no UUID") from None


def uuid_of_bytes(value: bytes) -> uuid.UUID:
    """Return the UUID of 16 bytes."""
    return uuid.UUID(bytes=value)


@functools.lru_cache(maxsize=64)
def decimal_converter(precision: int, scale: int) -> cabc.Callable[[bytes], decimal.Decimal]:
    """Return what makes a Decimal of big-endian bytes."""
    limit = 10**precision
    context = decimal.Context(prec=precision, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)

    def convert(value: bytes) -> decimal.Decimal:
        unscaled = int.from_bytes(value, "big", signed=True)
        # Before it becomes a Decimal, which takes time that grows faster than the number of its digits.
        if not -limit < unscaled < limit:
            raise AvroDecodeError(f"a decimal has more than {precision} digits")
        return decimal.Decimal(unscaled).scaleb(-scale, context)

    return convert


def _beyond_calendar(what: str, value: int) -> AvroDecodeError:
    return AvroDecodeError(f"{what} {value} is {'past the year 9999' if value > 0 else 'before the year 1'}")


_CONVERTERS: Final[dict[str, cabc.Callable[[Any], Any]]] = {
    "date": date,
    "time-millis": time_millis,
    "time-micros": time_micros,
    "timestamp-millis": timestamp_millis,
    "timestamp-micros": timestamp_micros,
    "local-timestamp-millis": local_timestamp_millis,
    "local-timestamp-micros": local_timestamp_micros,
}
