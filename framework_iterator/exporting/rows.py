"""Rows as text: lines of JSON, and the flat columns of CSV."""

from __future__ import annotations

import base64
import collections.abc as cabc
from typing import Any

import pyarrow as pa
from pydantic_core import from_json, to_json

from framework_iterator.columns.kinds import is_json
from framework_iterator.exporting import far_moments

Plain = cabc.Callable[[Any], Any]


def json_lines(batch: pa.RecordBatch) -> cabc.Iterator[bytes]:
    """Yield an object for each row, a line each.

    Bytes are standard base64, moments ISO 8601, Decimals text, and JSON text is what it says. NaN and
    infinities are the strings "NaN", "Infinity" and "-Infinity".
    """
    names = batch.schema.names
    columns = [_plain(_values(batch.column(index)), batch.field(index)) for index in range(len(names))]
    for row in zip(*columns, strict=True):
        yield _to_json(dict(zip(names, row, strict=True))) + b"\n"


def flat_schema(schema: pa.Schema) -> pa.Schema:
    """Return a schema in which what CSV doesn't have is text."""
    return pa.schema(
        [field if _is_flat(field.type) else pa.field(field.name, pa.string()) for field in schema]
    )


def flattened(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the columns for CSV: bytes are base64, lists and structs JSON.

    A column of moments with one that pyarrow would write with a wrong year is text, other than in the schema.
    """
    columns = [_flat(column, field) for column, field in zip(batch.columns, batch.schema, strict=True)]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _flat(column: pa.Array, field: pa.Field) -> pa.Array:
    if far_moments.is_moment(field.type) and far_moments.has_far(column):
        return pa.array(map(far_moments.text_of, column), pa.string())
    return column if _is_flat(field.type) else pa.array(_texts(_values(column), field), pa.string())


def _values(column: pa.Array) -> list[Any]:
    """Return Python's values; moments that Python doesn't have, as in the year 10000 of UTC, are text."""
    try:
        return column.to_pylist()  # type: ignore[no-any-return]
    except (OverflowError, ValueError):
        return [_value(each) for each in column]


def _value(scalar: pa.Scalar) -> Any:
    if not scalar.is_valid:
        return None
    if pa.types.is_list(scalar.type):
        return [_value(each) for each in scalar.values]
    if pa.types.is_struct(scalar.type):
        return {name: _value(each) for name, each in scalar.items()}
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        if far_moments.is_moment(scalar.type):
            return str(far_moments.text_of(scalar)).replace(" ", "T")
        return str(scalar.cast(pa.string()))


def _is_flat(type_: Any) -> bool:
    return not (pa.types.is_nested(type_) or pa.types.is_binary(type_) or pa.types.is_duration(type_))


def _texts(values: list[Any], field: pa.Field) -> list[str | None]:
    texts = [None if each is None else _to_json(each).decode() for each in _plain(values, field)]
    if pa.types.is_nested(field.type):
        return texts
    return [None if each is None else each.strip('"') for each in texts]  # of bytes, and of a duration


def _to_json(value: Any) -> bytes:
    return to_json(value, inf_nan_mode="strings")


def _plain(values: list[Any], field: pa.Field) -> list[Any]:
    convert = _converter(field)
    return values if convert is None else [None if each is None else convert(each) for each in values]


def _converter(field: pa.Field) -> Plain | None:
    """Return what makes a value ready for JSON; None where it is."""
    if is_json(field):
        return from_json
    if pa.types.is_binary(field.type):
        return lambda value: base64.b64encode(value).decode()
    if pa.types.is_list(field.type):
        inner = field.type.value_field
        return None if _converter(inner) is None else lambda values: _plain(values, inner)
    if pa.types.is_struct(field.type):
        parts = {each.name: convert for each in field.type if (convert := _converter(each)) is not None}
        return _struct_converter(parts) if parts else None
    return None


def _struct_converter(parts: cabc.Mapping[str, Plain]) -> Plain:
    def convert(value: dict[str, Any]) -> dict[str, Any]:
        ready = {name: parts[name](value[name]) for name in parts if value[name] is not None}
        return value | ready

    return convert
