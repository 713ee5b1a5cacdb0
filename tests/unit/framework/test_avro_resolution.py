"""Schema resolution: what is read with another schema than it was written with."""

from __future__ import annotations

import datetime
import decimal
import json
from typing import Any

import pytest

from framework.avro import AvroDecodeError, AvroSchemaError, compile_avro
from tests.unit.framework.test_avro_types import FOUR, logical, text, zigzag


def compiled(writer: Any, reader: Any, *, names: bool = False) -> Any:
    return compile_avro(json.dumps(writer), reader=json.dumps(reader), names=names)


def order(*fields: dict[str, Any], name: str = "shop.Order", **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def field(name: str, kind: Any = "int", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


def enum(*symbols: str, **more: Any) -> dict[str, Any]:
    return {"type": "enum", "name": "Color", "symbols": list(symbols), **more}


CENTS = logical("bytes", "decimal", precision=5, scale=2)
MILLIS = logical("long", "timestamp-millis")
INNER = order(field("x"), name="shop.Inner")
NODE = order(field("value"), field("next", ["null", "Node"]), name="Node")
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("writer", "reader", "data", "expected"),
    [
        pytest.param("int", "int", b"\x02", 1, id="int to int"),
        pytest.param("int", "long", b"\x02", 1, id="int to long"),
        pytest.param("int", "float", b"\x02", 1.0, id="int to float"),
        pytest.param("int", "double", b"\x02", 1.0, id="int to double"),
        pytest.param("long", "float", b"\x02", 1.0, id="long to float"),
        pytest.param("long", "double", b"\x02", 1.0, id="long to double"),
        pytest.param("float", "double", b"\x00\x00\xc0\x3f", 1.5, id="float to double"),
        pytest.param("string", "bytes", text("é"), "é".encode(), id="string to bytes"),
        pytest.param("bytes", "string", text("é"), "é", id="bytes to string"),
        pytest.param(FOUR, FOUR, b"abcd", b"abcd", id="fixed"),
        pytest.param("int", ["null", "int"], b"\x02", 1, id="into a union"),
        pytest.param("int", ["null", "double"], b"\x02", 1.0, id="into a union, promoted"),
        pytest.param("int", ["double", "int"], b"\x02", 1, id="the same type goes before a promotion"),
        pytest.param("int", ["double", "long"], b"\x02", 1.0, id="else the first branch that fits"),
        pytest.param(["null", "int"], "int", b"\x02\x02", 1, id="out of a union"),
        pytest.param(["null", "int"], ["string", "long", "null"], b"\x00", None, id="union to union: null"),
        pytest.param(["null", "int"], ["string", "double", "null"], b"\x02\x02", 1.0, id="union to union"),
        pytest.param(
            {"type": "array", "items": "int"},
            {"type": "array", "items": "double"},
            b"\x02\x02\x00",
            [1.0],
            id="array",
        ),
        pytest.param(
            {"type": "map", "values": "int"},
            {"type": "map", "values": ["null", "long"]},
            b"\x02\x02a\x02\x00",
            {"a": 1},
            id="map",
        ),
        pytest.param(enum("A", "B"), enum("B", "C", "A"), b"\x02", "B", id="enum of another order"),
        pytest.param(enum("A", "B"), enum("A", "C", default="C"), b"\x02", "C", id="enum default"),
        pytest.param("int", logical("int", "date"), b"\x02", datetime.date(1970, 1, 2), id="becomes a date"),
        pytest.param(logical("int", "date"), "int", b"\x02", 1, id="is no date any more"),
        pytest.param(logical("int", "date"), "double", b"\x02", 1.0, id="a date to a double"),
        pytest.param(
            "int", MILLIS, zigzag(1000), EPOCH + datetime.timedelta(seconds=1), id="int to timestamp"
        ),
        pytest.param("string", CENTS, b"\x02\x01", decimal.Decimal("0.01"), id="string to decimal"),
        pytest.param(CENTS, "bytes", b"\x02\x01", b"\x01", id="decimal to bytes"),
        pytest.param(
            CENTS,
            logical("bytes", "decimal", precision=9, scale=2),
            b"\x02\x01",
            decimal.Decimal("0.01"),
            id="decimal of more digits",
        ),
    ],
)
def test_a_type_is_read_as_another(writer: Any, reader: Any, data: bytes, expected: object) -> None:
    value = compiled(writer, reader)(data, 0)

    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("writer", "reader", "data", "expected"),
    [
        pytest.param(
            order(field("a"), field("b")),
            order(field("b"), field("a")),
            b"\x02\x04",
            {"b": 2, "a": 1},
            id="order",
        ),
        pytest.param(order(field("a"), field("b")), order(field("b")), b"\x02\x04", {"b": 2}, id="dropped"),
        pytest.param(
            order(field("a")), order(field("b", aliases=["x", "a"])), b"\x02", {"b": 1}, id="renamed field"
        ),
        pytest.param(
            order(field("a")),
            order(field("b", aliases=["a"], default=7), field("a")),
            b"\x02",
            {"b": 7, "a": 1},
            id="a name goes before an alias",
        ),
        pytest.param(
            order(field("a")),
            order(field("b", aliases=["a"], default=7), field("c", aliases=["a"], default=8)),
            b"\x02",
            {"b": 1, "c": 8},
            id="an alias is used once",
        ),
        pytest.param(
            order(field("a")), order(field("a"), name="other.Order"), b"\x02", {"a": 1}, id="other namespace"
        ),
        pytest.param(
            order(field("a"), name="shop.Bill"),
            order(field("a"), aliases=["Bill"]),
            b"\x02",
            {"a": 1},
            id="renamed record",
        ),
        pytest.param(
            order(field("a"), name="old.Bill"),
            order(field("a"), aliases=["old.Bill"]),
            b"\x02",
            {"a": 1},
            id="renamed record, by its full name",
        ),
        pytest.param(
            order(field("a"), field("inner", INNER), field("b")),
            order(field("b")),
            b"\x02\x02\x06",
            {"b": 3},
            id="dropped record",
        ),
        pytest.param(
            NODE,
            order(field("next", ["null", "Node"]), name="Node"),
            b"\x02\x02\x04\x00",
            {"next": {"next": None}},
            id="recursive record",
        ),
        pytest.param(
            order(field("list", NODE), field("b")),
            order(field("b")),
            b"\x02\x02\x04\x00\x06",
            {"b": 3},
            id="dropped recursive record",
        ),
        pytest.param(
            [order(field("a"), name="one.Order"), order(field("a"), name="two.Order")],
            [order(field("x", default=1), name="one.Order"), order(field("a"), name="two.Order")],
            b"\x02\x04",
            {"a": 2},
            id="the full name decides within a union",
        ),
        pytest.param(
            order(field("a")),
            ["null", order(field("a", "string")), order(field("a", "long"), name="other.Order")],
            b"\x02",
            {"a": 1},
            id="a branch that can't be read is passed over",
        ),
    ],
)
def test_a_record_is_read_as_another(writer: Any, reader: Any, data: bytes, expected: dict[str, Any]) -> None:
    value = compiled(writer, reader)(data, 0)

    assert value == expected
    assert list(value) == list(expected)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        pytest.param("null", b"", id="null"),
        pytest.param("boolean", b"\x01", id="boolean"),
        pytest.param("int", zigzag(2**31 - 1), id="int"),
        pytest.param("long", zigzag(-(2**63)), id="long"),
        pytest.param("float", b"1234", id="float"),
        pytest.param("double", b"12345678", id="double"),
        pytest.param("bytes", b"\x04ab", id="bytes"),
        pytest.param("string", text("x" * 100), id="string"),
        pytest.param(logical("string", "uuid"), text("isn't one, and nobody asks"), id="logical type"),
        pytest.param(FOUR, b"abcd", id="fixed"),
        pytest.param(enum("A", "B"), b"\x02", id="enum"),
        pytest.param(["null", "string"], b"\x02\x02x", id="union"),
        pytest.param({"type": "array", "items": "int"}, b"\x04\x02\x02\x00", id="array"),
        pytest.param({"type": "array", "items": "null"}, b"\x04\x00", id="array of nulls"),
        pytest.param(
            {"type": "array", "items": "int"}, b"\x03\x08abcd\x02\x02\x00", id="block of known size"
        ),
        pytest.param({"type": "map", "values": "string"}, b"\x02\x02a\x02b\x00", id="map"),
        pytest.param(INNER, b"\x02", id="record"),
        pytest.param(NODE, b"\x02\x02\x02\x00", id="recursive record"),
    ],
)
def test_what_is_not_wanted_is_skipped(kind: Any, data: bytes) -> None:
    decode = compiled(order(field("dropped", kind), field("a")), order(field("a")))

    assert decode(data + b"\x0e", 0) == {"a": 7}
    for end in range(len(data)):
        with pytest.raises(AvroDecodeError):
            decode(data[:end], 0)


@pytest.mark.parametrize(
    ("kind", "default", "expected"),
    [
        pytest.param("null", None, None, id="null"),
        pytest.param("boolean", True, True, id="boolean"),
        pytest.param("int", 7, 7, id="int"),
        pytest.param("double", 7, 7.0, id="double"),
        pytest.param("double", "-Infinity", float("-inf"), id="infinity"),
        pytest.param("string", "é", "é", id="string"),
        pytest.param("bytes", "\u00ff\u0000", b"\xff\x00", id="bytes"),
        pytest.param(FOUR, "\u00ffabc", b"\xffabc", id="fixed"),
        pytest.param(enum("A", "B"), "B", "B", id="enum"),
        pytest.param({"type": "array", "items": "bytes"}, ["a"], [b"a"], id="array"),
        pytest.param({"type": "map", "values": "int"}, {"a": 1}, {"a": 1}, id="map"),
        pytest.param(["null", "int"], None, None, id="the first branch of a union"),
        pytest.param(["null", "int"], 7, 7, id="another branch of a union"),
        pytest.param(INNER, {"x": 7}, {"x": 7}, id="record"),
        pytest.param(order(field("y", default=8), name="In"), {}, {"y": 8}, id="record, by its own defaults"),
        pytest.param(MILLIS, 1000, EPOCH + datetime.timedelta(seconds=1), id="timestamp"),
        pytest.param(CENTS, "\u0001", decimal.Decimal("0.01"), id="decimal"),
    ],
)
def test_a_field_that_was_not_written_has_its_default(kind: Any, default: Any, expected: object) -> None:
    decode = compiled(order(field("a")), order(field("new", kind, default=default), field("a")))

    value = decode(b"\x02", 0)

    assert value == {"new": expected, "a": 1}
    assert type(value["new"]) is type(expected)


def test_a_default_without_end_is_an_error() -> None:
    # It is its own default.
    node = order(field("next", "Node", default={}), name="Node")

    with pytest.raises(AvroSchemaError, match="is wrong: more than 50 levels"):
        compiled(order(), order(field("a", node, default={})))


@pytest.mark.parametrize(
    ("kind", "default", "sentence"),
    [
        pytest.param("boolean", 1, "1 is no boolean", id="boolean"),
        pytest.param("int", True, "True is no int", id="int"),
        pytest.param("string", 7, "7 is no string", id="string"),
        pytest.param("bytes", "€", "'latin-1' codec can't encode character", id="bytes"),
        pytest.param(FOUR, "abc", "'abc' is no shop.Four", id="fixed"),
        pytest.param(enum("A"), "B", "'B' is no shop.Color", id="enum"),
        pytest.param(["null", "int"], "B", "'B' is no union", id="union"),
        pytest.param({"type": "array", "items": "int"}, "B" * 50, "'BBBBBB.*[.]{3} is no array", id="long"),
    ],
)
def test_a_wrong_default_is_an_error(kind: Any, default: Any, sentence: str) -> None:
    with pytest.raises(AvroSchemaError, match=f"The default of shop.Order.a is wrong: {sentence}"):
        compiled(order(), order(field("a", kind, default=default)))


def test_each_value_has_defaults_of_its_own() -> None:
    kind = {"type": "map", "values": {"type": "array", "items": "int"}}
    decode = compiled(order(), order(field("new", kind, default={"a": [1]})))

    decode(b"", 0)["new"]["a"].append(2)

    assert decode(b"", 0) == {"new": {"a": [1]}}


@pytest.mark.parametrize(
    ("writer", "reader", "sentence"),
    [
        pytest.param(
            "string",
            "int",
            "string was written, which the reader's schema can't read as int.",
            id="string to int",
        ),
        pytest.param(
            "long", "int", "long was written, which the reader's schema can't read as int.", id="long"
        ),
        pytest.param(
            ["null", "string"],
            ["int", "boolean"],
            "null or string was written, which the reader's schema can't read as int or boolean.",
            id="unions",
        ),
        pytest.param(
            order(field("a")),
            order(field("b")),
            "The field 'b' of shop.Order was not written, and the reader's schema has no default for it.",
            id="no default",
        ),
        pytest.param(
            order(field("a", INNER)),
            order(field("a", order(field("x", "string"), name="Inner"))),
            "Field 'a' of shop.Order: Field 'x' of shop.Inner: int was written, which the reader's schema "
            "can't read as string.",
            id="nested field",
        ),
        pytest.param(
            order(field("a")),
            ["null", order(field("b"))],
            "The field 'b' of shop.Order was not written, and the reader's schema has no default for it.",
            id="the record of a union",
        ),
        pytest.param(
            order(),
            order(name="shop.Bill"),
            "shop.Order was written, which the reader's schema can't read as shop.Bill.",
            id="other record",
        ),
        pytest.param(
            enum("A"),
            enum("B"),
            "The enum Color of the reader's schema has none of the symbols written.",
            id="other symbols",
        ),
        pytest.param(
            FOUR,
            FOUR | {"size": 5},
            "Four (4 bytes) was written, which the reader's schema can't read as Four (5 bytes).",
            id="other size",
        ),
        pytest.param(
            CENTS,
            logical("bytes", "decimal", precision=5, scale=3),
            "A decimal of scale 2 was written, but the reader's schema asks for scale 3.",
            id="other scale",
        ),
        pytest.param(
            order(),
            order(field("a", "int", default="x")),
            "The default of shop.Order.a is wrong: 'x' is no int.",
            id="wrong default",
        ),
        pytest.param(
            order(),
            order(field("a", "int", default=2**31)),
            "The default of shop.Order.a is wrong: 2147483648 is no int.",
            id="default out of range",
        ),
        pytest.param(
            order(),
            order(field("a", logical("string", "uuid"), default="x")),
            "The default of shop.Order.a is wrong: 'x' is no UUID.",
            id="default that has no native form",
        ),
        pytest.param(
            order(),
            order(field("a", INNER, default={})),
            "The default of shop.Order.a is wrong: it lacks 'x'.",
            id="default that lacks a field",
        ),
    ],
)
def test_schemas_that_do_not_match_are_an_error(writer: Any, reader: Any, sentence: str) -> None:
    with pytest.raises(AvroSchemaError) as caught:
        compiled(writer, reader)

    assert str(caught.value) == sentence


def test_a_branch_that_can_not_be_read_fails_for_its_values_only() -> None:
    decode = compiled(order(field("a", ["null", "int", "string"])), order(field("a", ["null", "long"])))

    assert decode(b"\x02\x02", 0) == {"a": 1}
    with pytest.raises(AvroDecodeError) as caught:
        decode(b"\x04\x02x", 0)
    assert str(caught.value) == (
        "field 'a': string was written, which the reader's schema can't read as null or long"
    )


def test_a_symbol_that_the_reader_lacks_fails_for_its_values_only() -> None:
    decode = compiled(order(field("a", enum("A", "B"))), order(field("a", enum("B"))))

    assert decode(b"\x02", 0) == {"a": "B"}
    with pytest.raises(AvroDecodeError) as caught:
        decode(b"\x00", 0)
    assert str(caught.value) == "field 'a': the reader's shop.Color has no symbol 'A' and no default"


def test_a_recursive_record_that_can_not_be_read_fails() -> None:
    # While Node is resolved, its branch `next` is resolved to itself; then `value` fails.
    writer = order(field("next", ["null", "Node"]), field("value", "string"), name="Node")

    with pytest.raises(AvroSchemaError, match="Field 'value' of Node: string was written"):
        compiled(writer, order(field("next", ["null", "Node"]), field("value"), name="Node"))


def test_what_referred_to_a_record_that_failed_fails_too() -> None:
    # A is read into either branch of the union; the first fails after B, which refers to it, was resolved.
    b = order(field("a", ["null", "A"]), name="B")
    writer = order(field("b", ["null", b]), field("value"), name="A")
    reader_b = order(field("a", ["null", "x.A"]), name="B")
    first = order(field("b", ["null", reader_b]), field("value", "string"), name="x.A")
    second = order(field("b", ["null", "x.B"]), field("value"), name="y.A")

    decode = compiled(writer, [first, second])

    assert decode(b"\x00\x02", 0) == {"b": None, "value": 1}
    assert decode(b"\x02\x00\x02", 0) == {"b": {"a": None}, "value": 1}
    with pytest.raises(AvroDecodeError, match=r"field 'b\.a'"):
        decode(b"\x02\x02\x00\x02\x02", 0)


def test_names_are_those_of_the_reader() -> None:
    writer = ["null", order(field("a"))]
    reader = ["null", order(field("a"), name="other.Order")]

    assert compiled(writer, reader, names=True)(b"\x02\x02", 0) == ("other.Order", {"a": 1})
    assert compiled(writer[1], reader, names=True)(b"\x02", 0) == ("other.Order", {"a": 1})
    assert compiled(writer, reader, names=True)(b"\x00", 0) == (None, None)
