"""A union of null and a number or text is read in one step: the index and what follows it."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from framework.avro import AvroDecodeError, compile_avro
from tests.unit.framework.test_avro_types import logical, record, text, zigzag

LONG_TEXT = "x" * 200


@pytest.mark.parametrize("is_null_first", [True, False], ids=["null first", "null last"])
@pytest.mark.parametrize(
    ("kind", "written", "expected"),
    [
        pytest.param("int", b"\x0e", 7, id="int"),
        pytest.param("int", b"\x01", -1, id="negative int"),
        pytest.param("int", b"\x80\x01", 64, id="int of two bytes"),
        pytest.param("int", b"\xff\xff\x03", -(2**15), id="int of three bytes"),
        pytest.param("long", zigzag(2**63 - 1), 2**63 - 1, id="the largest long"),
        pytest.param("string", b"\x00", "", id="empty string"),
        pytest.param("string", b"\x06foo", "foo", id="string"),
        pytest.param("string", text(LONG_TEXT), LONG_TEXT, id="a length of two bytes"),
        pytest.param("bytes", b"\x04\x00\xff", b"\x00\xff", id="bytes"),
        pytest.param("boolean", b"\x01", True, id="boolean"),
        pytest.param(logical("int", "date"), b"\x02", datetime.date(1970, 1, 2), id="date"),
        pytest.param(
            logical("long", "timestamp-millis"),
            zigzag(1_000),
            datetime.datetime(1970, 1, 1, 0, 0, 1, tzinfo=datetime.UTC),
            id="timestamp",
        ),
    ],
)
def test_a_nullable_value_is_the_value_or_none(
    kind: Any, written: bytes, expected: object, is_null_first: bool
) -> None:
    union = ["null", kind] if is_null_first else [kind, "null"]
    null, value = (b"\x00", b"\x02") if is_null_first else (b"\x02", b"\x00")
    decode = compile_avro(json.dumps(record(union, union, "int")))

    assert decode(value + written + null + b"\x04", 0) == {"a": expected, "b": None, "c": 2}
    assert decode(null + value + written + b"\x04", 0) == {"a": None, "b": expected, "c": 2}


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        pytest.param("int", b"", "the bytes end in the middle of the value, at field 'a'", id="no index"),
        pytest.param("int", b"\x02", "the bytes end in the middle of the value, at field 'a'", id="no int"),
        pytest.param(
            "int", b"\x02\x80", "the bytes end in the middle of the value, at field 'a'", id="cut int"
        ),
        pytest.param(
            "string", b"\x02", "the bytes end in the middle of the value, at field 'a'", id="no length"
        ),
        pytest.param(
            "string", b"\x02\x06fo", "the bytes end in the middle of the value, at field 'a'", id="cut string"
        ),
        pytest.param("string", b"\x02\x05", "field 'a': the length is negative: -3", id="negative length"),
        pytest.param(
            "string",
            b"\x02\x02\xff",
            "field 'a': invalid UTF-8: invalid start byte at byte 0 of it",
            id="UTF-8",
        ),
        pytest.param(
            "int",
            b"\x02" + zigzag(2**31),
            "field 'a': 2147483648 is out of the range of an int, which has 32 bits",
            id="33 bits",
        ),
        pytest.param(
            "string", b"\x04", "field 'a': union index 2 is out of range: the union has 2 types", id="index 2"
        ),
        pytest.param(
            "int", b"\x82\x00\x02", "field 'a': union index 1 takes 2 bytes instead of 1", id="long index"
        ),
    ],
)
def test_a_wrong_nullable_value_is_an_error(kind: str, data: bytes, sentence: str) -> None:
    with pytest.raises(AvroDecodeError) as caught:
        compile_avro(json.dumps(record(["null", kind])))(data, 0)

    assert str(caught.value) == sentence


def test_a_nullable_int_becomes_the_reader_schema_s_double() -> None:
    written, reader = record(["null", "int"]), record(["null", "double"])

    value = compile_avro(json.dumps(written), reader=json.dumps(reader))(b"\x02\x0e", 0)

    assert value == {"a": 7.0}
    assert type(value["a"]) is float


def test_names_are_those_of_the_branches() -> None:
    decode = compile_avro('["null", "int"]', names=True)

    assert decode(b"\x02\x0e", 0) == (None, 7)
    assert decode(b"\x00", 0) == (None, None)
