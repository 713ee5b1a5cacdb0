"""Columns of JSON whose type is a pydantic model, made without making models.

The values are those of the model. A document that msgspec doesn't take, or may take differently, is
validated by the model as always, and so is a batch in which anything else is odd.
"""

from __future__ import annotations

import collections.abc as cabc
import itertools
from typing import Any, Final

import msgspec
import pyarrow as pa
from pydantic import BaseModel
from pydantic_core import SchemaValidator

from framework.json_models import build_adapter
from framework.json_numbers import may_lose_digits
from framework.models import describe
from framework_iterator.columns.json_models import Field, Model, model_of, none
from framework_iterator.columns.json_structs import MISSING, struct_of
from framework_iterator.columns.layout import Layout
from framework_iterator.columns.moments import NAIVE_TYPE, UTC_TYPE, moments_of_text

_DEPTH: Final = 200
"""Levels of JSON that pydantic takes. msgspec takes more in what it skips."""
_ENOUGH: Final = 2_000
"""Documents after which it is clear whether this is worth it."""
Parse = cabc.Callable[[bytes], Any]
Values = cabc.Callable[[cabc.Sequence[Any]], Any]


class OddError(Exception):
    """The model itself has to validate a batch."""


class JsonRows:
    """Makes the columns of payloads.

    Args:
        model: What the type says.
        layout: The columns.
        parse: Makes a model of a document.
    """

    def __init__(self, model: Model, layout: Layout, parse: Parse) -> None:
        """Compile; what msgspec doesn't take is its TypeError or ValueError."""
        struct = struct_of(model)
        self._decode = msgspec.json.Decoder(struct.type).decode
        # Nothing is skipped by this one, so that nothing has to be looked at beforehand.
        self._decode_known = msgspec.json.Decoder(struct_of(model, is_closed=True).type).decode
        self._are_all_known = True
        self._blank = struct.type(**dict.fromkeys(struct.type.__struct_fields__))
        self._layout, self._parse = layout, parse
        self._arrays = [
            _validated(model, field, column.kind.array)
            if field.name in struct.validated
            else _moments(field, column.kind.type)
            if field.name in struct.moments
            else (column.kind.unchecked if field.default in (None, none) else column.kind).array
            for field, column in zip(model.fields, layout.columns, strict=True)
        ]
        self._seen = self._odd = 0

    def arrays(self, payloads: cabc.Sequence[bytes | None]) -> list[pa.Array] | None:
        """Return an array per column; None where something doesn't fit, which the models tell better."""
        if self._seen > _ENOUGH and self._odd * 4 > self._seen:
            return None
        self._seen += len(payloads)
        try:
            return self._arrays_of(payloads)
        except Exception:  # of pyarrow, pydantic, or a function of a user
            self._odd += len(payloads)
            return None

    def _arrays_of(self, payloads: cabc.Sequence[bytes | None]) -> list[pa.Array]:
        if self._are_all_known and (rows := self._rows(payloads, self._decode_known)) is not None:
            return self._columns(rows)
        suspect = [] if _are_plain(payloads) else _suspects(payloads)
        rows = None if suspect else self._rows(payloads, self._decode)
        if rows is not None:
            self._are_all_known = False
            return self._columns(rows)
        odd = self._odd_ones(payloads, frozenset(suspect))
        self._odd += len(odd)
        if not odd:
            raise OddError
        # The others as always; then each to its place.
        good = [index for index in range(len(payloads)) if index not in odd]
        parts = (
            self._columns(self._rows([payloads[index] for index in good], self._decode) or []),
            self._layout.arrays([self._parse(payloads[index] or b"") for index in odd]),
        )
        places = {index: place for place, index in enumerate(itertools.chain(good, odd))}
        order = pa.array([places[index] for index in range(len(payloads))], pa.int64())
        return [pa.concat_arrays(each).take(order) for each in zip(*parts, strict=True)]

    def _rows(self, payloads: cabc.Sequence[bytes | None], decode: Parse) -> list[Any] | None:
        """Return a Struct for each document, or None if there is one that msgspec doesn't take."""
        blank = self._blank
        try:
            if None in payloads:
                return [blank if data is None else decode(data) for data in payloads]
            return list(map(decode, payloads))  # type: ignore[arg-type]
        except Exception:  # also one that the default of a field raises
            return None

    def _odd_ones(self, payloads: cabc.Sequence[bytes | None], suspect: frozenset[int]) -> dict[int, None]:
        return {
            index: None
            for index, data in enumerate(payloads)
            if index in suspect or (data is not None and self._rows([data], self._decode) is None)
        }

    def _columns(self, rows: list[Any]) -> list[pa.Array]:
        columns = zip(*map(msgspec.structs.astuple, rows), strict=True) if rows else itertools.repeat(())
        return [array(values) for array, values in zip(self._arrays, columns, strict=False)]


def json_rows(declared: Any, layout: Layout, parse: Parse | None) -> JsonRows | None:
    """Return what makes columns of documents; None where the models have to be made."""
    if parse is None or not (isinstance(declared, type) and issubclass(declared, BaseModel)):
        return None
    model = model_of(build_adapter(declared, describe(declared), "columns").core_schema)
    if model is None or len(model.fields) != len(layout.columns):
        return None
    try:
        return JsonRows(model, layout, parse)
    except (TypeError, ValueError, OddError):
        return None


def _validated(model: Model, field: Field, array: Values) -> Values:
    """Return what makes an array of values that are JSON: pydantic validates all of a column together."""
    schema: Any = {"type": "list", "items_schema": field.schema}
    if model.definitions:
        schema = {"type": "definitions", "schema": schema, "definitions": list(model.definitions.values())}
    config: Any = model.config
    validate = SchemaValidator(schema, config).validate_json
    default = field.default

    def of_texts(texts: cabc.Sequence[Any]) -> Any:
        try:
            return array(values_of(b",".join(texts), len(texts)))
        except TypeError:  # not all of them are texts
            present = [text for text in texts if type(text) is msgspec.Raw]
            if len(present) == len(texts):
                raise
        following = iter(values_of(b",".join(present), len(present)))
        return array([next(following) if type(text) is msgspec.Raw else absent(text) for text in texts])

    def values_of(joined: bytes, count: int) -> Any:
        # Each text is one value of JSON, so that none shifts another.
        if has_decimal and may_lose_digits(joined):
            raise OddError
        values = validate(b"[" + joined + b"]")
        if len(values) != count:
            raise OddError
        return values

    def absent(text: Any) -> Any:
        return default() if text is MISSING and default is not None else None

    has_decimal = "'decimal'" in str(schema)
    return of_texts


def _moments(field: Field, type_: pa.DataType) -> Values:
    """Return what makes an array of texts of moments."""
    inner = field.schema["schema"] if field.schema["type"] == "nullable" else field.schema
    zone = inner.get("tz_constraint")
    if type_ not in (UTC_TYPE, NAIVE_TYPE):
        raise OddError

    def of_texts(texts: cabc.Sequence[str | None]) -> pa.Array:
        moments = moments_of_text(texts)
        if moments is None:
            raise OddError
        found = moments.type
        if moments.null_count < len(moments) and (
            (zone == "aware" and found != UTC_TYPE) or (zone == "naive" and found != NAIVE_TYPE)
        ):
            raise OddError
        if type_ == NAIVE_TYPE and found != NAIVE_TYPE and moments.null_count < len(moments):
            raise OddError
        return moments.view(type_)

    return of_texts


def _are_plain(payloads: cabc.Sequence[bytes | None]) -> bool:
    """Whether they are ASCII, and too short for what is too deep: the usual case."""
    try:
        return all(map(bytes.isascii, payloads)) and max(map(len, payloads), default=0) <= 2 * _DEPTH  # type: ignore[arg-type]
    except TypeError:  # a tombstone is among them
        return _are_plain([data for data in payloads if data is not None])


def _suspects(payloads: cabc.Sequence[bytes | None]) -> list[int]:
    """Return which of them msgspec may take, and pydantic not: it doesn't look into what it skips."""
    return [index for index, data in enumerate(payloads) if data is not None and _is_suspect(data)]


def _is_suspect(data: bytes) -> bool:
    if data.count(b"[") + data.count(b"{") > _DEPTH:
        return True
    if data.isascii():
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return False
