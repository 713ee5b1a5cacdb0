"""Bytes that are cut, left over, hostile or not framed are an error of their message that says why."""

from __future__ import annotations

from typing import Any

import pytest

from framework.schemas import avro, json_schema, protobuf
from tests.confluent_serializers import Framed, Framing, avro_record, proto_classes, record
from tests.scenarios.payloads import FRAMINGS, Payloads, error_of, payloads_fixture
from tests.scenarios.reading import report_of

ORDER = avro_record("shop.Order", id="long", customer="string")
DRAFT = "http://json-schema.org/draft-07/schema#"
DOC = f'{{"$schema": "{DRAFT}", "title": "Doc", "type": "object"}}'


damaged = payloads_fixture()
prefixed = payloads_fixture("prefix")


def trip_of(topic: str) -> Any:
    text = 'syntax = "proto3"; message Trip { int64 id = 1; string city = 2; }'
    return proto_classes({f"{topic}/trip.proto": text})["Trip"]


@FRAMINGS
def test_avro_that_is_cut_or_left_over(damaged: Payloads, framing: Framing) -> None:
    data, headers = damaged.confluent.avro(ORDER).dump({"id": 1, "customer": "Anna"})
    written = [data + b"\0\0\0", data[:-1], data, data + b"x", b""]
    damaged.write(*(record(Framed(each, headers)) for each in written))
    iterator = damaged.iterator(payload=avro(), errors="skip")
    assert [(each.offset, each.payload) for each in iterator] == [(2, {"id": 1, "customer": "Anna"})]
    assert (report_of(iterator).messages, report_of(iterator).unreadable) == (1, 4)
    messages = damaged.read(payload=avro())
    assert [message.raw_payload for message in messages] == written
    assert [error_of(messages[offset]) for offset in (0, 1, 3)] == [
        "3 bytes are left over after the value",
        "the bytes end in the middle of the value, at field 'customer'",
        "1 byte is left over after the value",
    ]


@FRAMINGS
def test_avro_with_hostile_lengths_and_counts(damaged: Payloads, framing: Framing) -> None:
    kinds = {"texts": {"type": "array", "items": "string"}, "nulls": {"type": "array", "items": "null"}}
    data, headers = damaged.confluent.avro(avro_record("Hostile", **kinds)).dump({"texts": [], "nulls": []})
    start = data[:-2]
    huge = b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"  # 2**63 - 1
    written = [
        start + each for each in (huge, b"\x02" + huge, b"\0" + huge + b"\0", b"\xff" * 20, b"\x01\x01")
    ]
    damaged.write(*(record(Framed(each, headers)) for each in written))
    ways: list[dict[str, Any]] = [{"payload": avro()}, {}]
    for declared in ways:
        iterator = damaged.iterator(**declared, errors="skip")
        assert list(iterator) == []
        assert report_of(iterator).unreadable == len(written)


@FRAMINGS
def test_protobuf_that_is_cut(damaged: Payloads, framing: Framing) -> None:
    trip_class = trip_of(damaged.topic)
    data, headers = damaged.confluent.protobuf(trip_class).dump(trip_class(id=1, city="Oslo"))
    damaged.write(*(record(Framed(each, headers)) for each in (data[:-1], data, data + b"\x0a")))
    for declared in (protobuf(trip_class), protobuf()):
        iterator = damaged.iterator(payload=declared, errors="skip")
        assert [(message.offset, message.payload.city) for message in iterator] == [(1, "Oslo")]
        assert (report_of(iterator).messages, report_of(iterator).unreadable) == (1, 2)
        assert error_of(damaged.read(payload=declared)[0]) == "the bytes are cut or not of Trip"


def test_message_indexes_that_lead_nowhere(prefixed: Payloads) -> None:
    trip_class = trip_of(prefixed.topic)
    start = prefixed.confluent.protobuf(trip_class).dump(trip_class()).data[:5]
    huge = b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"
    indexes = [b"\x02\x06", b"\x04\0\0", b"\x04\0", b"\x01", huge, b"\xff" * 20, b""]
    prefixed.write(*(start + each for each in indexes))
    for message in prefixed.read(payload=protobuf()):
        assert "index" in error_of(message)


def few(prefixed: Payloads, kind: str) -> tuple[Any, bytes]:
    """What is declared, and the prefix of a schema of that type."""
    if kind == "avro":
        return avro(), prefixed.confluent.avro(ORDER).dump({"id": 1, "customer": ""}).data[:5]
    if kind == "json":
        return json_schema(validate=True), prefixed.confluent.json_schema(DOC).dump({}).data[:5]
    trip_class = trip_of(prefixed.topic)
    return protobuf(), prefixed.confluent.protobuf(trip_class).dump(trip_class()).data[:5]


@pytest.mark.parametrize(
    ("kind", "five"),
    [
        ("avro", "the bytes end in the middle of the value, at field 'id'"),
        ("json", "EOF while parsing a value at line 1 column 0"),
        ("protobuf", "the message index list is cut"),
    ],
)
def test_zero_to_five_bytes(prefixed: Payloads, kind: str, five: str) -> None:
    declared, start = few(prefixed, kind)
    prefixed.write(*(start[:length] for length in range(6)))
    assert prefixed.errors(payload=declared) == [
        "there are no bytes: Schema Registry framing has at least 5",
        "the Schema Registry framing is cut: 1 byte instead of at least 5",
        *(
            f"the Schema Registry framing is cut: {length} bytes instead of at least 5"
            for length in (2, 3, 4)
        ),
        five,
    ]


@pytest.mark.parametrize("kind", ["avro", "json", "protobuf"])
def test_what_isnt_framed_says_what_it_looks_like(prefixed: Payloads, kind: str) -> None:
    declared, _ = few(prefixed, kind)
    url = prefixed.confluent.url
    prefixed.write(b'{"id": 1}', b"[1, 2]", b"\x01\x02", b"\0\xff\xff\xff\xff\x02")
    assert prefixed.errors(payload=declared) == [
        "begins with 0x7b: this looks like JSON, not Schema Registry framing",
        "begins with 0x5b: this looks like JSON, not Schema Registry framing",
        "begins with 0x01, not with the 0 of Schema Registry framing",
        (
            f"Schema 4294967295 isn't in the registry {url}: ids are from 1 to 2147483647. "
            "Was the message written without a schema?"
        ),
    ]


def test_a_schema_of_another_type_says_what_to_declare(prefixed: Payloads) -> None:
    trip_class = trip_of(prefixed.topic)
    prefixed.write(
        *prefixed.confluent.avro(ORDER).record({"id": 1, "customer": ""}),
        *prefixed.confluent.json_schema(DOC).record({}),
        *prefixed.confluent.protobuf(trip_class).record(trip_class()),
    )
    of_avro, of_json, of_protobuf = prefixed.read(payload=avro())
    assert of_avro.payload == {"id": 1, "customer": ""}
    assert error_of(of_json) == "the schema is JSON Schema, not Avro: declare json_schema()"
    assert error_of(of_protobuf) == "the schema is Protobuf, not Avro: declare protobuf()"
    of_avro, of_json, of_protobuf = prefixed.read(payload=protobuf())
    assert error_of(of_avro) == "the schema is Avro, not Protobuf: declare avro()"
    assert of_protobuf.payload.id == 0
