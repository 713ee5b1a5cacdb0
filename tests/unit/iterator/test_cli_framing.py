"""Bytes that name a schema say what to do about it, those that may be a number say so, and others nothing."""

from __future__ import annotations

import collections.abc as cabc
import datetime
import json as json_module
import struct
import urllib.request
import uuid
from typing import Any

import pydantic
import pytest

from framework import App
from framework.deserializers import auto, int32, json, raw
from framework.errors import ConfigError, RegistryAuthError, RegistryUnavailableError
from framework.registry import Registry
from framework.schemas import avro, json_schema
from framework.testing import mock_registry, reset_current_app
from framework.types import NOT_GIVEN
from framework_iterator.cli.format import as_text
from tests.unit.iterator.rows import framing, message, row_of

NOON = datetime.datetime(2013, 12, 25, 12, tzinfo=datetime.UTC)
FRAMED = b"\x00\x00\x00\x00\x07\x06\xfffoo"
GUID = uuid.UUID("0d5f1f3c-9a3b-4c7e-8f10-0123456789ab")
BY_GUID = b"\x01" + GUID.bytes
NUMBER = struct.pack(">q", 5_000_000_000)  # as Schema Registry framing it would be schema 298
STRING = '{"type": "string"}'


class Order(pydantic.BaseModel):
    id: int


@pytest.fixture(autouse=True)
def _no_app_is_left() -> cabc.Iterator[None]:
    yield
    reset_current_app()


@pytest.fixture(scope="module")
def registry() -> cabc.Iterator[Registry]:
    """One that has no schemas."""
    with mock_registry() as url:
        found = App(schema_registry=url).schema_registry
        assert found is not None
        yield found


def content(payload: bytes | None, width: int | None = None, **rest: Any) -> str:
    """The content of the line for a message that is declared so."""
    declared = {name: rest.pop(name) for name in ("payload_as", "key_as") if name in rest}
    known = framing(declared.get("payload_as", NOT_GIVEN), declared.get("key_as", NOT_GIVEN),
                    rest.pop("registry", None))  # fmt: skip
    with_headers = rest.pop("with_headers", False)
    given = message(payload, declared.pop("payload_as", None), **declared, timestamp=NOON, **rest)
    line = as_text(given, width, framing=known, headers=with_headers)
    return line.content if width is None else f"{line.location}  {line.content}"


@pytest.mark.parametrize(
    ("declared", "advice"),
    [
        pytest.param({}, "add -r URL", id="nothing"),
        pytest.param({"payload_as": auto}, "add -r URL", id="auto"),
        pytest.param({"payload_as": json}, "add -r URL --payload-as auto", id="JSON"),
        pytest.param({"payload_as": Order}, "add -r URL --payload-as auto", id="a model"),
        pytest.param({"payload_as": dict}, "add -r URL --payload-as auto", id="a dict"),
    ],
)
def test_a_framed_payload_says_what_to_add(declared: dict[str, Any], advice: str) -> None:
    assert content(FRAMED, key=b"k", **declared) == (
        f"k  Schema Registry framing, schema 7: {advice}  (10 bytes) 000000000706ff666f6f"
    )


@pytest.mark.parametrize(
    ("deserializer", "reason"),
    [
        pytest.param(int32, "with int32: expected 4 bytes, not 10", id="int32"),
        pytest.param(json_module.dumps, "with dumps: Object of type bytes is not JSON serializable",
                     id="a function"),
        pytest.param(json_schema(), "with json_schema(): expected value at line 1 column 1", id="a schema"),
    ],
)  # fmt: skip
def test_another_deserializer_says_why_it_failed(deserializer: Any, reason: str) -> None:
    assert content(FRAMED, key=b"k", payload_as=deserializer) == (
        f"k  Can't read the payload of flights-0@0 {reason}  (10 bytes) 000000000706ff666f6f"
    )


def test_bytes_that_are_meant_to_be_bytes_are_no_error() -> None:
    assert content(FRAMED, payload_as=raw) == "-  (10 bytes) 000000000706ff666f6f"


def test_a_header_names_a_schema_too() -> None:
    headers = [("__value_schema_id", BY_GUID)]

    assert content(b"\xff", payload_as=auto, headers=headers) == (
        f"-  Schema Registry framing, schema {GUID}: add -r URL  (1 byte) ff"
    )
    assert content(b"\xff", payload_as=avro(schema=STRING), headers=headers) == (
        f"-  Schema Registry framing, schema {GUID}: add -r URL  (1 byte) ff"
    )


def test_a_payload_that_is_declared_as_json_stays_undecoded_with_a_registry(registry: Registry) -> None:
    assert content(FRAMED, payload_as=Order, registry=registry) == (
        "-  Schema Registry framing, schema 7: declare avro(), protobuf() or json_schema(), or add "
        "--payload-as auto  (10 bytes) 000000000706ff666f6f"
    )


KEYS = [
    pytest.param({}, None, id="as declared: a prefix is no hint"),
    pytest.param({"headers": [("__key_schema_id", BY_GUID)]}, f"schema {GUID}: add -r URL --key-as auto",
                 id="a header"),
    pytest.param({"headers": [("__key_schema_id", BY_GUID)], "key_as": auto}, f"schema {GUID}: add -r URL",
                 id="auto and a header"),
    pytest.param({"key_as": auto}, "schema 7: add -r URL", id="auto"),
    pytest.param({"headers": [("__key_schema_id", BY_GUID)], "key_as": raw}, None, id="bytes"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "hint"), KEYS)
def test_a_framed_key_says_what_to_add_where_it_is_known_to_be_one(
    given: dict[str, Any], hint: str | None
) -> None:
    before = "" if hint is None else f"key: Schema Registry framing, {hint}  "

    assert content(b"1", key=FRAMED, **given) == f"{before}(10 bytes) 000000000706ff666f6f  1"


FRAMED_TEXT = b"\x00\x00\x00\x00\x07\x06foo"


@pytest.mark.parametrize("key", [FRAMED, FRAMED_TEXT])
def test_beside_a_framed_payload_a_key_that_begins_alike_says_what_to_add(key: bytes) -> None:
    advice = "Schema Registry framing, schema 7: add -r URL --key-as auto"

    assert content(FRAMED, key=key).startswith(f"key: {advice}  ({len(key)} bytes) {key.hex()}  payload: ")
    assert row_of(message(FRAMED, auto, key=key), framing(auto))["key_error"] == f"{advice}."


@pytest.mark.parametrize("key", [FRAMED, FRAMED_TEXT])
def test_with_a_registry_every_key_that_begins_so_says_what_to_add(key: bytes, registry: Registry) -> None:
    advice = "Schema Registry framing, schema 7: add --key-as auto"
    row = row_of(message(b"1", auto, key=key), framing(auto, registry=registry))

    assert content(b"1", key=key, registry=registry) == f"key: {advice}  ({len(key)} bytes) {key.hex()}  1"
    assert (row["key"], row["key_error"]) == (None, f"{advice}.")


def test_with_a_registry_a_key_of_8_bytes_may_be_a_number_or_framed(registry: Registry) -> None:
    assert content(b"1", key=NUMBER, registry=registry) == (
        "(8 bytes) 000000012a05f200 --key-as int64, or --key-as auto?  1"
    )
    assert content(FRAMED, key=NUMBER).startswith(
        "(8 bytes) 000000012a05f200 --key-as int64, or -r URL --key-as auto?  Schema Registry framing"
    )


@pytest.mark.parametrize(
    "key", [struct.pack(">q", 70_000), b"\x00" + GUID.bytes[1:], b"\x00abcdef", FRAMED[:4]], ids=repr
)
def test_a_key_of_other_bytes_is_not_taken_for_framed(key: bytes, registry: Registry) -> None:
    shown = content(b"1", key=key, registry=registry)

    assert "auto" not in shown


def test_with_a_registry_a_framed_key_needs_only_its_deserializer(registry: Registry) -> None:
    headers = [("__key_schema_id", BY_GUID)]

    assert content(b"1", key=b"\xff", headers=headers, registry=registry) == (
        f"key: Schema Registry framing, schema {GUID}: add --key-as auto  (1 byte) ff  1"
    )


def test_a_payload_of_8_bytes_may_be_a_number() -> None:
    assert content(NUMBER, payload_as=auto) == (
        "-  8 bytes: --payload-as int64, or Schema Registry framing, schema 298: add -r URL  "
        "(8 bytes) 000000012a05f200"
    )
    assert row_of(message(NUMBER, auto), framing(auto))["payload_error"] == (
        "8 bytes: --payload-as int64, or Schema Registry framing, schema 298: add -r URL."
    )


def test_with_a_registry_it_may_be_a_number_still(registry: Registry) -> None:
    shown = content(NUMBER, payload_as=auto, registry=registry)
    assert shown.startswith("-  8 bytes: --payload-as int64, or Schema 298 isn't in the registry http://")

    error = row_of(message(NUMBER, auto), framing(auto, registry=registry))["payload_error"]
    assert error.startswith(
        "Can't decode the payload by its schema: Schema 298 isn't in the registry http://"
    )
    assert error.endswith(" 8 bytes: --payload-as int64?")


@pytest.mark.parametrize("number", [77, 70_000, 5_000_000_000, 1_700_000_000_000])
def test_a_key_of_8_bytes_may_be_a_number(number: int) -> None:
    data = struct.pack(">q", number)

    assert content(b"1", key=data) == f"(8 bytes) {data.hex()} --key-as int64?  1"
    assert content(b"1", key=data, key_as=raw) == f"(8 bytes) {data.hex()}  1"


@pytest.mark.parametrize("number", [1, 1000, 70_000, 2**24 - 1])
def test_a_key_of_4_bytes_may_be_a_number(number: int) -> None:
    data = struct.pack(">i", number)

    assert content(b"1", key=data) == f"(4 bytes) {data.hex()} --key-as int32?  1"
    assert content(data, payload_as=auto) == f"-  (4 bytes) {data.hex()} --payload-as int32?"
    assert content(b"1", key=data, key_as=raw) == f"(4 bytes) {data.hex()}  1"


def test_a_small_number_as_payload_is_no_framing() -> None:
    data = struct.pack(">q", 70_000)

    assert content(data, payload_as=auto) == f"-  (8 bytes) {data.hex()} --payload-as int64?"


@pytest.mark.parametrize(
    ("given", "line"),
    [
        pytest.param({"key": NUMBER, "payload": b"1"},
                     "flights-0@0  2013-12-25 12:00:00Z  (8 bytes) 000000012a05f200 --key-as int64?  1",
                     id="a number as key"),
        pytest.param({"key": NUMBER, "payload": b"123456"},
                     "flights-0@0  2013-12-25 12:00:00Z  (8 bytes) 000000012a05f200  123456",
                     id="a number as key, where the advice doesn't fit"),
        pytest.param({"key": b"k", "payload": NUMBER, "payload_as": auto},
                     "flights-0@0  12:00:00Z  k  --payload-as int64, or add -r URL  (8 bytes) 0000000…",
                     id="a number as payload"),
        pytest.param({"key": b"k", "payload": FRAMED},
                     "flights-0@0  12:00:00Z  k  Schema Registry, schema 7: add -r URL  000000000706f…",
                     id="a hint in fewer words"),
        pytest.param({"key": b"an even longer key", "payload": FRAMED},
                     "flights-0@0  12:00:00Z  an even longer key  schema 7: add -r URL  000000000706f…",
                     id="a hint in few words"),
        pytest.param({"key": b"k", "payload": b"\xff" * 9, "headers": [("__value_schema_id", BY_GUID)],
                      "payload_as": auto},
                     "flights-0@0  12:00:00Z  k  Schema Registry: add -r URL  (9 bytes) fffffffffffff…",
                     id="a hint without its GUID"),
        pytest.param({"key": FRAMED, "payload": FRAMED, "headers": [("__key_schema_id", BY_GUID)]},
                     "flights-0@0  12:00:00Z  key: add -r URL --key-as auto  payload: add -r URL  000…",
                     id="two hints"),
        pytest.param({"key": FRAMED, "payload": FRAMED, "headers": [("__key_schema_id", BY_GUID)],
                      "topic": "the-orders-of-the-whole-world"},
                     "…-whole-world-0@0  12:00:00Z  key: add -r URL --key-as auto  payload: add -r URL",
                     id="two hints and a long name"),
        pytest.param({"key": FRAMED, "payload": FRAMED, "headers": [("__key_schema_id", BY_GUID)],
                      "with_headers": True},
                     "flights-0@0  12:00:00Z  key: add -r URL --key-as auto  _…  payload: add -r URL",
                     id="two hints and a header"),
        pytest.param({"key": b"k", "payload": FRAMED, "payload_as": Order},
                     "flights-0@0  12:00:00Z  k  schema 7: add -r URL --payload-as auto  000000000706…",
                     id="a hint for a model"),
    ],
)  # fmt: skip
def test_80_columns_show_what_to_do(given: dict[str, Any], line: str) -> None:
    assert content(width=80, **given) == line


def test_a_missing_extra_is_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framework.schemas.extras._is_there", lambda _module: False)
    schema = {"schemaType": "PROTOBUF", "schema": 'syntax = "proto3"; message Trip { string name = 1; }'}
    with mock_registry() as url:
        request = urllib.request.Request(
            f"{url}/subjects/trips-value/versions", data=json_module.dumps(schema).encode()
        )
        with urllib.request.urlopen(request) as answer:
            prefix = b"\x00" + json_module.load(answer)["id"].to_bytes(4, "big")
        trip = prefix + b"\x00\n\x01a"
        shown = content(trip, payload_as=auto, registry=App(schema_registry=url).schema_registry)

    assert shown == (
        '-  A Protobuf schema needs protobuf: pip install "framework-iterator[protobuf]"  '
        "(9 bytes) 0000000001000a0161"
    )


class _Failing:
    """A registry that raises an error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def schema(self, _schema_id: object) -> Any:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(RegistryUnavailableError("away"), id="away"),
        pytest.param(RegistryAuthError("no login"), id="refused"),
        pytest.param(ConfigError("wrong"), id="a setting"),
        pytest.param(ZeroDivisionError("a bug"), id="a bug"),
    ],
)
def test_what_no_message_is_to_blame_for_ends_the_command(error: Exception) -> None:
    registry: Any = _Failing(error)

    with pytest.raises(type(error)):
        framing(auto, registry=registry).explain(message(FRAMED, auto), "payload")
