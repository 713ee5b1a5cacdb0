"""What each type of Avro becomes, from bytes that are written out as the specification writes them."""

from __future__ import annotations

import datetime
import decimal
import json
import math
import sys
import threading
import uuid
from typing import Any

import pytest

from framework.avro import compile_avro

UTC = datetime.UTC
NOON = 1_357_034_400_000  # 2013-01-01 10:00 in milliseconds


def zigzag(number: int) -> bytes:
    """An int or long as Avro writes it."""
    number = number << 1 if number >= 0 else (~number << 1) | 1
    written = bytearray()
    while number > 127:
        written.append(number & 127 | 128)
        number >>= 7
    return bytes([*written, number])


def text(value: str) -> bytes:
    return zigzag(len(value.encode())) + value.encode()


def record(*fields: Any, name: str = "shop.Order") -> dict[str, Any]:
    """A record of fields that are called a, b, c..."""
    return {
        "type": "record",
        "name": name,
        "fields": [{"name": letter, "type": kind} for letter, kind in zip("abcdefg", fields, strict=False)],
    }


def logical(kind: str, of: str, /, **more: Any) -> dict[str, Any]:
    return {"type": kind, "logicalType": of, **more}


COLOR = {"type": "enum", "name": "Color", "symbols": ["RED", "GREEN"]}
FOUR = {"type": "fixed", "name": "Four", "size": 4}
TREE = record("int", {"type": "array", "items": "Tree"}, name="Tree")
LIST = record("int", ["null", "List"], name="List")


@pytest.mark.parametrize(
    ("schema", "data", "expected"),
    [
        pytest.param("null", b"", None, id="null"),
        pytest.param("boolean", b"\x00", False, id="false"),
        pytest.param("boolean", b"\x01", True, id="true"),
        pytest.param("int", b"\x00", 0, id="zero"),
        pytest.param("int", b"\x01", -1, id="minus one"),
        pytest.param("int", b"\x7f", -64, id="the last of one byte"),
        pytest.param("int", b"\x80\x01", 64, id="the first of two bytes"),
        pytest.param("int", b"\xff\xff\x03", -(2**15), id="three bytes"),
        pytest.param("int", b"\xfe\xff\xff\xff\x0f", 2**31 - 1, id="the largest int"),
        pytest.param("int", b"\xff\xff\xff\xff\x0f", -(2**31), id="the smallest int"),
        pytest.param("int", b"\x82\x80\x00", 1, id="more bytes than it needs"),
        pytest.param("long", b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", 2**63 - 1, id="the largest long"),
        pytest.param("long", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", -(2**63), id="the smallest long"),
        pytest.param("float", b"\x00\x00\xc0\x3f", 1.5, id="float"),
        pytest.param("double", b"\x00\x00\x00\x00\x00\x00\xf8\xbf", -1.5, id="double"),
        pytest.param("double", b"\x00\x00\x00\x00\x00\x00\xf0\x7f", math.inf, id="infinity"),
        pytest.param("bytes", b"\x04\x00\xff", b"\x00\xff", id="bytes"),
        pytest.param("bytes", b"\x00", b"", id="no bytes"),
        pytest.param("string", b"\x06foo", "foo", id="string"),
        pytest.param("string", b"\x04\xc3\xa9", "é", id="a length counts bytes"),
        pytest.param("string", b"\x90\x03" + b"x" * 200, "x" * 200, id="a length of two bytes"),
        pytest.param(COLOR, b"\x02", "GREEN", id="enum"),
        pytest.param(COLOR, b"\x82\x00", "GREEN", id="enum of two bytes"),
        pytest.param(FOUR, b"abcd", b"abcd", id="fixed"),
        pytest.param({"type": "fixed", "name": "Empty", "size": 0}, b"", b"", id="fixed of size 0"),
        pytest.param(["null", "int"], b"\x00", None, id="union: null"),
        pytest.param(["null", "int"], b"\x02\x0e", 7, id="union: int"),
        pytest.param(["int", "null"], b"\x02", None, id="union: null comes last"),
        pytest.param(["null"], b"\x00", None, id="union of one"),
        pytest.param({"type": {"type": "int"}}, b"\x02", 1, id="a type within a type"),
        pytest.param({"type": ["null", "int"]}, b"\x02\x02", 1, id="a union within a type"),
    ],
)
def test_a_type_becomes(schema: Any, data: bytes, expected: object) -> None:
    value = compile_avro(json.dumps(schema))(data, 0)

    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("schema", "data", "expected"),
    [
        pytest.param({"type": "array", "items": "int"}, b"\x00", [], id="empty array"),
        pytest.param({"type": "array", "items": "int"}, b"\x04\x02\x04\x00", [1, 2], id="array"),
        pytest.param({"type": "array", "items": "int"}, b"\x02\x02\x02\x04\x00", [1, 2], id="two blocks"),
        pytest.param(
            {"type": "array", "items": "int"}, b"\x03\x04\x02\x04\x00", [1, 2], id="a size in bytes"
        ),
        pytest.param({"type": "array", "items": "null"}, b"\x04\x00", [None, None], id="items without bytes"),
        pytest.param({"type": "map", "values": "int"}, b"\x00", {}, id="empty map"),
        pytest.param({"type": "map", "values": "int"}, b"\x02\x02a\x04\x00", {"a": 2}, id="map"),
        pytest.param({"type": "map", "values": "int"}, b"\x01\x06\x02a\x04\x00", {"a": 2}, id="a map's size"),
        pytest.param(record("int", "string"), b"\x0e\x02x", {"a": 7, "b": "x"}, id="record"),
        pytest.param(record(), b"", {}, id="record without fields"),
        pytest.param(record(record("int", name="Inner")), b"\x0e", {"a": {"a": 7}}, id="nested record"),
        pytest.param(
            record(record("int", name="Inner"), ["null", "shop.Inner"]),
            b"\x02\x02\x04",
            {"a": {"a": 1}, "b": {"a": 2}},
            id="a type used twice",
        ),
        pytest.param(LIST, b"\x02\x02\x04\x00", {"a": 1, "b": {"a": 2, "b": None}}, id="a recursive list"),
        pytest.param(
            TREE,
            b"\x02\x04\x04\x00\x06\x00\x00",
            {"a": 1, "b": [{"a": 2, "b": []}, {"a": 3, "b": []}]},
            id="a recursive tree",
        ),
        pytest.param([record("int", name="A"), record("string", name="B")], b"\x02\x02x", {"a": "x"}, id="B"),
    ],
)
def test_a_type_with_parts_becomes(schema: Any, data: bytes, expected: object) -> None:
    assert compile_avro(json.dumps(schema))(data, 0) == expected


@pytest.mark.parametrize(
    ("schema", "data", "expected"),
    [
        pytest.param(
            logical("bytes", "decimal", precision=5, scale=2),
            b"\x04\x04\xd2",
            decimal.Decimal("12.34"),
            id="decimal",
        ),
        pytest.param(
            logical("bytes", "decimal", precision=5, scale=2),
            b"\x02\xff",
            decimal.Decimal("-0.01"),
            id="negative decimal",
        ),
        pytest.param(
            logical("bytes", "decimal", precision=5), b"\x00", decimal.Decimal(0), id="decimal of no bytes"
        ),
        pytest.param(
            logical("fixed", "decimal", name="Money", size=4, precision=9, scale=9),
            b"\x00\x00\x00\x01",
            decimal.Decimal("0.000000001"),
            id="fixed decimal",
        ),
        pytest.param(logical("string", "uuid"), text(str(uuid.UUID(int=7))), uuid.UUID(int=7), id="uuid"),
        pytest.param(
            logical("fixed", "uuid", name="Id", size=16),
            b"\x00" * 15 + b"\x07",
            uuid.UUID(int=7),
            id="fixed uuid",
        ),
        pytest.param(logical("int", "date"), b"\x02", datetime.date(1970, 1, 2), id="date"),
        pytest.param(
            logical("int", "date"), zigzag(-719_162), datetime.date(1, 1, 1), id="the first of all dates"
        ),
        pytest.param(
            logical("int", "date"), zigzag(2_932_896), datetime.date(9999, 12, 31), id="the last of all dates"
        ),
        pytest.param(
            logical("int", "time-millis"),
            zigzag(45_296_789),
            datetime.time(12, 34, 56, 789_000),
            id="time-millis",
        ),
        pytest.param(
            logical("long", "time-micros"),
            zigzag(86_399_999_999),
            datetime.time(23, 59, 59, 999_999),
            id="time-micros",
        ),
        pytest.param(
            logical("long", "timestamp-millis"),
            zigzag(NOON),
            datetime.datetime(2013, 1, 1, 10, tzinfo=UTC),
            id="timestamp-millis",
        ),
        pytest.param(
            logical("long", "timestamp-millis"),
            zigzag(-1),
            datetime.datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
            id="timestamp-millis before 1970",
        ),
        pytest.param(
            logical("long", "timestamp-millis"),
            zigzag(253_402_300_799_999),
            datetime.datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
            id="the last timestamp-millis",
        ),
        pytest.param(
            logical("long", "timestamp-micros"),
            zigzag(NOON * 1000 + 1),
            datetime.datetime(2013, 1, 1, 10, 0, 0, 1, tzinfo=UTC),
            id="timestamp-micros",
        ),
        pytest.param(
            logical("long", "local-timestamp-millis"),
            zigzag(NOON),
            datetime.datetime(2013, 1, 1, 10),  # noqa: DTZ001
            id="local-timestamp-millis",
        ),
        pytest.param(
            logical("long", "local-timestamp-micros"),
            zigzag(1),
            datetime.datetime(1970, 1, 1, 0, 0, 0, 1),  # noqa: DTZ001
            id="local-timestamp-micros",
        ),
        pytest.param(logical("long", "timestamp-nanos"), b"\x02", 1, id="nanoseconds stay an int"),
        pytest.param(logical("long", "local-timestamp-nanos"), b"\x02", 1, id="local nanoseconds, too"),
        pytest.param(logical("string", "currency"), b"\x02x", "x", id="unknown logical type"),
        pytest.param(logical("long", "date"), b"\x02", 1, id="date of a long is ignored"),
        pytest.param(logical("bytes", "decimal"), b"\x02x", b"x", id="decimal without precision is ignored"),
        pytest.param(
            logical("bytes", "decimal", precision=2, scale=3), b"\x02x", b"x", id="scale above precision"
        ),
        pytest.param(
            logical("fixed", "decimal", name="F", size=1, precision=3), b"x", b"x", id="precision above size"
        ),
        pytest.param(logical("fixed", "uuid", name="F", size=2), b"xy", b"xy", id="uuid of another size"),
        pytest.param(
            logical("bytes", "decimal", precision=10**9), b"\x02x", b"x", id="precision above any use"
        ),
        pytest.param(
            logical("fixed", "duration", name="D", size=12), b"x" * 12, b"x" * 12, id="duration stays bytes"
        ),
    ],
)
def test_a_logical_type_becomes(schema: Any, data: bytes, expected: object) -> None:
    value = compile_avro(json.dumps(schema))(data, 0)

    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize("unit", [1_000, 1_000_000])
@pytest.mark.parametrize(
    "seconds", [0, 17_179_868, 2_199_023_255, 4_294_967_295, 4_294_967_296, 99_999_999_999]
)
@pytest.mark.parametrize("fraction", [0, 1, -1, 499, 999])
def test_a_timestamp_is_exact(unit: int, seconds: int, fraction: int) -> None:
    # The fast way goes through a float, until 2106.
    value = seconds * unit + fraction
    schema = json.dumps(logical("long", "timestamp-millis" if unit == 1_000 else "timestamp-micros"))

    decoded = compile_avro(schema)(zigzag(value), 0)

    assert decoded - datetime.datetime(1970, 1, 1, tzinfo=UTC) == datetime.timedelta(
        seconds=seconds, microseconds=fraction * (1_000_000 // unit)
    )


@pytest.mark.parametrize("bits", range(64))
def test_a_number_of_any_width_is_exact(bits: int) -> None:
    numbers = [(1 << bits) - 1, -(1 << bits), (1 << bits) // 3, -(1 << bits) // 3]
    data = zigzag(len(numbers)) + b"".join(map(zigzag, numbers)) + b"\x00"

    assert compile_avro(json.dumps({"type": "array", "items": "long"}))(data, 0) == numbers
    for number in numbers if bits < 32 else ():
        assert compile_avro('"int"')(zigzag(number), 0) == number


@pytest.mark.parametrize("following", [b"", b"\x00" * 10])
@pytest.mark.parametrize("bits", range(56))
def test_a_timestamp_of_any_width_is_exact(bits: int, following: bytes) -> None:
    # Those of the usual width are read at once, if so many bytes follow.
    schema = record(
        logical("long", "timestamp-micros"), {"type": "fixed", "name": "F", "size": len(following)}
    )
    decode = compile_avro(json.dumps(schema))

    for micros in ((1 << bits) - 1, -(1 << bits)):
        value = decode(zigzag(micros) + following, 0)
        assert value["a"] - datetime.datetime(1970, 1, 1, tzinfo=UTC) == datetime.timedelta(
            microseconds=micros
        )


def test_fields_keep_the_order_of_the_schema() -> None:
    decode = compile_avro(json.dumps(record("int", "int", "int")))

    assert list(decode(b"\x02\x04\x06", 0)) == ["a", "b", "c"]


def test_decoding_begins_where_it_is_asked_to() -> None:
    decode = compile_avro(json.dumps(record("int")))

    assert decode(b"\x00\x00\x00\x00\x07\x02", 5) == {"a": 1}


@pytest.mark.parametrize(
    ("schema", "data", "expected"),
    [
        pytest.param(record("int"), b"\x02", ("shop.Order", {"a": 1}), id="record"),
        pytest.param(["null", record("int")], b"\x02\x02", ("shop.Order", {"a": 1}), id="record in a union"),
        pytest.param(["null", record("int")], b"\x00", (None, None), id="null in a union"),
        pytest.param(["string", "int"], b"\x02\x02", (None, 1), id="int in a union"),
        pytest.param("string", b"\x02x", (None, "x"), id="string"),
        pytest.param(COLOR, b"\x00", ("Color", "RED"), id="enum"),
        pytest.param({"type": "array", "items": record("int")}, b"\x00", (None, []), id="array of records"),
        pytest.param(
            record(["null", record("int", name="Inner")]),
            b"\x02\x02",
            ("shop.Order", {"a": {"a": 1}}),
            id="a nested union has none",
        ),
    ],
)
def test_names_are_those_of_the_outermost_types(schema: Any, data: bytes, expected: object) -> None:
    assert compile_avro(json.dumps(schema), names=True)(data, 0) == expected


def test_a_union_of_many_types_finds_each() -> None:
    schema = json.dumps([{"type": "fixed", "name": f"F{number}", "size": 1} for number in range(70)])
    decode = compile_avro(schema, names=True)

    assert [decode(zigzag(number) + b"x", 0) for number in range(70)] == [
        (f"F{number}", b"x") for number in range(70)
    ]


@pytest.mark.parametrize("count", [2, 8, 9, 20, 64])
def test_a_union_of_some_types_finds_each(count: int) -> None:
    schema = json.dumps(["null", *({"type": "fixed", "name": f"F{n}", "size": 1} for n in range(1, count))])
    decode = compile_avro(schema, names=True)

    assert decode(b"\x00", 0) == (None, None)
    assert [decode(zigzag(number) + b"x", 0)[0] for number in range(1, count)] == [
        f"F{number}" for number in range(1, count)
    ]


def test_arrays_may_be_nested_deeper_than_loops_of_python() -> None:
    schema: Any = "int"
    for _ in range(50):
        schema = {"type": "array", "items": schema}

    value = compile_avro(json.dumps(schema))(b"\x02" * 51 + b"\x00" * 50, 0)

    for _ in range(50):
        (value,) = value
    assert value == 1


def test_names_of_any_text_are_only_names() -> None:
    name = "'\"}\n\\{raise}\ud800"
    schema = {"type": "record", "name": name, "fields": [{"name": name, "type": "int"}]}

    assert compile_avro(json.dumps(schema), names=True)(b"\x02", 0) == (name, {name: 1})


def test_the_source_code_can_be_read() -> None:
    assert "def decode(data, pos):" in vars(compile_avro('"int"'))["source"]


def test_threads_share_a_decoder() -> None:
    decode = compile_avro(json.dumps(LIST))
    results: list[object] = []
    threads = [
        threading.Thread(target=lambda: results.append([decode(b"\x02\x02\x04\x00", 0) for _ in range(500)]))
        for _ in range(4)
    ]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)

    assert results == [[{"a": 1, "b": {"a": 2, "b": None}}] * 500] * 4
