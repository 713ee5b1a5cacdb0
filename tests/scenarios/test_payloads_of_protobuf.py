"""Protobuf that Confluent's serializer wrote is read as Confluent's deserializer reads it, or into dicts."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import pytest
from confluent_kafka import Producer

from framework.schemas import protobuf
from tests import support
from tests.confluent_serializers import Framing, Subjects, proto_classes, record
from tests.scenarios.payloads import (
    FRAMINGS,
    Payloads,
    as_confluent_reads,
    is_schema_id,
    payloads,
    payloads_fixture,
)

SYNTAX = 'syntax = "proto3"; '
TRIP = "message Trip { int64 id = 1; string city = 2; }"
CITIES = ["Oslo", "Łódź"]


trips = payloads_fixture()


def classes_of(trips: Payloads, text: str, **imported: str) -> dict[str, Any]:
    """Generate classes of files whose names no other test uses, as those become names of subjects."""
    named = {f"{trips.topic}/{name}.proto": SYNTAX + each for name, each in imported.items()}
    imports = "".join(f'import "{name}"; ' for name in named)
    return proto_classes({**named, f"{trips.topic}/main.proto": SYNTAX + imports + text})


@FRAMINGS
def test_payloads_and_keys_are_those_that_confluent_reads(trips: Payloads, framing: Framing) -> None:
    trip_class = classes_of(trips, TRIP)["Trip"]
    trip = trips.confluent.protobuf(trip_class)
    written = [trip_class(id=number, city=city) for number, city in enumerate(CITIES)]
    keys = [trip_class(id=number) for number in range(2)]
    trips.write(
        *(record(trip.dump(each), trip.dump(of, key=True)) for each, of in zip(written, keys, strict=True))
    )
    messages = trips.read(payload=protobuf(trip_class), key=protobuf(trip_class))
    assert [message.payload for message in messages] == written
    assert [message.key for message in messages] == keys
    assert {type(message.payload) for message in messages} == {trip_class}
    assert [as_confluent_reads(trip, message) for message in messages] == written
    assert [as_confluent_reads(trip, message, key=True) for message in messages] == keys
    assert is_schema_id(messages[0].schema_id, framing)


@FRAMINGS
def test_classes_are_built_of_the_registrys_schemas(trips: Payloads, framing: Framing) -> None:
    trip_class = classes_of(trips, TRIP)["Trip"]
    trips.write(*trips.confluent.protobuf(trip_class).record(*(trip_class(city=city) for city in CITIES)))
    messages = trips.read(payload=protobuf())
    assert [message.payload.city for message in messages] == CITIES
    assert [message.payload.DESCRIPTOR.full_name for message in messages] == ["Trip", "Trip"]
    assert [message.payload.SerializeToString() for message in messages] == [
        trip_class(city=city).SerializeToString() for city in CITIES
    ]


@FRAMINGS
@pytest.mark.parametrize("subjects", ["topic", "record", "topic-record"])
def test_several_and_nested_messages_of_a_file_are_told_apart(
    framing: Framing,
    subjects: Subjects,
    registry: str,
    kafka: str,
    producer: Producer,
    topic: support.TopicFactory,
) -> None:
    with payloads(framing, registry, kafka, producer, topic(), subjects=subjects) as trips:
        space = trips.topic.replace("-", "_")
        text = (
            f"package {space}; message First {{ string a = 1; }} "
            "message Second { message Left { string b = 1; } "
            "message Right { message Deep { string c = 1; } Deep deep = 1; } }"
        )
        classes = classes_of(trips, text)
        written = [
            classes[f"{space}.Second.Right.Deep"](c="deep"),
            classes[f"{space}.First"](a="first"),
            classes[f"{space}.Second.Left"](b="left"),
            classes[f"{space}.Second.Right"](deep={"c": "in it"}),
            classes[f"{space}.Second"](),
        ]
        for each in written:
            trips.write(*trips.confluent.protobuf(type(each)).record(each))
        assert trips.payloads(payload=protobuf(dict)) == [
            {"c": "deep"}, {"a": "first"}, {"b": "left"}, {"deep": {"c": "in it"}}, {},
        ]  # fmt: skip
        built = trips.payloads(payload=protobuf())
        assert [each.DESCRIPTOR.full_name for each in built] == [
            each.DESCRIPTOR.full_name for each in written
        ]


@FRAMINGS
def test_references_may_be_nested_and_repeated(trips: Payloads, framing: Framing) -> None:
    place, person = f"{trips.topic}/place.proto", f"{trips.topic}/person.proto"
    order = f"{trips.topic}/order.proto"
    classes = proto_classes(
        {
            place: SYNTAX + 'package geo; import "google/protobuf/timestamp.proto"; '
            "message Place { string city = 1; google.protobuf.Timestamp since = 2; }",
            person: SYNTAX + f'import "{place}"; message Person {{ geo.Place home = 1; }}',
            order: SYNTAX + f'package shop; import "{person}"; import "{place}"; '
            "message Order { Person by = 1; repeated geo.Place stops = 2; }",
        }
    )
    format_ = trips.confluent.protobuf(classes["shop.Order"])
    graz = {"city": "Graz", "since": {"seconds": 86400}}
    written = classes["shop.Order"](by={"home": graz}, stops=[graz, {"city": "Rome"}])
    trips.write(*format_.record(written))
    [message] = trips.read(payload=protobuf(dict))
    since = datetime.datetime(1970, 1, 2, tzinfo=datetime.UTC)
    assert message.payload == {
        "by": {"home": {"city": "Graz", "since": since}},
        "stops": [{"city": "Graz", "since": since}, {"city": "Rome", "since": None}],
    }
    assert as_confluent_reads(format_, message) == written


@FRAMINGS
def test_values_of_every_kind_become_those_of_a_dict(trips: Payloads, framing: Framing) -> None:
    zoo = classes_of(
        trips,
        'import "google/protobuf/duration.proto"; import "google/protobuf/wrappers.proto"; '
        'import "google/protobuf/struct.proto"; '
        "enum Suit { HEARTS = 0; SPADES = 7; } "
        "message Zoo { double d = 1; float f = 2; int32 i = 3; uint64 u = 4; sint64 s = 5; fixed32 x = 6; "
        "bool b = 7; string t = 8; bytes y = 9; Suit suit = 10; repeated int32 many = 11; "
        "map<string, Zoo> inner = 12; optional int32 maybe = 13; "
        "oneof one { string left = 14; int64 right = 15; } "
        "google.protobuf.Duration took = 16; google.protobuf.Int64Value wrapped = 17; "
        "google.protobuf.Struct json = 18; repeated Suit suits = 19; optional string absent = 20; }",
    )["Zoo"]
    written = zoo(
        d=0.1, f=0.5, i=-(2**31), u=2**64 - 1, s=-(2**63), x=2**32 - 1, b=True, t="naïve", y=b"\0\xff",
        suit="SPADES", many=range(300), inner={"a": {"i": 1}}, maybe=0, right=5, took={"seconds": 90},
        wrapped={"value": 0}, json={"k": [None, 1.5, "x"]}, suits=[0, 7, 9],
    )  # fmt: skip
    format_ = trips.confluent.protobuf(zoo)
    trips.write(*format_.record(written))
    [message] = trips.read(payload=protobuf(dict))
    inner = message.payload.pop("inner")
    assert message.payload == {
        "d": 0.1, "f": 0.5, "i": -(2**31), "u": 2**64 - 1, "s": -(2**63), "x": 2**32 - 1, "b": True,
        "t": "naïve", "y": b"\0\xff", "suit": "SPADES", "many": [*range(300)], "maybe": 0,
        "left": None, "right": 5, "took": datetime.timedelta(seconds=90), "wrapped": 0,
        "json": {"k": [None, 1.5, "x"]}, "suits": ["HEARTS", "SPADES", 9], "absent": None,
    }  # fmt: skip
    assert (inner.keys(), inner["a"]["i"], inner["a"]["suit"]) == ({"a"}, 1, "HEARTS")
    assert as_confluent_reads(format_, message) == written


@dataclasses.dataclass
class Trip:
    id: int
    city: str


@FRAMINGS
def test_payloads_become_models(trips: Payloads, framing: Framing) -> None:
    trip_class = classes_of(trips, TRIP)["Trip"]
    trips.write(*trips.confluent.protobuf(trip_class).record(trip_class(id=1, city="Oslo"), trip_class()))
    for declared in (protobuf(Trip), protobuf(Trip, message=trip_class)):
        assert trips.payloads(payload=declared) == [Trip(1, "Oslo"), Trip(0, "")]


@FRAMINGS
def test_a_class_reads_what_a_later_version_of_it_wrote(trips: Payloads, framing: Framing) -> None:
    later = proto_classes({f"{trips.topic}/b.proto": SYNTAX + TRIP.replace("}", "bool paid = 3; }")})["Trip"]
    trips.write(*trips.confluent.protobuf(later).record(later(id=1, city="Oslo", paid=True)))
    first = classes_of(trips, TRIP)["Trip"]
    [trip] = trips.payloads(payload=protobuf(first))
    assert (trip.id, trip.city) == (1, "Oslo")
    assert trips.payloads(payload=protobuf(dict)) == [{"id": 1, "city": "Oslo", "paid": True}]


def test_schemas_may_be_registered_as_text(
    registry: str, kafka: str, producer: Producer, topic: support.TopicFactory
) -> None:
    with payloads("prefix", registry, kafka, producer, topic()) as trips:
        place = f"{trips.topic}/place.proto"
        reference = trips.confluent.register(
            place, f"{SYNTAX} message Place {{ string city = 1; }}", "PROTOBUF"
        )
        text = f'{SYNTAX} import "{place}"; message Trip {{ Place to = 1; }}'
        trips.confluent.register(f"{trips.topic}-value", text, "PROTOBUF", [reference])
        schema_id = trips.confluent.client.get_latest_version(f"{trips.topic}-value").schema_id
        assert schema_id is not None
        trips.write(b"\0" + schema_id.to_bytes(4) + b"\0" + b"\x0a\x06\x0a\x04Oslo")
        assert trips.payloads(payload=protobuf(dict)) == [{"to": {"city": "Oslo"}}]


@FRAMINGS
def test_tombstones_and_empty_messages_are_told_apart(trips: Payloads, framing: Framing) -> None:
    trip_class = classes_of(trips, TRIP)["Trip"]
    trip = trips.confluent.protobuf(trip_class)
    trips.write(record(trip.dump(trip_class())), None)
    for declared in (protobuf(trip_class), protobuf(dict)):
        empty, tombstone = trips.read(payload=declared, tombstones=True)
        assert empty.payload in (trip_class(), {"id": 0, "city": ""})
        assert (empty.is_tombstone, tombstone.is_tombstone, tombstone.payload) == (False, True, None)
