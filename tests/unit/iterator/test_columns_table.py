"""Record batches have a row for each message, with the values that a loop over messages gives."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import uuid
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, field_validator
from typing_extensions import TypedDict

from framework import DeserializationError, Deserializers
from framework.deserializers import int64
from framework_iterator import Batch, InvalidOptionError
from framework_iterator.columns.places import RAW, raw_record_batch
from framework_iterator.columns.table import Table
from tests.unit.iterator.fakes import F1, W0, native

PLACES = ["topic", "partition", "offset", "timestamp", "key"]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
INTS = st.integers(-(2**63), 2**63 - 1)


class Inner(BaseModel):
    n: int | None = None


class Model(BaseModel):
    a: int
    topic: str | None = None
    tags: list[str] = []
    inner: Inner | None = None
    anything: Any = None
    either: int | str = 0

    @field_validator("topic")
    @classmethod
    def _shout(cls, text: str | None) -> str | None:
        return None if text is None else text.upper()


@dataclasses.dataclass
class Data:
    a: int
    topic: str | None = None


class Typed(TypedDict):
    a: int
    topic: str | None


class Struct(msgspec.Struct):
    a: int
    topic: str | None = None


def table_of(payload: Any, *payloads: bytes | None, **rest: Any) -> tuple[Table, Batch[Any]]:
    deserializers = {"flights": Deserializers(payload=payload, **rest).compile()}
    return Table(deserializers), Batch([native(i, each) for i, each in enumerate(payloads)], deserializers)


def rows_of(table: Table, batch: Batch[Any]) -> list[dict[str, Any]]:
    """The rows, without the columns that each message has."""
    rows = table.record_batch(batch).to_pylist()
    return [{name: value for name, value in row.items() if name not in PLACES} for row in rows]


DOCUMENTS = st.none() | st.fixed_dictionaries(
    {"a": INTS},
    optional={
        "topic": st.none() | TEXTS,
        "tags": st.lists(TEXTS, max_size=2),
        "inner": st.none() | st.fixed_dictionaries({}, optional={"n": st.none() | INTS}),
        "anything": st.recursive(st.none() | INTS | TEXTS, st.lists, max_leaves=3),
        "either": INTS | TEXTS,
    },
)
LAYOUTS = st.sampled_from([None, 1])


def encoded(document: Any, indent: int | None) -> bytes | None:
    """JSON, with newlines or without; None is a tombstone."""
    return None if document is None else json.dumps(document, indent=indent).encode()


@given(st.lists(DOCUMENTS, max_size=5), LAYOUTS)
def test_the_rows_of_models_are_the_payloads_of_the_loop(documents: list[Any], indent: int | None) -> None:
    table, batch = table_of(Model, *(encoded(each, indent) for each in documents))
    expected = [
        dict.fromkeys(["a", "payload_topic", "tags", "inner", "anything", "either"])
        if (payload := message.payload) is None
        else {
            "a": payload.a,
            "payload_topic": payload.topic,
            "tags": payload.tags,
            "inner": None if payload.inner is None else payload.inner.model_dump(),
            "anything": payload.anything,
            "either": payload.either,
        }
        for message in batch
    ]
    for made in (batch, Batch(batch.natives, batch._deserializers)):
        rows = rows_of(table, made)
        for row in rows:
            for name in ("anything", "either"):
                row[name] = None if row[name] is None else json.loads(row[name])
        assert rows == expected


@pytest.mark.parametrize("declared", [Data, Typed, Struct])
@given(documents=st.lists(st.none() | st.fixed_dictionaries({"a": INTS, "topic": st.none() | TEXTS})))
def test_the_rows_of_other_types_are_the_payloads_of_the_loop(declared: Any, documents: list[Any]) -> None:
    table, batch = table_of(declared, *(encoded(each, None) for each in documents))
    empty = {"a": None, "topic": None}
    expected = [{"a": each["a"], "payload_topic": each["topic"]} for each in (d or empty for d in documents)]
    assert rows_of(table, batch) == expected


@given(st.lists(st.none() | st.dictionaries(st.sampled_from("abc"), st.none() | INTS | TEXTS), min_size=1))
def test_the_rows_of_json_that_nobody_declared(documents: list[Any]) -> None:
    table, batch = table_of(dict, *(encoded(each, None) for each in documents))
    table.infer([batch])
    names = list(dict.fromkeys(name for each in documents if each for name in each))
    mixed = {
        name: len({type(d[name]) for d in documents if d and d.get(name) is not None}) != 1 for name in names
    }
    rows = rows_of(table, batch)
    for row in rows:
        for name in names:
            if mixed[name] and row[name] is not None:
                row[name] = json.loads(row[name])
    assert rows == [{name: (each or {}).get(name) for name in names} for each in documents]


@pytest.mark.parametrize(
    ("payload", "raw", "value"),
    [
        (str, b"a\nb", "a\nb"),
        (str, b"", ""),
        (bytes, b"\xff", b"\xff"),
        (int64, b"\0\0\0\0\0\0\0\7", 7),
        (list[int], b"[1, 2]", [1, 2]),
        (Model | Inner, b'{"a":1,"either":2}', None),
        (bool, b"true", True),
    ],
)
def test_payloads_without_fields_are_one_column(payload: Any, raw: bytes, value: Any) -> None:
    table, batch = table_of(payload, raw, None)
    rows = rows_of(table, batch)
    assert [list(row) for row in rows] == [["payload"], ["payload"]]
    assert rows[1] == {"payload": None}
    assert value is None or rows[0] == {"payload": value}


def test_where_a_message_stands() -> None:
    deserializers = {"flights": Deserializers(payload=bytes, key=int64).compile()}
    batch: Batch[Any] = Batch(
        [
            native(5, b"x", of=F1, key=b"\0" * 7 + b"\1", timestamp=(1, 1_500)),
            native(6, b"y", timestamp=(0, -1)),
        ],
        deserializers,
    )
    rows = Table(deserializers).record_batch(batch).to_pylist()
    assert rows == [
        {
            "topic": "flights",
            "partition": 1,
            "offset": 5,
            "timestamp": dt.datetime(1970, 1, 1, 0, 0, 1, 500_000, dt.UTC),
            "key": 1,
            "payload": b"x",
        },
        {"topic": "flights", "partition": 0, "offset": 6, "timestamp": None, "key": None, "payload": b"y"},
    ]


@pytest.mark.parametrize(
    ("declared", "raw", "key"),
    [
        (uuid.UUID, b"00000000-0000-0000-0000-000000000007", "00000000-0000-0000-0000-000000000007"),
        (int, b"7", 7),
        (str | None, b"a", "a"),
        (dt.date, b"2013-12-31", dt.date(2013, 12, 31)),
        (Inner, b'{"n":1}', '{"n":1}'),
        (list[int], b"[1]", "[1]"),
        (len, b"abc", "3"),
    ],
)
def test_a_key_has_the_column_of_its_type(declared: Any, raw: bytes, key: Any) -> None:
    deserializers = {"flights": Deserializers(payload=bytes, key=declared).compile()}
    batch: Batch[Any] = Batch([native(0, key=raw), native(1)], deserializers)
    assert Table(deserializers).record_batch(batch)["key"].to_pylist() == [key, None]


def test_raw_columns() -> None:
    deserializers = {name: Deserializers().compile() for name in ("flights", "weather")}
    batch: Batch[Any] = Batch(
        [native(0, b"{", key=b"\xff", headers=[("h", b"1"), ("h", None)]), native(0, None, of=W0)],
        deserializers,
    )
    made = raw_record_batch(batch)
    assert made.schema == RAW
    assert [list(row.values())[4:] for row in made.to_pylist()] == [
        [b"\xff", b"{", [{"name": "h", "value": b"1"}, {"name": "h", "value": None}]],
        [None, None, []],
    ]
    assert made["topic"].to_pylist() == ["flights", "weather"]
    assert raw_record_batch(batch.take([1])).to_pylist()[0]["raw_headers"] == []


# What doesn't fit


def test_an_int_beyond_64_bits_names_message_and_column() -> None:
    table, batch = table_of(Struct, b'{"a":1}', b'{"a":18446744073709551616}')
    with pytest.raises(DeserializationError) as caught:
        table.record_batch(batch)
    assert str(caught.value) == (
        "Can't put flights-0@1 into columns: Column 'a' is int64, which 18446744073709551616 doesn't fit. "
        "Declare another type for it (--payload-as, --key-as), or read columns='raw' (--raw), or pass "
        "errors='skip' (--skip)."
    )
    assert (caught.value.topic, caught.value.partition, caught.value.offset) == ("flights", 0, 1)


@pytest.mark.parametrize(
    ("late", "reason"),
    [
        (b'{"a":"x"}', "Column 'a' is int64, which 'x' doesn't fit"),
        (b'{"b":1}', "The first payloads had no field 'b'"),
        (b"[1]", "The first payloads were objects, and it is [1]"),
        (b"7", "The first payloads were objects, and it is 7"),
        (b'"a"', "The first payloads were objects, and it is 'a'"),
    ],
)
def test_what_inference_did_not_see(late: bytes, reason: str) -> None:
    table, batch = table_of(dict if late.startswith(b"{") else Any, b'{"a":1}', late)
    table.infer([batch[:1]])
    with pytest.raises(DeserializationError) as caught:
        table.record_batch(batch)
    assert str(caught.value).startswith(f"Can't put flights-0@1 into columns: {reason}.")


def test_a_payload_that_can_not_be_read_is_the_error_of_the_loop() -> None:
    table, batch = table_of(Model, b'{"a":1}', b"{")
    with pytest.raises(DeserializationError, match=r"^Can't read the payload of flights-0@1 with Model"):
        table.record_batch(batch)


def test_a_key_that_is_no_text() -> None:
    deserializers = {"flights": Deserializers(payload=bytes).compile()}
    with pytest.raises(DeserializationError, match=r"Column 'key' is string, which b'\\xff' doesn't fit"):
        Table(deserializers).record_batch(Batch([native(0, key=b"\xff")], deserializers))


def test_a_message_is_checked_by_itself() -> None:
    table, batch = table_of(Struct, b'{"a":1}', b'{"a":18446744073709551616}', None, b"{")
    table.check(batch[0])
    table.check(batch[2])
    for index in (1, 3):
        with pytest.raises(DeserializationError):
            table.check(batch[index])


def test_a_message_that_is_skipped_is_told_without_the_advice_to_skip() -> None:
    table, batch = table_of(Struct, b'{"a":18446744073709551616}')
    with pytest.raises(DeserializationError) as caught:
        table.check(batch[0])
    assert str(caught.value) == (
        "Can't put flights-0@0 into columns: Column 'a' is int64, which 18446744073709551616 doesn't fit. "
        "Declare another type for it (--payload-as, --key-as), or read columns='raw' (--raw)."
    )


# Several topics


def test_a_topic_without_a_column_has_nulls_there() -> None:
    deserializers = {
        "flights": Deserializers(payload=Struct).compile(),
        "weather": Deserializers(payload=float).compile(),
    }
    batch: Batch[Any] = Batch(
        [native(0, b'{"a":1}'), native(0, b"0.5", of=W0), native(1, b'{"a":2}'), native(2, None)],
        deserializers,
    )
    table = Table(deserializers)
    table.infer([batch])
    assert rows_of(table, batch) == [
        {"a": 1, "payload_topic": None, "payload": None},
        {"a": None, "payload_topic": None, "payload": 0.5},
        {"a": 2, "payload_topic": None, "payload": None},
        {"a": None, "payload_topic": None, "payload": None},
    ]


def test_a_column_with_two_types_is_refused() -> None:
    deserializers = {
        "flights": Deserializers(payload=str).compile(),
        "weather": Deserializers(payload=bytes).compile(),
    }
    with pytest.raises(InvalidOptionError) as caught:
        Table(deserializers)
    assert str(caught.value) == (
        "Column 'payload' is string in 'flights' and binary in 'weather': read these topics one by one, or "
        "pass columns='raw'."
    )


class Capitals(BaseModel):
    Timestamp: int = 1
    timestamp: int = 2
    KEY: int = 3
    payload_key: int = 4


def test_a_field_that_sql_takes_for_a_column_of_the_message_has_another_name() -> None:
    table, batch = table_of(Capitals, b"{}")
    assert rows_of(table, batch) == [
        {"payload_Timestamp": 1, "payload_timestamp": 2, "payload_payload_KEY": 3, "payload_key": 4}
    ]
