"""How the text of a schema is understood: names, references, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from framework.avro import AvroDecodeError, AvroSchemaError, compile_avro, root_type
from tests.unit.framework.test_avro_types import COLOR, FOUR, record


def define(name: str, *kinds: Any, **more: Any) -> dict[str, Any]:
    return record(*kinds, name=name) | more


LINE = define("shop.Line", "int")


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        pytest.param("string", "string", id="primitive"),
        pytest.param({"type": "long", "logicalType": "timestamp-millis"}, "long", id="logical type"),
        pytest.param(LINE, "shop.Line", id="record"),
        pytest.param(define("Line", namespace="shop"), "shop.Line", id="namespace"),
        pytest.param(define("shop.Line", namespace="other"), "shop.Line", id="a full name goes before it"),
        pytest.param(define("Line", namespace=""), "Line", id="no namespace"),
        pytest.param(COLOR, "Color", id="enum"),
        pytest.param(FOUR, "Four", id="fixed"),
        pytest.param(["null", "int"], "union", id="union"),
        pytest.param({"type": "array", "items": "int"}, "array", id="array"),
        pytest.param({"type": "map", "values": "int"}, "map", id="map"),
    ],
)
def test_the_name_of_a_schema(schema: Any, expected: str) -> None:
    assert root_type(json.dumps(schema)) == expected


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param(define("shop.Order", define("Line", "int"), "Line"), id="the namespace around it"),
        pytest.param(define("shop.Order", define("Line", "int"), "shop.Line"), id="a full name"),
        pytest.param(define("Order", define("shop.Line", "int"), "shop.Line"), id="a name with a namespace"),
        pytest.param(
            define("Order", define("Line", "int", namespace="shop"), "shop.Line"), id="its namespace"
        ),
        pytest.param(define("Order", define("Line", "int"), "Line", namespace="shop"), id="inherited"),
        pytest.param(define("shop.Order", define("Line", "int", namespace=""), "Line"), id="none"),
        pytest.param(define("shop.Order", define("Line", "int"), {"type": "Line"}), id="as a type"),
        pytest.param(define("shop.Order", define("Line", "int"), define("Line", "int")), id="defined twice"),
        pytest.param(define("O", define("Line", "int"), "Line", aliases=None), id="aliases that are null"),
    ],
)
def test_a_name_is_found(schema: Any) -> None:
    assert compile_avro(json.dumps(schema))(b"\x02\x04", 0) == {"a": {"a": 1}, "b": {"a": 2}}


@pytest.mark.parametrize(
    ("schema", "references"),
    [
        pytest.param(define("Order", "shop.Line"), [LINE], id="one"),
        pytest.param(define("shop.Order", "Line"), [LINE], id="by the namespace around it"),
        pytest.param(
            define("Order", "shop.Box"), [LINE, "shop.Line", define("shop.Box", "int")], id="several"
        ),
        pytest.param(define("Order", "shop.Line"), [["null", LINE]], id="a union of types"),
        pytest.param(define("Order", "shop.Line"), [LINE, LINE], id="twice"),
        pytest.param(define("Order", LINE), [LINE], id="defined again"),
        pytest.param("shop.Line", [LINE], id="nothing but the name"),
        pytest.param(
            define("Order", "shop.Line"),
            [define("shop.Box", LINE, define("Pack", "shop.Line")), define("shop.Bag", LINE, "Line")],
            id="defined within two others",
        ),
    ],
)
def test_references_define_types(schema: Any, references: list[Any]) -> None:
    decode = compile_avro(json.dumps(schema), references=[json.dumps(each) for each in references])

    assert decode(b"\x02", 0) in ({"a": {"a": 1}}, {"a": 1})


def test_a_recursive_type_may_be_defined_twice() -> None:
    tree = json.dumps(define("Tree", {"type": "array", "items": "Tree"}))

    assert compile_avro(tree, references=[tree])(b"\x02\x00\x00", 0) == {"a": [{"a": []}]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(COLOR, COLOR | {"symbols": ["RED"]}, id="enum"),
        pytest.param(FOUR, FOUR | {"size": 5}, id="fixed"),
        pytest.param(LINE, define("shop.Line", {"type": "int", "logicalType": "date"}), id="logical type"),
        pytest.param(LINE, define("shop.Line", ["int"]), id="union"),
        pytest.param(define("R", ["null", "int"]), define("R", ["null", "long"]), id="branch"),
        pytest.param(LINE, define("shop.Line"), id="fields"),
    ],
)
def test_a_type_is_defined_twice_only_if_both_are_equal(one: Any, other: Any) -> None:
    root_type(json.dumps(one), [json.dumps(one)])
    with pytest.raises(AvroSchemaError, match="twice, and differently"):
        root_type(json.dumps(one), [json.dumps(other)])


def test_the_name_of_a_reference() -> None:
    assert root_type('"shop.Line"', [json.dumps(LINE)]) == "shop.Line"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(
            "", "The Avro schema isn't JSON: Expecting value: line 1 column 1 (char 0).", id="empty"
        ),
        pytest.param("5", "5 is no Avro type.", id="number"),
        pytest.param("{}", "{} is no Avro type: its 'type' is missing or wrong.", id="no type"),
        pytest.param(
            '{"type": 5}', "{\"type\": 5} is no Avro type: its 'type' is missing or wrong.", id="type 5"
        ),
        pytest.param(
            '"Foo"',
            "The Avro schema names 'Foo', which neither it nor its references define.",
            id="unknown name",
        ),
        pytest.param("[]", "A union of the Avro schema is empty.", id="empty union"),
        pytest.param('["null", ["int"]]', "A union of the Avro schema contains a union.", id="nested union"),
        pytest.param(
            '["int", {"type": "int"}]',
            "A union of the Avro schema has a type twice: int, int.",
            id="union of ints",
        ),
        pytest.param(
            '{"type": "array"}', '{"type": "array"} of the Avro schema lacks \'items\'.', id="items"
        ),
        pytest.param('{"type": "map"}', '{"type": "map"} of the Avro schema lacks \'values\'.', id="values"),
        pytest.param('{"type": "enum"}', '{"type": "enum"} of the Avro schema lacks \'name\'.', id="name"),
        pytest.param(
            '{"type": "fixed", "name": "", "size": 1}',
            "'name' of the Avro schema is \"\": expected text.",
            id="no name",
        ),
        pytest.param(
            '{"type": "fixed", "name": "F", "size": -1}',
            "The size of the fixed F is -1: expected an int >= 0.",
            id="size",
        ),
        pytest.param(
            '{"type": "fixed", "name": "F", "size": true}',
            "The size of the fixed F is true: expected an int >= 0.",
            id="size of a wrong type",
        ),
        pytest.param(
            '{"type": "enum", "name": "E", "symbols": ["A", "A"]}',
            "The enum E has a symbol twice: A, A.",
            id="symbol twice",
        ),
        pytest.param(
            '{"type": "enum", "name": "E", "symbols": ["A", 1]}',
            "'symbols' of the Avro schema is [\"A\", 1]: expected a list of text.",
            id="symbol of a wrong type",
        ),
        pytest.param(
            '{"type": "enum", "name": "E", "symbols": ["A"], "default": "B"}',
            'The default of the enum E is no symbol of it: "B".',
            id="default of an enum",
        ),
        pytest.param(
            '{"type": "record", "name": "R", "fields": 5}',
            "The fields of the record R are no list.",
            id="fields",
        ),
        pytest.param(
            '{"type": "record", "name": "R", "fields": [5]}', "5 is no field of the record R.", id="field"
        ),
        pytest.param(
            '{"type": "record", "name": "R", "fields": [{"name": "a"}]}',
            '{"name": "a"} of the Avro schema lacks \'type\'.',
            id="field without a type",
        ),
        pytest.param(
            '{"type": "record", "name": "R", "fields": '
            '[{"name": "a", "type": "int"}, {"name": "a", "type": "int"}]}',
            "The record R has two fields of one name: a, a.",
            id="field twice",
        ),
        pytest.param(
            '{"type": "record", "name": "R", "fields": [{"name": "a", "type": "R"}]}',
            "The record R contains itself without end.",
            id="endless record",
        ),
        pytest.param(
            json.dumps(define("O", define("R", "int"), define("R", "long"))),
            "The Avro schema defines R twice, and differently.",
            id="two definitions",
        ),
    ],
)
def test_a_wrong_schema_is_an_error(text: str, sentence: str) -> None:
    with pytest.raises(AvroSchemaError) as caught:
        compile_avro(text)

    assert str(caught.value) == sentence


def test_a_schema_of_101_levels_is_an_error() -> None:
    text = '{"type": "array", "items": ' * 100 + '"int"' + "}" * 100

    with pytest.raises(AvroSchemaError, match="has more than 100 levels"):
        compile_avro(text)


@pytest.mark.parametrize("levels", [500, 100_000])
def test_a_schema_that_is_far_too_deep_is_an_error(levels: int) -> None:
    with pytest.raises(AvroSchemaError):
        compile_avro('{"type": "array", "items": ' * levels + '"int"' + "}" * levels)


def test_references_that_are_far_too_deep_are_an_error() -> None:
    references = [define("R0", "int"), *(define(f"R{level}", f"R{level - 1}") for level in range(1, 2000))]

    with pytest.raises(AvroSchemaError, match="nested too deeply"):
        compile_avro('"R1999"', references=[json.dumps(each) for each in references])


def test_records_that_double_with_each_level_are_an_error() -> None:
    references = [define("R0"), *(define(f"R{n}", f"R{n - 1}", f"R{n - 1}") for n in range(1, 40))]

    with pytest.raises(AvroSchemaError, match="The record R16 has more than 65536 fields"):
        compile_avro('"R39"', references=[json.dumps(each) for each in references])


def test_a_record_may_have_thousands_of_fields() -> None:
    kinds = [
        "int",
        ["null", "int"],
        "string",
        define("Inner", "int"),
        "Inner",
        {"type": "array", "items": "int"},
    ]
    fields = [{"name": f"f{number}", "type": kinds[number]} for number in range(6)]
    fields += [{"name": f"f{number}", "type": kinds[number % 3]} for number in range(6, 3000)]
    schema = {"type": "record", "name": "Wide", "fields": fields}
    data = b"\x02" + b"\x02\x02" + b"\x02x" + b"\x02" + b"\x02" + b"\x00" + b"\x02\x02\x02\x02x" * 998
    decode = compile_avro(json.dumps(schema))

    value = decode(data, 0)

    assert list(value) == [f"f{number}" for number in range(3000)]
    assert list(value.values()) == [1, 1, "x", {"a": 1}, {"a": 1}, [], *[1, 1, "x"] * 998]
    with pytest.raises(AvroDecodeError, match="at field 'f2999'"):
        decode(data[:-1], 0)
    last = schema | {"fields": fields[-1:]}
    assert compile_avro(json.dumps(schema), reader=json.dumps(last))(data, 0) == {"f2999": "x"}
