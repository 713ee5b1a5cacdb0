"""Topics whose schema is known have its columns, with the values that a loop over messages gives."""

from __future__ import annotations

import collections.abc as cabc
import datetime as dt
import decimal
import io
import json
import urllib.request
import uuid
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import DeserializationError, Deserializers
from framework.mock_registry import mock_registry
from framework.protobuf import load_file
from framework.registry import Registry, merge
from framework.schemas import avro, protobuf
from framework_iterator import Batch
from framework_iterator.columns.table import Table
from tests.unit.iterator.fakes import native

PLACES = ["topic", "partition", "offset", "timestamp", "key"]
AT = dt.datetime(2013, 1, 1, 5, 0, 0, 123000, dt.UTC)
ID = uuid.UUID(int=7)


def record(name: str, **fields: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": [{"name": n, "type": t} for n, t in fields.items()]}


def logical(type_: str, name: str, **more: Any) -> dict[str, Any]:
    return {"type": type_, "logicalType": name, **more}


EVERYTHING = record(
    "Everything",
    a="int",
    b="long",
    c="double",
    d="boolean",
    e="string",
    f="bytes",
    g=["null", "string"],
    h=logical("long", "timestamp-millis"),
    i=logical("long", "local-timestamp-micros"),
    j=logical("int", "date"),
    k=logical("long", "time-micros"),
    l=logical("bytes", "decimal", precision=9, scale=2),
    m=logical("string", "uuid"),
    n={"type": "enum", "name": "State", "symbols": ["NEW", "PAID"]},
    o={"type": "array", "items": ["null", "long"]},
    p={"type": "map", "values": "long"},
    q=["null", record("Inner", x="long", y=["null", "Inner"])],
    r=["null", "int", "double"],
    s=["int", "string"],
    t={"type": "fixed", "name": "Four", "size": 4},
    u=logical("long", "timestamp-nanos"),
    timestamp="long",
)
LONGS = st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
VALUES = st.fixed_dictionaries(
    {
        "a": st.integers(-(2**31), 2**31 - 1),
        "b": LONGS,
        "c": st.floats(allow_nan=False),
        "d": st.booleans(),
        "e": TEXTS,
        "f": st.binary(max_size=3),
        "g": st.none() | TEXTS,
        "h": st.just(AT),
        "i": st.just(AT.replace(tzinfo=None)),
        "j": st.dates(),
        "k": st.times(),
        "l": st.decimals(-9_999_999, 9_999_999, places=2),
        "m": st.uuids(),
        "n": st.sampled_from(["NEW", "PAID"]),
        "o": st.lists(st.none() | LONGS, max_size=2),
        "p": st.dictionaries(TEXTS, LONGS, max_size=2),
        "q": st.none() | st.builds(lambda x: {"x": x, "y": None}, LONGS),
        "r": st.none() | st.integers(-9, 9) | st.just(0.5),
        "s": st.integers(-9, 9) | TEXTS,
        "t": st.binary(min_size=4, max_size=4),
        "u": LONGS,
        "timestamp": LONGS,
    }
)
AS_JSON = {"p", "s"}


def encoded(schema: Any, value: Any) -> bytes:
    file = io.BytesIO()
    fastavro.schemaless_writer(file, fastavro.parse_schema(schema, {}), value)
    return file.getvalue()


def table_of(payload: Any, registry: Registry | None, *payloads: bytes | None) -> tuple[Table, Batch[Any]]:
    deserializers = {"flights": Deserializers(payload=payload).compile(registry)}
    return Table(deserializers), Batch([native(i, each) for i, each in enumerate(payloads)], deserializers)


def rows_of(table: Table, batch: Batch[Any]) -> list[dict[str, Any]]:
    if not table.is_complete:
        table.infer([batch])
    rows = table.record_batch(batch).to_pylist()
    return [{name: value for name, value in row.items() if name not in PLACES} for row in rows]


class Subjects:
    """A schema registry."""

    def __init__(self, url: str) -> None:
        self._url = url
        settings = merge(url)
        assert settings is not None
        self.registry = Registry(settings)

    def frame(self, text: str, kind: str = "AVRO", subject: str = "flights-value") -> bytes:
        """Register a schema, and return the prefix of its messages."""
        body = json.dumps({"schema": text, "schemaType": kind}).encode()
        request = urllib.request.Request(f"{self._url}/subjects/{subject}/versions", body)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return b"\0" + int(json.load(answer)["id"]).to_bytes(4, "big")

    def avro(self, schema: Any, *values: Any) -> list[bytes]:
        """Return messages of a schema, which is registered now."""
        prefix = self.frame(json.dumps(schema))
        return [prefix + encoded(schema, value) for value in values]


@pytest.fixture
def subjects() -> cabc.Iterator[Subjects]:
    with mock_registry() as url:
        yield Subjects(url)


# Avro


@given(st.lists(st.none() | VALUES, max_size=4))
def test_the_rows_of_avro_are_the_payloads_of_the_loop(values: list[Any]) -> None:
    payloads = [None if each is None else encoded(EVERYTHING, each) for each in values]
    table, batch = table_of(avro(schema=json.dumps(EVERYTHING)), None, *payloads)
    assert table.is_complete
    for row, message in zip(rows_of(table, batch), batch, strict=True):
        payload = message.payload or {}
        for name in EVERYTHING["fields"]:
            value, field = payload.get(name["name"]), name["name"]
            found = row["payload_timestamp" if field == "timestamp" else field]
            if value is not None and field in AS_JSON:
                found = json.loads(found)
            if field == "m":
                value = None if value is None else str(value)
            if field == "q" and value is not None:
                assert found == {"x": value["x"], "y": None}
            else:
                assert found == value


def test_the_types_of_avro() -> None:
    table, _ = table_of(avro(schema=json.dumps(EVERYTHING)), None)
    assert {each.name: str(each.type) for each in table.schema if each.name not in PLACES} == {
        "a": "int64",
        "b": "int64",
        "c": "double",
        "d": "bool",
        "e": "string",
        "f": "binary",
        "g": "string",
        "h": "timestamp[us, tz=UTC]",
        "i": "timestamp[us]",
        "j": "date32[day]",
        "k": "time64[us]",
        "l": "decimal128(9, 2)",
        "m": "string",
        "n": "string",
        "o": "list<item: int64>",
        "p": "string",
        "q": "struct<x: int64, y: string>",
        "r": "double",
        "s": "string",
        "t": "binary",
        "u": "int64",
        "payload_timestamp": "int64",
    }


@pytest.mark.parametrize("payload", [avro(), avro(dict), None])
def test_the_schema_in_the_registry_gives_the_columns(subjects: Subjects, payload: Any) -> None:
    schema = record(
        "Flight", carrier="string", delay=["null", "long"], at=logical("long", "timestamp-millis")
    )
    payloads = subjects.avro(schema, {"carrier": "UA", "delay": None, "at": AT})
    declared = Deserializers() if payload is None else Deserializers(payload=payload)
    deserializers = {"flights": declared.compile(subjects.registry)}
    batch: Batch[Any] = Batch([native(0, payloads[0]), native(1, None)], deserializers)
    table = Table(deserializers)
    assert rows_of(table, batch) == [
        {"carrier": "UA", "delay": None, "at": AT},
        {"carrier": None, "delay": None, "at": None},
    ]
    assert [str(each.type) for each in table.schema][5:] == ["string", "int64", "timestamp[us, tz=UTC]"]


def test_of_several_schemas_the_columns_are_those_of_all_with_the_latest_first(subjects: Subjects) -> None:
    first = subjects.avro(
        record("F", old="int", n="int", r=record("R", x="int")), {"old": 1, "n": 2, "r": {"x": 3}}
    )
    second = subjects.avro(
        record("F", n="double", new="string", r=record("R", x="int", y="int")),
        {"n": 0.5, "new": "a", "r": {"x": 4, "y": 5}},
    )
    subjects.avro(record("F", latest=["null", "string"], n="double"))
    table, batch = table_of(avro(), subjects.registry, *first, *second)
    assert rows_of(table, batch) == [
        {"latest": None, "n": 2.0, "old": 1, "r": {"x": 3, "y": None}, "new": None},
        {"latest": None, "n": 0.5, "old": None, "r": {"x": 4, "y": 5}, "new": "a"},
    ]
    assert table.schema.names[5:7] == ["latest", "n"]


def test_an_empty_topic_has_the_columns_of_its_latest_schema(subjects: Subjects) -> None:
    subjects.avro(record("Flight", carrier="string"))
    table, batch = table_of(avro(), subjects.registry)
    assert rows_of(table, batch) == []
    assert table.schema.names == [*PLACES, "carrier"]


@pytest.mark.parametrize(
    ("later", "value", "reason"),
    [
        (record("F", a="string"), {"a": "x"}, "Column 'a' is int64, which 'x' doesn't fit"),
        (record("F", b="int"), {"b": 1}, "The schemas of the first messages have no field 'b'"),
        (
            record("F", r=record("R", y="int")),
            {"r": {"y": 1}},
            "Column 'r' is struct<x: int64>, which {'y': 1} doesn't fit",
        ),
    ],
)
def test_a_later_schema_that_does_not_fit(subjects: Subjects, later: Any, value: Any, reason: str) -> None:
    first = record("F", a="int", r=["null", record("R", x="int")])
    payloads = subjects.avro(first, {"a": 1, "r": None})
    prefix = subjects.frame(json.dumps(later), subject="elsewhere")
    table, batch = table_of(avro(), subjects.registry, *payloads, prefix + encoded(later, value))
    table.infer([batch[:1]])
    with pytest.raises(DeserializationError) as caught:
        table.record_batch(batch)
    assert str(caught.value).startswith(f"Can't put flights-0@1 into columns: {reason}.")


def test_payloads_of_several_records_have_the_columns_of_all(subjects: Subjects) -> None:
    schema = [record("Paid", total="long"), record("Sent", place="string")]
    payloads = subjects.avro(schema, ("Paid", {"total": 1}), ("Sent", {"place": "JFK"}))
    table, batch = table_of(avro(), subjects.registry, *payloads)
    assert rows_of(table, batch) == [{"total": 1, "place": None}, {"total": None, "place": "JFK"}]


def test_a_payload_that_is_no_record_is_one_column(subjects: Subjects) -> None:
    table, batch = table_of(
        avro(), subjects.registry, *subjects.avro({"type": "array", "items": "long"}, [1, 2])
    )
    assert rows_of(table, batch) == [{"payload": [1, 2]}]


def test_framed_payloads_among_json_have_the_types_of_their_values(subjects: Subjects) -> None:
    payloads = subjects.avro(record("F", a="int"), {"a": 1})
    deserializers = {"flights": Deserializers().compile(subjects.registry)}
    batch: Batch[Any] = Batch([native(0, payloads[0]), native(1, b'{"b":"x"}')], deserializers)
    assert rows_of(Table(deserializers), batch) == [{"a": 1, "b": None}, {"a": None, "b": "x"}]


# Protobuf


PROTO = """
syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/struct.proto";
enum State { NEW = 0; PAID = 1; }
message Trip {
  string text = 1; int32 small = 2; uint64 big = 3; double ratio = 4; bool done = 5; bytes raw = 6;
  State state = 7; google.protobuf.Timestamp at = 8; google.protobuf.Int64Value wrapped = 9;
  google.protobuf.Struct any = 10; repeated int64 many = 11; map<string, int32> counts = 12; Inner inner = 13;
  repeated Inner inners = 14; oneof kind { string name = 15; int64 number = 16; }
}
message Inner { int64 x = 1; Inner next = 2; }
"""
TRIP: Any = load_file(PROTO).message_class((0,))
ROW = {
    "text": "é",
    "small": -1,
    "big": 2**64 - 1,
    "ratio": 0.5,
    "done": True,
    "raw": b"\xff",
    "state": "PAID",
    "at": AT,
    "wrapped": 7,
    "any": '{"a":[1.0]}',
    "many": [1, 2],
    "counts": '{"a":1}',
    "inner": {"x": 1, "next": None},
    "inners": [{"x": 2, "next": '{"x":3,"next":null}'}],
    "name": None,
    "number": 5,
}


def trip() -> bytes:
    message = TRIP(
        text="é", small=-1, big=2**64 - 1, ratio=0.5, done=True, raw=b"\xff", state=1, many=[1, 2], number=5
    )
    message.at.FromDatetime(AT)
    message.wrapped.value = 7
    message.any.update({"a": [1]})
    message.counts["a"] = 1
    message.inner.x = 1
    message.inners.add(x=2).next.x = 3
    return bytes(message.SerializeToString())


@pytest.mark.parametrize("payload", [protobuf(), protobuf(dict), None])
def test_the_rows_of_protobuf(subjects: Subjects, payload: Any) -> None:
    prefix = subjects.frame(PROTO, "PROTOBUF") + b"\0"
    declared = Deserializers() if payload is None else Deserializers(payload=payload)
    deserializers = {"flights": declared.compile(subjects.registry)}
    payloads = [prefix + trip(), None, prefix]
    batch: Batch[Any] = Batch([native(i, each) for i, each in enumerate(payloads)], deserializers)
    table = Table(deserializers)
    empty = dict.fromkeys(ROW)
    default = {"text": "", "small": 0, "big": 0, "ratio": 0.0, "done": False, "raw": b"", "state": "NEW"}
    rows = rows_of(table, batch)
    assert rows == [ROW, empty, empty | default | {"many": [], "counts": "{}", "inners": []}]
    assert {name: str(table.schema.field(name).type) for name in ("big", "at", "inner", "many", "any")} == {
        "big": "uint64",
        "at": "timestamp[us, tz=UTC]",
        "inner": "struct<x: int64, next: string>",
        "many": "list<item: int64>",
        "any": "string",
    }


@pytest.mark.parametrize("payload", [protobuf(TRIP), protobuf(dict, message=TRIP)])
def test_a_generated_class_gives_the_columns_before_anything_is_read(payload: Any) -> None:
    table, batch = table_of(payload, None, b"\0\0\0\0\1\0" + trip())
    assert table.is_complete
    assert rows_of(table, batch) == [ROW]


def test_a_number_that_the_enum_does_not_have_is_its_text() -> None:
    table, batch = table_of(protobuf(TRIP), None, b"\0\0\0\0\1\0" + TRIP(state=9).SerializeToString())
    assert rows_of(table, batch)[0]["state"] == "9"


def test_the_latest_schema_has_more_fields(subjects: Subjects) -> None:
    old = 'syntax = "proto3"; package shop; message Trip { string text = 1; }'
    prefix = subjects.frame(old, "PROTOBUF") + b"\0"
    newer = subjects.frame(old.replace("1; }", "1; int32 small = 2; }"), "PROTOBUF") + b"\0"
    message = prefix + TRIP(text="a").SerializeToString()
    later = newer + TRIP(text="b", small=2).SerializeToString()
    table, batch = table_of(protobuf(), subjects.registry, message, later)
    table.infer([batch[:1]])
    rows = table.record_batch(batch).to_pylist()
    assert [(row["text"], row["small"]) for row in rows] == [("a", None), ("b", 2)]


def test_a_moment_beyond_the_calendar_names_the_message() -> None:
    message = TRIP()
    message.at.seconds = 2**50
    table, batch = table_of(protobuf(TRIP), None, b"\0\0\0\0\1\0" + message.SerializeToString())
    with pytest.raises(DeserializationError) as caught:
        table.record_batch(batch)
    assert str(caught.value).startswith(
        "Can't put flights-0@0 into columns: shop.Trip.at is not between year 1 and 9999: "
    )


def test_decimals_of_avro_are_exact() -> None:
    schema = record("F", d=logical("bytes", "decimal", precision=40, scale=10))
    value = decimal.Decimal("123456789012345678901234567890.0123456789")
    table, batch = table_of(avro(schema=json.dumps(schema)), None, encoded(schema, {"d": value}))
    assert rows_of(table, batch) == [{"d": value}]
    assert str(table.schema.field("d").type) == "decimal256(40, 10)"
