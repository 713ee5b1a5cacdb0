"""Messages whose parts name their schema."""

from __future__ import annotations

import copy
import json
import pickle
import uuid
from typing import Any

import pydantic
import pytest
from confluent_kafka import Message as ConfluentMessage

from framework import DeserializationError, Deserializers, Message
from framework.deserializers import auto, int64
from framework.errors import (
    ConfigError,
    MissingExtraError,
    RegistryAuthError,
    RegistryUnavailableError,
    RoutingError,
    SchemaNotFoundError,
    SchemaRegistryError,
)
from framework.registry import Schema
from framework.schemas import avro, json_schema, protobuf
from framework.types import RawHeaders
from tests.unit.framework.registries import headers, prefixed, registry

GUID = uuid.UUID("01234567-89ab-cdef-0123-456789abcdef")
ORDER = Schema(
    "AVRO",
    json.dumps({"type": "record", "name": "shop.Order", "fields": [{"name": "total", "type": "int"}]}),
    (),
)
PROTO = Schema("PROTOBUF", 'syntax = "proto3"; package shop; message Order { int32 total = 1; }', ())


class Order(pydantic.BaseModel):
    total: int


def message(
    payload: bytes | None,
    declared: Any,
    schemas: Any = None,
    *,
    key: bytes | None = None,
    headers: RawHeaders | None = None,
) -> Message[Any]:
    native: Any = ConfluentMessage(
        topic="orders", partition=0, offset=3, key=key, value=payload, headers=list(headers or []) or None
    )
    if not isinstance(declared, Deserializers):
        declared = Deserializers(payload=declared)
    return Message(native, "orders", declared.compile(schemas))


@pytest.mark.parametrize(
    ("schema_id", "framed"),
    [
        (7, {"payload": prefixed(7, b"\x0a")}),
        (GUID, {"payload": b"\x0a", "headers": headers(b"\x01" + GUID.bytes)}),
    ],
    ids=["prefix", "header"],
)
def test_a_payload_becomes_the_declared_model_and_knows_its_schema(
    schema_id: int | uuid.UUID, framed: dict[str, Any]
) -> None:
    order = message(declared=avro(Order), schemas=registry({schema_id: ORDER}), **framed)
    assert (order.payload, order.schema_id) == (Order(total=5), schema_id)


def test_a_key_has_a_header_of_its_own() -> None:
    declared = Deserializers(payload=avro(), key=avro(Order))
    named = headers(b"\x00\x00\x00\x00\x07") + headers(b"\x00\x00\x00\x00\x08", "key")
    schemas = registry({7: Schema("AVRO", '"string"', ()), 8: ORDER})
    for each in (
        message(b"\x04ab", declared, schemas, key=b"\x0a", headers=named),
        message(prefixed(7, b"\x04ab"), declared, schemas, key=prefixed(8, b"\x0a")),
    ):
        assert (each.payload, each.key, each.schema_id) == ("ab", Order(total=5), 7)


def test_a_tombstone_and_a_missing_key_are_none() -> None:
    each = message(None, Deserializers(payload=avro(Order), key=avro()), registry())
    assert (each.payload, each.key, each.schema_id) == (None, None, None)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "there are no bytes: Schema Registry framing has at least 5"),
        (b"\x00\x00", "the Schema Registry framing is cut: 2 bytes instead of at least 5"),
        (b'{"total": 5}', "begins with 0x7b: this looks like JSON, not Schema Registry framing"),
        (prefixed(9, b"\x0a"), "Schema 9 isn't in the registry"),
        (prefixed(8, b"\x0a"), "the schema is Protobuf, not Avro: declare protobuf()"),
    ],
)
def test_what_cant_be_read_is_an_error_of_the_message(payload: bytes, reason: str) -> None:
    order = message(payload, avro(Order), registry({7: ORDER, 8: PROTO}))
    for _ in range(2):
        with pytest.raises(DeserializationError) as caught:
            _ = order.payload
        assert str(caught.value) == (
            f"Can't read the payload of orders-0@3 with avro(Order): {reason}. Its bytes are in raw_payload."
        )
        assert isinstance(caught.value.__cause__, ValueError | SchemaNotFoundError)


@pytest.mark.parametrize(
    "error", [RegistryUnavailableError, RegistryAuthError, MissingExtraError, ConfigError]
)
@pytest.mark.parametrize("part", ["payload", "key"])
def test_what_concerns_all_messages_is_raised_as_it_is(part: str, error: type[Exception]) -> None:
    framed = prefixed(7, b"")
    order = message(
        framed, Deserializers(payload=avro(), key=avro()), registry({7: error("down")}), key=framed
    )
    with pytest.raises(error, match=r"^down$"):
        getattr(order, part)


def test_another_error_of_the_registry_is_one_of_the_message() -> None:
    order = message(prefixed(7, b""), avro(), registry({7: SchemaRegistryError("a cycle")}))
    with pytest.raises(DeserializationError, match=r"with avro\(\): a cycle\. "):
        _ = order.payload


@pytest.mark.parametrize(
    ("payload", "declared", "expected"),
    [
        (prefixed(7, b""), int64, None),
        (prefixed(7, b""), bytes, None),
        (prefixed(7, b""), str, None),
        (prefixed(7, b""), lambda data: data, None),
        (prefixed(7, b""), Deserializers(), 7),
        (prefixed(7, b""), Order, 7),
        (prefixed(7, b""), dict, 7),
        (prefixed(7, b""), auto, 7),
        (prefixed(7, b""), json_schema(), 7),
        (b"{}", Deserializers(), None),
        (b"{}", auto, None),
        (prefixed(0, b"\x00\x00\x07"), auto, None),
    ],
)
def test_a_prefix_is_an_id_where_it_cant_be_anything_else(
    payload: bytes, declared: Any, expected: Any
) -> None:
    assert message(payload, declared).schema_id == expected
    named = message(payload, declared, headers=headers(b"\x01" + GUID.bytes))
    assert named.schema_id == GUID


AS_TEXT = (
    '{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "int"}]}'
)
WRITTEN = Schema("AVRO", AS_TEXT.replace('"a"', '"c"'), ())
READERS = AS_TEXT.replace('"name": "a", "type": "int"', '"name": "a", "type": "long", "default": 9')


def test_with_a_schema_bare_avro_needs_no_registry() -> None:
    for payload, expected in [(b"\x02\x04", {"a": 1, "b": 2}), (b"\x00\x04", {"a": 0, "b": 2})]:
        bare = message(payload, avro(schema=AS_TEXT))
        assert (bare.payload, bare.schema_id) == (expected, None)


def test_with_a_schema_framed_messages_are_resolved_to_it() -> None:
    schemas = registry({7: WRITTEN, GUID: WRITTEN})
    framed = message(prefixed(7, b"\x02\x04"), avro(schema=READERS), schemas)
    assert (framed.payload, framed.schema_id) == ({"a": 9, "b": 2}, 7)
    named = message(b"\x02\x04", avro(schema=READERS), schemas, headers=headers(b"\x01" + GUID.bytes))
    assert (named.payload, named.schema_id) == ({"a": 9, "b": 2}, GUID)
    bare = message(b"\x00\x04", avro(schema=READERS), schemas)
    assert (bare.payload, bare.schema_id) == ({"a": 0, "b": 2}, None)


def test_bare_messages_that_begin_with_0_ask_for_a_hundred_ids_and_no_more() -> None:
    schemas = registry()
    five = json.dumps(
        {"type": "record", "name": "R", "fields": [{"name": f"f{each}", "type": "int"} for each in range(5)]}
    )
    for number in range(1, 300):
        bare = message(bytes([0, 0, 0, number // 100, number % 100 + 1]), avro(schema=five), schemas)
        assert (bare.payload["f0"], bare.schema_id) == (0, None)
    assert schemas.asked.total() == 101


def test_a_framed_message_is_not_taken_for_a_bare_one_that_fits_as_well() -> None:
    reader = json.dumps(
        {
            "type": "record",
            "name": "P",
            "fields": [
                {"name": name, "type": ["null", "string"], "default": None}
                for name in ("name", "street", "city", "zip", "country")
            ],
        }
    )
    writer = {"type": "record", "name": "P", "fields": [{"name": "name", "type": "string"}]}
    schemas = registry({2: Schema("AVRO", json.dumps(writer), ())})
    framed = message(prefixed(2, b"\x06Bob"), avro(schema=reader), schemas)
    assert (framed.payload["name"], framed.payload["country"], framed.schema_id) == ("Bob", None, 2)


def test_bytes_that_fit_no_known_schema_are_bare_if_they_fit_so() -> None:
    schemas = registry({7: Schema("AVRO", '"string"', ())})
    five = AS_TEXT.replace('"a", "type": "int"', '"a", "type": {"type": "array", "items": "int"}')
    bare = message(b"\x00\x04", avro(schema=five), schemas)
    assert (bare.payload, bare.schema_id) == ({"a": [], "b": 2}, None)
    wrong = message(prefixed(7, b"\x02\x04"), avro(schema=AS_TEXT), schemas)
    with pytest.raises(DeserializationError, match="reader"):
        _ = wrong.payload


@pytest.mark.parametrize("declared", [json_schema(), json_schema(validate=True), avro(), auto])
def test_bytes_after_the_id_in_a_header_are_an_error(declared: Any) -> None:
    schemas = registry({7: ORDER, 8: Schema("JSON", "{}", ())})
    rest = headers(b"\x00\x00\x00\x00\x08rubbish")
    each = message(b"{}", declared, schemas, headers=rest)
    if declared is auto:
        assert each.payload == b"{}"
        return
    with pytest.raises(DeserializationError, match=r"7 bytes are left over after the id|the schema is JSON"):
        _ = each.payload


def test_what_is_neither_bare_nor_framed_is_an_error_about_the_declared_schema() -> None:
    wrong = message(prefixed(9, b"\x02\x04"), avro(schema=AS_TEXT), registry())
    with pytest.raises(DeserializationError, match="Schema 9 isn't in the registry"):
        _ = wrong.payload
    named = message(b"\x02\x04", avro(schema=AS_TEXT), headers=headers(b"\x00\x00\x00\x00\x07"))
    with pytest.raises(
        DeserializationError, match=r"names a schema: pass App\(schema_registry=...\) to read it"
    ):
        _ = named.payload


def test_a_pickled_message_keeps_what_was_read_and_how_to_read_the_rest() -> None:
    order = message(prefixed(7, b"\x0a"), json_schema())
    assert pickle.loads(pickle.dumps(order)).schema_id == 7
    text = message(prefixed(7, b"[1]"), json_schema(list))
    assert text.payload == [1]
    again = pickle.loads(pickle.dumps(text))
    assert (again.payload, again.is_deserialized, again.schema_id) == ([1], True, 7)


@pytest.mark.parametrize(
    "declared", [protobuf(), auto, Deserializers()], ids=["protobuf()", "auto", "default"]
)
def test_a_message_of_a_class_that_only_this_process_has_is_read_again(declared: Any) -> None:
    order = message(prefixed(8, b"\x00\x08\x05"), declared, registry({8: PROTO}))
    assert order.payload.total == 5
    again = copy.deepcopy(order)  # which is made as a pickle is
    assert not again.is_deserialized
    assert again.payload.total == 5


@pytest.mark.parametrize("declared", [avro(), avro(Order), protobuf(), json_schema(validate=True)])
@pytest.mark.parametrize("part", ["payload", "key"])
def test_a_declaration_that_needs_a_registry_says_so_before_the_first_message(
    declared: Any, part: str
) -> None:
    with pytest.raises(ConfigError, match=f"^{part}=.* needs a schema registry: pass App"):
        Deserializers(**{part: declared}).compile()


@pytest.mark.parametrize("declared", [Deserializers(), dict, Order], ids=["default", "dict", "model"])
def test_json_that_looks_framed_says_how_to_read_it(declared: Any) -> None:
    with pytest.raises(DeserializationError) as caught:
        _ = message(prefixed(7, b"\x0a"), declared).payload
    assert (
        "It looks like Schema Registry framing, schema 7: pass App(schema_registry=...), "
        "and declare nothing, or avro(), protobuf() or json_schema(). Its bytes are in raw_payload."
    ) in str(caught.value)


@pytest.mark.parametrize(
    ("schema", "declared"),
    [
        (Schema("AVRO", "{", ()), avro()),
        (Schema("PROTOBUF", "message {", ()), protobuf()),
        (ORDER, avro(schema='{"type": "record", "name": "O", "fields": [{"name": "x", "type": "int"}]}')),
    ],
    ids=["avro", "protobuf", "resolution"],
)
def test_a_schema_that_is_unusable_is_compiled_once(schema: Schema, declared: Any) -> None:
    read = declared.bind("payload", registry({7: schema})).read
    reasons = set()
    for _ in range(3):
        with pytest.raises(ValueError) as caught:  # noqa: PT011  # each has its own
            read(prefixed(7, b"\x0a\x0a"), None)
        reasons.add(str(caught.value))
    assert len(reasons) == 1


@pytest.mark.parametrize("declared", [avro, protobuf, json_schema])
def test_a_declaration_without_parentheses_is_told(declared: Any) -> None:
    with pytest.raises(RoutingError) as caught:
        Deserializers(payload=declared)
    name = declared.__name__
    assert str(caught.value) == f"payload={name} is a function: write payload={name}()."


def test_a_decoded_uuid_becomes_the_declared_uuid() -> None:
    schema = Schema("AVRO", '{"type": "string", "logicalType": "uuid"}', ())

    found = message(prefixed(7, b"\x48" + str(GUID).encode()), avro(uuid.UUID), registry({7: schema}))

    assert found.payload == GUID
