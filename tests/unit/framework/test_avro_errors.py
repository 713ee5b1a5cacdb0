"""What bytes that don't fit the schema raise, and that they never cost more than they are worth."""

from __future__ import annotations

import inspect
import json
import sys
import time
import tracemalloc
from typing import Any

import pytest

from framework.avro import AvroDecodeError, compile_avro
from tests.unit.framework.test_avro_types import COLOR, FOUR, LIST, TREE, logical, record, text, zigzag

ORDER = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "int"},
        {
            "name": "lines",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "Line",
                    "fields": [
                        {"name": "sku", "type": "string"},
                        {"name": "sent", "type": ["null", logical("long", "timestamp-millis")]},
                    ],
                },
            },
        },
        {"name": "notes", "type": {"type": "map", "values": "string"}},
    ],
}
NULLS = {"type": "array", "items": "null"}
LINE = text("A1") + b"\x00"


@pytest.mark.parametrize(
    ("schema", "data", "sentence"),
    [
        pytest.param("int", b"\x02\x00", "1 byte is left over after the value", id="one byte left over"),
        pytest.param("null", b"abc", "3 bytes are left over after the value", id="bytes left over"),
        pytest.param("int", b"", "the bytes end in the middle of the value", id="no bytes"),
        pytest.param("int", b"\x80", "the bytes end in the middle of the value", id="cut number"),
        pytest.param("double", b"1234567", "the bytes end in the middle of the value", id="cut double"),
        pytest.param("float", b"123", "the bytes end in the middle of the value", id="cut float"),
        pytest.param("string", b"\x06ab", "the bytes end in the middle of the value", id="cut string"),
        pytest.param("bytes", zigzag(2**62), "the bytes end in the middle of the value", id="huge length"),
        pytest.param(FOUR, b"abc", "the bytes end in the middle of the value", id="cut fixed"),
        pytest.param("string", zigzag(-3) + b"abc", "the length is negative: -3", id="negative length"),
        pytest.param("string", b"\x02\xff", "invalid UTF-8: invalid start byte at byte 0 of it", id="UTF-8"),
        pytest.param("boolean", b"\x07", "a boolean of 7: expected 0 or 1", id="boolean"),
        pytest.param("long", b"\xff" * 10 + b"\x01", "a number takes more than 10 bytes", id="11 bytes"),
        pytest.param("long", b"\xff" * 9 + b"\x02", "a number is out of the range of 64 bits", id="65 bits"),
        pytest.param(
            "int",
            zigzag(2**31),
            "2147483648 is out of the range of an int, which has 32 bits",
            id="33 bits",
        ),
        pytest.param(COLOR, b"\x04", "enum index 2 is out of range: the enum has 2 symbols", id="enum"),
        pytest.param(
            COLOR, b"\x01", "enum index -1 is out of range: the enum has 2 symbols", id="negative enum"
        ),
        pytest.param(
            ["null", "int"], b"\x04", "union index 2 is out of range: the union has 2 types", id="union"
        ),
        pytest.param(
            ["null", "int"],
            b"\x01",
            "union index -1 is out of range: the union has 2 types",
            id="negative union",
        ),
        pytest.param(["null", "int"], b"\x80", "the bytes end in the middle of the value", id="cut union"),
        pytest.param(
            ["null", "int"], b"\x82\x00", "union index 1 takes 2 bytes instead of 1", id="long union"
        ),
        pytest.param(
            {"type": "array", "items": "int"},
            b"\x01\x01",
            "the size of a block is negative: -1",
            id="negative block size",
        ),
        pytest.param(
            {"type": "array", "items": "int"},
            b"\x01\x08\x02\x00",
            "the bytes end in the middle of the value",
            id="block size beyond the bytes",
        ),
        pytest.param(
            {"type": "array", "items": "int"},
            zigzag(2**62) + b"\x02\x04",
            "the bytes end in the middle of the value, at item [2]",
            id="huge count",
        ),
        pytest.param(
            {"type": "map", "values": "int"},
            b"\x02\x02a",
            "the bytes end in the middle of the value, at item ['a']",
            id="cut value of a map",
        ),
    ],
)
def test_wrong_bytes_are_an_error(schema: Any, data: bytes, sentence: str) -> None:
    with pytest.raises(AvroDecodeError) as caught:
        compile_avro(json.dumps(schema))(data, 0)

    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        pytest.param(b"", "the bytes end in the middle of the value, at field 'id'", id="first field"),
        pytest.param(b"\x02", "the bytes end in the middle of the value, at field 'lines'", id="count"),
        pytest.param(
            b"\x02\x06" + LINE + LINE + b"\x02\xff",
            "field 'lines[2].sku': invalid UTF-8: invalid start byte at byte 0 of it",
            id="third line",
        ),
        pytest.param(
            b"\x02\x02" + LINE + b"\x02" + LINE + b"\x02" + text("A1") + b"\x06",
            "field 'lines[2].sent': union index 3 is out of range: the union has 2 types",
            id="third line, in the third block",
        ),
        pytest.param(
            b"\x02\x02" + text("A1") + b"\x02" + zigzag(253_402_300_800_000),
            "field 'lines[0].sent': timestamp 253402300800000 is past the year 9999",
            id="timestamp",
        ),
        pytest.param(
            b"\x02\x00\x04" + text("a") + text("b") + text("c") + b"\x02\xff",
            "field \"notes['c']\": invalid UTF-8: invalid start byte at byte 0 of it",
            id="value of a map",
        ),
        pytest.param(
            b"\x02\x00\x02" + text("x" * 41) + b"\x01",
            "field 'notes[...]': the length is negative: -1",
            id="a long key isn't shown",
        ),
    ],
)
def test_an_error_names_the_field(data: bytes, sentence: str) -> None:
    with pytest.raises(AvroDecodeError) as caught:
        compile_avro(json.dumps(ORDER))(data, 0)

    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        pytest.param(
            logical("long", "timestamp-micros"),
            zigzag(2**63 - 1),
            "field 'a': timestamp 9223372036854775807 is past the year 9999",
            id="timestamp-micros",
        ),
        pytest.param(
            logical("long", "timestamp-millis"),
            zigzag(-(2**62)),
            "field 'a': timestamp -4611686018427387904 is before the year 1",
            id="timestamp-millis",
        ),
        pytest.param(
            logical("long", "local-timestamp-millis"),
            zigzag(253_402_300_800_000),
            "field 'a': timestamp 253402300800000 is past the year 9999",
            id="local-timestamp-millis",
        ),
        pytest.param(
            logical("long", "local-timestamp-micros"),
            zigzag(-62_135_596_800_000_001),
            "field 'a': timestamp -62135596800000001 is before the year 1",
            id="local-timestamp-micros",
        ),
        pytest.param(
            logical("int", "date"),
            zigzag(2_932_897),
            "field 'a': date 2932897 is past the year 9999",
            id="date",
        ),
        pytest.param(
            logical("int", "date"),
            zigzag(-719_163),
            "field 'a': date -719163 is before the year 1",
            id="early date",
        ),
        pytest.param(
            logical("int", "time-millis"),
            zigzag(86_400_000),
            "field 'a': time 86400000 is not within a day",
            id="time",
        ),
        pytest.param(
            logical("long", "time-micros"),
            zigzag(-1),
            "field 'a': time -1 is not within a day",
            id="early time",
        ),
        pytest.param(logical("string", "uuid"), text("abc"), "field 'a': 'abc' is no UUID", id="uuid"),
        pytest.param(
            logical("string", "uuid"),
            text("x" * 99),
            f"field 'a': '{'x' * 37}'... is no UUID",
            id="long uuid",
        ),
        pytest.param(
            logical("bytes", "decimal", precision=2),
            b"\x02\x64",
            "field 'a': a decimal has more than 2 digits",
            id="decimal",
        ),
    ],
)
def test_a_value_without_native_form_is_an_error(kind: Any, data: bytes, sentence: str) -> None:
    with pytest.raises(AvroDecodeError) as caught:
        compile_avro(json.dumps(record(kind)))(data, 0)

    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("schema", "data", "sentence"),
    [
        pytest.param(
            NULLS, zigzag(3_000_000) + b"\x00", "3000000 items that take no bytes are too many", id="nulls"
        ),
        pytest.param(
            {"type": "array", "items": NULLS},
            zigzag(100) + (zigzag(60_000) + b"\x00") * 100 + b"\x00",
            "item [1]: 60000 items that take no bytes are too many",
            id="nulls within arrays",
        ),
        pytest.param(
            NULLS,
            zigzag(60_000) * 2,
            "60000 items that take no bytes are too many",
            id="nulls of several blocks",
        ),
        pytest.param(
            {"type": "array", "items": record(*["null"] * 5)},
            zigzag(20_000) + b"\x00",
            "20000 items that take no bytes are too many",
            id="records of nulls",
        ),
        pytest.param(
            {"type": "array", "items": {"type": "fixed", "name": "F", "size": 0}},
            zigzag(2**62) + b"\x00",
            f"{2**62} items that take no bytes are too many",
            id="fixed of size 0",
        ),
        pytest.param(
            LIST,
            b"\x02\x02" * 200_000,
            "field 'b.b.b.b.b.b.b.b.b.b.b.b...': the value has more than 200 levels",
            id="a list that is too deep",
        ),
        pytest.param(
            TREE,
            b"\x02\x02" * 200_000,
            "field 'b[0].b[0].b[0].b[0].b[0].b[0]...': the value has more than 200 levels",
            id="a tree that is too deep",
        ),
        pytest.param(
            logical("bytes", "decimal", precision=9),
            zigzag(1_000_000) + b"\x7f" * 1_000_000,
            "a decimal has more than 9 digits",
            id="a decimal of a million bytes",
        ),
    ],
)
def test_hostile_bytes_are_refused_at_once(schema: Any, data: bytes, sentence: str) -> None:
    decode = compile_avro(json.dumps(schema))
    tracemalloc.start()
    started = time.thread_time()

    with pytest.raises(AvroDecodeError) as caught:
        decode(data, 0)

    seconds, memory = time.thread_time() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(caught.value) == sentence
    assert seconds < 1
    assert memory < 3_000_000


def test_a_list_may_be_200_levels_deep() -> None:
    value = compile_avro(json.dumps(LIST))(b"\x02\x02" * 199 + b"\x02\x00", 0)

    for _ in range(199):
        value = value["b"]
    assert value == {"a": 1, "b": None}


def test_items_that_take_no_bytes_may_be_many() -> None:
    assert compile_avro(json.dumps(NULLS))(zigzag(65_536) + b"\x00", 0) == [None] * 65_536


def test_a_stack_that_is_nearly_full_is_an_error() -> None:
    decode = compile_avro(json.dumps(LIST))
    data = b"\x02\x02" * 199 + b"\x02\x00"

    def call_deep(levels: int) -> object:
        return call_deep(levels - 1) if levels else decode(data, 0)

    with pytest.raises(AvroDecodeError, match="the value is nested too deeply"):
        call_deep(sys.getrecursionlimit() - len(inspect.stack(0)) - 100)


def test_the_cause_of_invalid_text_is_kept() -> None:
    with pytest.raises(AvroDecodeError) as caught:
        compile_avro('"string"')(b"\x02\xff", 0)

    assert isinstance(caught.value.__cause__, UnicodeDecodeError)


def test_an_error_holds_no_frame_of_the_decoder() -> None:
    # The frames hold the message and all that was decoded of it.
    with pytest.raises(AvroDecodeError) as caught:
        compile_avro('"int"')(b"", 0)

    assert caught.value.__context__ is None
