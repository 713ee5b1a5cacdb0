"""Python values of protobuf's well-known types and their neighbours."""

from __future__ import annotations

import collections.abc as cabc
import datetime
import decimal
from typing import TYPE_CHECKING, Any, Final

from framework.protobuf.errors import ProtobufDecodeError

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

# Gets the message and the name of the field that holds it, for errors.
Convert = cabc.Callable[[Any, str], Any]

_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_NANOS: Final = 1_000_000_000
# Exact: a context of the usual 28 digits would round.
_DECIMALS: Final = decimal.Context(prec=decimal.MAX_PREC, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
# 9,800 digits. To convert a number takes time that grows with the square of its length.
_MAX_DECIMAL_BYTES: Final = 4096


def known_converter(descriptor: Descriptor) -> Convert | None:
    """Return what makes a Python value of messages of this type; None if it becomes a dictionary."""
    fields, convert = _KNOWN.get(descriptor.full_name, ((), None))
    # A schema may have a type of its own by this name.
    return convert if {each.name for each in descriptor.fields} == set(fields) else None


def _timestamp(message: Any, field: str) -> datetime.datetime:
    seconds, nanos = message.seconds, message.nanos
    try:
        if 0 <= nanos < _NANOS:
            return _EPOCH + datetime.timedelta(0, seconds, nanos // 1000)
    except OverflowError:
        pass
    raise ProtobufDecodeError(
        f"{field} is not between year 1 and 9999: {seconds} seconds and {nanos} nanoseconds since 1970"
    )


def _duration(message: Any, field: str) -> datetime.timedelta:
    seconds, nanos = message.seconds, message.nanos
    try:
        return datetime.timedelta(0, seconds, int(nanos / 1000))  # towards zero
    except OverflowError:
        raise ProtobufDecodeError(f"{field} is too long for a timedelta: {seconds} seconds") from None


def _wrapped(message: Any, _field: str) -> Any:
    return message.value


def _struct(message: Any, field: str) -> dict[str, Any]:
    return {name: _value(value, field) for name, value in message.fields.items()}


def _list_value(message: Any, field: str) -> list[Any]:
    return [_value(value, field) for value in message.values]


def _value(message: Any, field: str) -> Any:
    kind = message.WhichOneof("kind")
    if kind is None or kind == "null_value":
        return None
    if kind == "struct_value":
        return _struct(message.struct_value, field)
    if kind == "list_value":
        return _list_value(message.list_value, field)
    return getattr(message, kind)


def _field_mask(message: Any, _field: str) -> list[str]:
    return list(message.paths)


def _decimal(message: Any, field: str) -> decimal.Decimal:
    """Big-endian two's complement, as Java's BigInteger, and the number of digits after the point."""
    if len(message.value) > _MAX_DECIMAL_BYTES:
        raise ProtobufDecodeError(f"{field} is a decimal of more than {_MAX_DECIMAL_BYTES} bytes")
    unscaled = decimal.Decimal(int.from_bytes(message.value, signed=True))
    return unscaled.scaleb(-message.scale, context=_DECIMALS)


def _date(message: Any, field: str) -> datetime.date | dict[str, int]:
    """A date; one without year or day, which google.type.Date allows, stays a dictionary."""
    year, month, day = message.year, message.month, message.day
    if not (year and month and day):
        return {"year": year, "month": month, "day": day}
    try:
        return datetime.date(year, month, day)
    except (ValueError, OverflowError):
        raise ProtobufDecodeError(f"{field} is not a date: {year}-{month}-{day}") from None


_WRAPPED_TYPES: Final = ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")
# By full name: the fields, and the function.
_KNOWN: Final[dict[str, tuple[tuple[str, ...], Convert | None]]] = {
    "confluent.type.Decimal": (("value", "precision", "scale"), _decimal),
    "google.protobuf.Duration": (("seconds", "nanos"), _duration),
    "google.protobuf.FieldMask": (("paths",), _field_mask),
    "google.protobuf.ListValue": (("values",), _list_value),
    "google.protobuf.Struct": (("fields",), _struct),
    "google.protobuf.Timestamp": (("seconds", "nanos"), _timestamp),
    "google.protobuf.Value": (
        ("null_value", "number_value", "string_value", "bool_value", "struct_value", "list_value"),
        _value,
    ),
    "google.type.Date": (("year", "month", "day"), _date),
    **{f"google.protobuf.{name}Value": (("value",), _wrapped) for name in _WRAPPED_TYPES},
}
