"""A topic that declares nothing gives framed payloads decoded by their schema, and others as JSON."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from framework.deserializers import auto, int64
from tests.confluent_serializers import Format, Framing, avro_record, proto_classes, record
from tests.scenarios.payloads import FRAMINGS, Payloads, error_of, is_schema_id, payloads_fixture
from tests.support import Record

NOTE = avro_record("shop.Note", text="string")
DRAFT = "http://json-schema.org/draft-07/schema#"
DOC = f'{{"$schema": "{DRAFT}", "title": "Doc", "properties": {{"a": {{}}}}}}'


mixed = payloads_fixture()
prefixed = payloads_fixture("prefix")


def formats(mixed: Payloads) -> tuple[Format, Format, Format, Any]:
    text = 'syntax = "proto3"; message Trip { string city = 1; }'
    trip = proto_classes({f"{mixed.topic}/trip.proto": text})["Trip"]
    confluent = mixed.confluent
    return confluent.avro(NOTE), confluent.json_schema(DOC), confluent.protobuf(trip), trip


@FRAMINGS
@pytest.mark.parametrize("declared", [{}, {"payload": auto}], ids=["nothing", "auto"])
def test_each_framed_payload_is_decoded_by_its_own_schema(
    mixed: Payloads, framing: Framing, declared: dict[str, Any]
) -> None:
    note, doc, trip, trip_class = formats(mixed)
    mixed.write(
        *note.record({"text": "hi"}),
        *doc.record({"a": [1]}),
        *trip.record(trip_class(city="Oslo")),
        b'{"plain": true}',
        None,
    )
    messages = mixed.read(**declared)
    first, second, third, plain, tombstone = [message.payload for message in messages]
    assert (first, second, plain, tombstone) == ({"text": "hi"}, {"a": [1]}, {"plain": True}, None)
    assert (third.DESCRIPTOR.full_name, third.city) == ("Trip", "Oslo")
    assert [is_schema_id(message.schema_id, framing) for message in messages] == [True] * 3 + [False] * 2
    assert [message.schema_id for message in messages][3:] == [None, None]


@FRAMINGS
def test_keys_stay_as_they_are_declared(mixed: Payloads, framing: Framing) -> None:
    note = mixed.confluent.avro(NOTE)
    key = note.dump({"text": "a key"}, key=True)
    mixed.write(record(note.dump({"text": "hi"}), key))
    [message] = mixed.read()
    assert (message.payload, message.raw_key) == ({"text": "hi"}, key.data)
    [message] = mixed.read(key=bytes)
    assert (message.payload, message.key) == ({"text": "hi"}, key.data)


JSON: list[tuple[bytes, Any]] = [
    (b'{"a": 1}', {"a": 1}),
    (b"[1]", [1]),
    (b'"text"', "text"),
    (b"0", 0),
    (b"-1.5", -1.5),
    (b"true", True),
    (b"null", None),
    (b" \n\t5", 5),
]


def test_json_is_json_whatever_it_begins_with(prefixed: Payloads) -> None:
    prefixed.write(*(text for text, _ in JSON))
    for declared in ({}, {"payload": auto}):
        messages = prefixed.read(**declared)
        assert [message.payload for message in messages] == [value for _, value in JSON]
        assert {message.schema_id for message in messages} == {None}


def test_few_bytes_are_no_framing(prefixed: Payloads) -> None:
    few = [b"", b"\0", b"\0\0", b"\0\0\0\x01", b"\0\0\0\0\0"]
    prefixed.write(*few)
    messages = prefixed.read()
    assert [error_of(message).partition(" at ")[0] for message in messages] == [
        "EOF while parsing a value", *["expected value"] * 4,
    ]  # fmt: skip
    assert {message.schema_id for message in messages} == {None}
    assert prefixed.payloads(payload=auto) == [each.decode() for each in few]


def test_numbers_as_keys_and_payloads_are_no_framing(prefixed: Payloads) -> None:
    numbers = [0, 1, 255, 2**31, 2**32, 2**40 + 5]
    prefixed.write(*(Record(number.to_bytes(8), key=number.to_bytes(8)) for number in numbers))
    messages = prefixed.read(key=int64, payload=int64)
    assert [(message.key, message.payload, message.schema_id) for message in messages] == [
        (number, number, None) for number in numbers
    ]


def test_auto_never_fails(prefixed: Payloads) -> None:
    unknown = b"\0\x7f\xff\xff\xff\x02hi"
    cut = prefixed.confluent.avro(NOTE).dump({"text": "hi"}).data[:-1]
    written: list[tuple[bytes, Any]] = [
        (b"2013-01-01 ERROR what's \xc3\xa9", "2013-01-01 ERROR what's é"),
        (b"\x1f\x8b\x08\0gzip", b"\x1f\x8b\x08\0gzip"),
        (b"NaN", "NaN"),
        (unknown, unknown),
        (cut, cut),
        (b'{"a": ', '{"a": '),
    ]
    prefixed.write(*(data for data, _ in written))
    messages = prefixed.read(payload=auto)
    assert [message.payload for message in messages] == [value for _, value in written]
    assert [message.schema_id for message in messages] == [
        None, None, None, 2**31 - 1, int.from_bytes(cut[1:5]), None,
    ]  # fmt: skip


def test_a_header_that_names_no_schema_is_told(prefixed: Payloads) -> None:
    guid = uuid.UUID(int=7)
    prefixed.write(
        Record(b"\x02a", headers=[("__value_schema_id", b"\x01" + guid.bytes)]),
        Record(b"\x02a", headers=[("__value_schema_id", b"\x01short")]),
    )
    by_guid, malformed = prefixed.read()
    assert by_guid.schema_id == guid
    assert str(guid) in error_of(by_guid)
    assert error_of(malformed) == (
        "the header __value_schema_id is 0x0173686f7274: "
        "expected the byte 1 and a GUID, or the byte 0 and an id"
    )


def test_a_topic_that_is_declared_as_bytes_stays_bytes(prefixed: Payloads) -> None:
    framed = prefixed.confluent.avro(NOTE).dump({"text": "hi"}).data
    prefixed.write(framed)
    [message] = prefixed.read(payload=bytes)
    assert (message.payload, message.schema_id) == (framed, None)
