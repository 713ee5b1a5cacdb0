"""What a column holds: its Arrow type, and how values are put into it."""

from __future__ import annotations

import collections.abc as cabc
import datetime
from typing import Any, Final, NamedTuple

import pyarrow as pa

from framework_iterator.columns import exact
from framework_iterator.columns.exact import Check, check_of
from framework_iterator.columns.json_text import json_text
from framework_iterator.columns.moments import NAIVE_TYPE, UTC_TYPE, moment_array

Convert = cabc.Callable[[Any], Any]
Build = cabc.Callable[[Any, pa.DataType], pa.Array]
_IS_JSON: Final = {b"content": b"json"}
"""The metadata of fields with JSON text."""


class Kind(NamedTuple):
    """The type of a column.

    Args:
        type: Arrow's type.
        convert: Makes of a value what Arrow takes for this type; None where it takes the value itself.
        is_json: Whether it is JSON text.
        build: Makes an array of converted values and the type, where pyarrow is slow.
        check: Raises for converted values that pyarrow would change; None where it changes none.
    """

    type: pa.DataType
    convert: Convert | None = None
    is_json: bool = False
    build: Build = pa.array
    check: Check | None = None

    def array(self, values: cabc.Sequence[Any]) -> pa.Array:
        """Return an array of these values; None is null. What doesn't fit is an exception of any kind."""
        if (convert := self.convert) is not None:
            values = [None if value is None else convert(value) for value in values]
        if self.check is not None:
            self.check(values)
        return self.build(values, self.type)

    @property
    def unchecked(self) -> Kind:
        """The kind of values that are known to have the type."""
        return self._replace(check=None)

    def field(self, name: str) -> pa.Field:
        """Return the field of a schema, or of a struct."""
        return pa.field(name, self.type, metadata=_IS_JSON if self.is_json else None)


def is_json(field: pa.Field) -> bool:
    """Whether a field holds JSON text, and not text of the messages."""
    return field.metadata is not None and field.metadata.get(b"content") == b"json"


def list_of(kind: Kind, *, is_set: bool = False) -> Kind:
    """Return the kind of lists, and other collections, of values of a kind."""
    convert = kind.convert

    def convert_all(values: cabc.Iterable[Any]) -> list[Any]:
        if exact.is_text(values):
            raise TypeError("a text, and no list")
        return [_converted(value, convert) for value in values]

    return Kind(
        pa.list_(kind.field("item")),
        None if convert is None and not is_set else convert_all,
        check=exact.check_of_lists(kind.check),
    )


def struct_of(kinds: cabc.Mapping[str, Kind], get: cabc.Callable[[str], Convert]) -> Kind:
    """Return the kind of objects with these fields.

    Args:
        kinds: The kind of each field.
        get: Returns what reads a field of an object, by its name.
    """
    reads = [(get(name), kind.convert) for name, kind in kinds.items()]

    def convert(value: Any) -> tuple[Any, ...]:
        return tuple([_converted(read(value), convert) for read, convert in reads])

    return Kind(
        pa.struct([kind.field(name) for name, kind in kinds.items()]),
        convert,
        check=exact.check_of_tuples([kind.check for kind in kinds.values()]),
    )


def decimal_of(digits: int, places: int) -> Kind:
    """Return the kind of Decimals with this many digits, of which so many are after the point."""
    if digits > 76 or places > digits:
        return TEXT_OF
    return Kind(pa.decimal128(digits, places) if digits <= 38 else pa.decimal256(digits, places))


def _converted(value: Any, convert: Convert | None) -> Any:
    return value if value is None or convert is None else convert(value)


def _without_zone(value: Any) -> Any:
    if getattr(value, "tzinfo", None) is not None:
        raise ValueError("a time with a zone")
    return value


BOOL: Final = Kind(pa.bool_())
INT: Final = Kind(pa.int64(), check=check_of((int,), exact.is_cut))
UINT: Final = INT._replace(type=pa.uint64())
FLOAT: Final = Kind(pa.float64(), check=check_of((float, int), exact.is_bool))
TEXT: Final = Kind(pa.string())
BYTES: Final = Kind(pa.binary())
_of_moments: Final = check_of((datetime.datetime,), exact.is_number)
MOMENT: Final = Kind(UTC_TYPE, build=moment_array, check=_of_moments)
NAIVE_MOMENT: Final = Kind(NAIVE_TYPE, _without_zone, build=moment_array, check=_of_moments)
DATE: Final = Kind(pa.date32(), check=check_of((datetime.date,), exact.is_no_date))
TIME: Final = Kind(pa.time64("us"), _without_zone, check=check_of((datetime.time,), exact.is_number))
DURATION: Final = Kind(pa.duration("us"), check=check_of((datetime.timedelta,), exact.is_number))
TEXT_OF: Final = Kind(pa.string(), str)
"""The text of values such as UUIDs."""
JSON: Final = Kind(pa.string(), json_text, is_json=True)
"""What has no column type."""

OF_TYPES: Final[dict[type, Kind]] = {
    bool: BOOL,
    int: INT,
    float: FLOAT,
    str: TEXT,
    bytes: BYTES,
    bytearray: BYTES,
    datetime.datetime: MOMENT,
    datetime.date: DATE,
    datetime.time: TIME,
    datetime.timedelta: DURATION,
}
