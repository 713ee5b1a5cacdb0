"""A value that a column would change is an error, and never another value."""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel

from framework import DeserializationError
from framework.deserializers import msgpack
from framework_iterator.columns import kinds
from framework_iterator.columns.avro_trees import avro_tree
from framework_iterator.columns.layout import MisfitError, layout_of_tree
from tests.unit.iterator.test_columns_table import rows_of, table_of


def _halved(value: int) -> Any:
    return value / 2


class Halved(BaseModel):
    a: Annotated[int, AfterValidator(_halved)]
    inner: list[Halved] = []


class Defaulted(BaseModel):
    a: int = 1.5  # type: ignore[assignment]


class HalvedLater(msgspec.Struct):
    a: int

    def __post_init__(self) -> None:
        self.a = self.a / 2  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("first", "late", "reason"),
    [
        (b'{"a":1}', b'{"a":1.5}', "Column 'a' is int64, which 1.5 doesn't fit"),
        (b'{"a":1}', b'{"a":true}', "Column 'a' is int64, which True doesn't fit"),
        (b'{"a":0.5}', b'{"a":true}', "Column 'a' is double, which True doesn't fit"),
        (b'{"a":0.5}', b'{"a":9007199254740993}', "Column 'a' is double, which 9007199254740993 doesn't fit"),
        (b'{"a":["x"]}', b'{"a":"xy"}', "Column 'a' is list<item: string>, which 'xy' doesn't fit"),
        (b'{"a":[1]}', b'{"a":""}', "Column 'a' is list<item: int64>, which '' doesn't fit"),
        (b'{"a":[1]}', b'{"a":[null,1.5]}', "Column 'a' is list<item: int64>, which [None, 1.5] doesn't fit"),
        (b'{"a":[[1]]}', b'{"a":[["x"],[2]]}', "Column 'a' is list<item: list<item: int64>>, which"),
        (b'{"a":[["x"]]}', b'{"a":["xy"]}', "Column 'a' is list<item: list<item: string>>, which ['xy']"),
        (b"7", b"1.5", "Column 'payload' is int64, which 1.5 doesn't fit"),
        (b"null", b"7", "The first messages had no payload, and it is 7"),
        (None, b'{"a":1}', "The first messages had no payload, and it is {'a': 1}"),
    ],
)
def test_a_value_that_another_type_would_change(first: bytes | None, late: bytes, reason: str) -> None:
    table, batch = table_of(Any, first, None, late)
    table.infer([batch[:1]])
    with pytest.raises(DeserializationError) as caught:
        table.record_batch(batch)
    assert str(caught.value).startswith(f"Can't put flights-0@2 into columns: {reason}")
    with pytest.raises(DeserializationError):
        table.check(batch[2])


@pytest.mark.parametrize(
    ("first", "late", "value"),
    [(b'{"a":1}', b'{"a":2.0}', 2), (b'{"a":0.5}', b'{"a":2}', 2.0), (b'{"a":[1]}', b'{"a":[]}', [])],
)
def test_a_value_that_is_the_same_in_the_other_type(first: bytes, late: bytes, value: Any) -> None:
    table, batch = table_of(dict, first, late)
    table.infer([batch[:1]])
    assert rows_of(table, batch)[1] == {"a": value}


def test_a_number_is_no_moment() -> None:
    encode = msgspec.msgpack.encode
    moment = dt.datetime(2013, 12, 31, tzinfo=dt.UTC)
    table, batch = table_of(msgpack, encode({"at": moment}), encode({"at": 5}))
    table.infer([batch[:1]])
    with pytest.raises(DeserializationError, match=r"Column 'at' is timestamp\[us, tz=UTC\], which 5 doesn"):
        table.record_batch(batch)


def test_objects_whose_names_are_no_texts_are_json_text() -> None:
    encode = msgspec.msgpack.encode
    table, batch = table_of(msgpack, encode({"a": 1}), encode({7: 2}))
    table.infer([batch])
    assert rows_of(table, batch) == [{"payload": '{"a":1}'}, {"payload": '{"7":2}'}]


@pytest.mark.parametrize("document", [b'{"a":3}', b'{"a":2,"inner":[{"a":3}]}'])
def test_a_validator_that_returns_another_type_than_the_declared_one(document: bytes) -> None:
    table, batch = table_of(Halved, b'{"a":2}', document)
    with pytest.raises(DeserializationError, match=r"^Can't put flights-0@1 into columns: Column '"):
        table.record_batch(batch)


def test_a_default_of_another_type_than_the_declared_one() -> None:
    table, batch = table_of(Defaulted, b'{"a":2}', b"{}")
    with pytest.raises(DeserializationError, match=r"flights-0@1 .* Column 'a' is int64, which 1\.5 doesn't"):
        table.record_batch(batch)


def test_a_struct_that_changes_its_own_values() -> None:
    table, batch = table_of(HalvedLater, b'{"a":2}', b'{"a":3}')
    with pytest.raises(DeserializationError, match=r"flights-0@1 .* Column 'a' is int64, which 1\.5 doesn't"):
        table.record_batch(batch)


@pytest.mark.parametrize(
    ("schema", "late"),
    [
        ('"long"', {"a": 1.5}),
        ('{"type":"int","logicalType":"date"}', {"a": 5}),
        ('{"type":"int","logicalType":"time-millis"}', {"a": 5}),
        ('{"type":"array","items":"long"}', {"a": [1.5]}),
        ('{"type":"record","name":"I","fields":[{"name":"n","type":"long"}]}', {"a": {"n": 1.5}}),
        ('{"type":"record","name":"I","fields":[{"name":"n","type":"double"}]}', {"a": {"n": True}}),
    ],
)
def test_a_later_schema_with_another_type_of_a_field(schema: str, late: Any) -> None:
    layout = layout_of_tree(
        avro_tree(f'{{"type":"record","name":"T","fields":[{{"name":"a","type":{schema}}}]}}')
    )
    with pytest.raises(MisfitError, match=r"^Column 'a' is "):
        layout.arrays([None, late])


NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text("ab", max_size=2), lambda inner: st.lists(inner, max_size=2)
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


@given(first=st.lists(OBJECTS, max_size=3), late=st.lists(OBJECTS | VALUES, max_size=3))
@example(first=[{"a": 1}], late=[{"a": 1.5}])
def test_what_comes_later_is_the_payload_of_the_loop_or_an_error(first: list[Any], late: list[Any]) -> None:
    table, batch = table_of(Any, *(json.dumps(each).encode() for each in [*first, *late]))
    table.infer([batch[: len(first)]])
    for index, payload in enumerate([*first, *late]):
        try:
            [row] = rows_of(table, batch[index : index + 1])
        except DeserializationError:
            assert index >= len(first)
            continue
        for name in row:
            if row[name] is not None and kinds.is_json(table.schema.field(name)):
                row[name] = json.loads(row[name])
        assert row == {name: (payload or {}).get(name) for name in row}
