from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pydantic
import pytest

from framework.errors import ConfigError, SchemaNotFoundError
from framework.registry import Schema
from framework.schemas import json_schema
from tests.unit.framework.registries import headers, prefixed, registry

ORDER = Schema(
    "JSON",
    json.dumps(
        {
            "type": "object",
            "properties": {"total": {"type": "number", "minimum": 0}, "to": {"$ref": "address.json"}},
            "required": ["total"],
        }
    ),
    (("address.json", json.dumps({"type": "object", "properties": {"city": {"type": "string"}}})),),
)


class Order(pydantic.BaseModel):
    total: float


class OrderStruct(msgspec.Struct):
    total: float


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (None, {"total": 1.5}),
        (dict, {"total": 1.5}),
        (Order, Order(total=1.5)),
        (OrderStruct, OrderStruct(1.5)),
        (lambda value: value["total"], 1.5),
        (dict[str, float], {"total": 1.5}),
    ],
)
@pytest.mark.parametrize("validate", [False, True])
def test_a_document_becomes_the_declared_type(model: Any, expected: Any, validate: bool) -> None:
    read = json_schema(model, validate=validate).bind("payload", registry({7: ORDER})).read
    assert read(prefixed(7, b'{"total": 1.5}'), None) == expected
    assert read(b'{"total": 1.5}', headers(b"\x00\x00\x00\x00\x07")) == expected


def test_without_validation_no_registry_is_asked_nor_needed() -> None:
    read = json_schema().bind("payload", None).read
    assert [read(prefixed(number, b"[1]"), None) for number in (1, 2, 3)] == [[1]] * 3


def test_validation_needs_a_registry() -> None:
    with pytest.raises(ConfigError) as caught:
        json_schema(Order, validate=True).bind("payload", None)
    assert str(caught.value) == (
        "payload=json_schema(Order) with validate=True needs a schema registry: "
        "pass App(schema_registry='http://...'), set SCHEMA_REGISTRY_URL, or add -r URL on the command line."
    )


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"{}", '"total" is a required property'),
        (b'{"total": -1}', "total: -1 is less than the minimum of 0"),
        (b'{"total": 1, "to": {"city": 5}}', 'to.city: 5 is not of type "string"'),
    ],
)
def test_what_the_schema_refuses_is_an_error_that_names_the_place(document: bytes, reason: str) -> None:
    read = json_schema(validate=True).bind("payload", registry({7: ORDER})).read
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        read(prefixed(7, document), None)


def test_each_schema_is_asked_for_once() -> None:
    schemas = registry({7: ORDER, 8: ORDER})
    read = json_schema(validate=True).bind("payload", schemas).read
    for _ in range(3):
        read(prefixed(7, b'{"total": 1}'), None)
        read(prefixed(8, b'{"total": 1}'), None)
        read(b'{"total": 1}', headers(b"\x00\x00\x00\x00\x08"))
    assert schemas.asked == {7: 1, 8: 2}


def test_a_schema_that_is_unknown_is_asked_for_again() -> None:
    schemas = registry()
    read = json_schema(validate=True).bind("payload", schemas).read
    for _ in range(2):
        with pytest.raises(SchemaNotFoundError):
            read(prefixed(7, b"{}"), None)
    schemas.schemas[7] = Schema("JSON", "{}", ())
    assert read(prefixed(7, b"{}"), None) == {}


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (Schema("AVRO", '"string"', ()), "the schema is Avro, not JSON Schema: declare avro()"),
        (Schema("PROTOBUF", "", ()), "the schema is Protobuf, not JSON Schema: declare protobuf()"),
        (Schema("THRIFT", "", ()), "the schema is THRIFT, not JSON Schema"),
        (Schema("JSON", "{", ()), "the schema is invalid: Expecting property name"),
        (Schema("JSON", '{"type": 5}', ()), "the schema is invalid: 5 is not valid under any"),
        (Schema("JSON", '{"$ref": "http://127.0.0.1:1/x.json"}', ()), "the schema is invalid: "),
    ],
    ids=["avro", "protobuf", "unknown", "no JSON", "no schema", "a reference to a network"],
)
def test_a_schema_that_cant_validate_is_an_error(schema: Schema, reason: str) -> None:
    read = json_schema(validate=True).bind("payload", registry({7: schema})).read
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}"):
        read(prefixed(7, b"{}"), None)
