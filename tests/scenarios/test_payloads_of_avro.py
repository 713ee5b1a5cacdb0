"""Avro that Confluent's serializer wrote is read as Confluent's deserializer reads it, or into models."""

from __future__ import annotations

import dataclasses
import datetime
import json
import math
import uuid
from decimal import Decimal
from typing import Any

import pydantic
import pytest
from confluent_kafka import Producer

from framework.schemas import avro
from tests import support
from tests.confluent_serializers import Framing, Subjects, avro_record, record
from tests.scenarios.payloads import (
    FRAMINGS,
    Payloads,
    as_confluent_reads,
    error_of,
    is_schema_id,
    payloads,
    payloads_fixture,
)

ORDER = avro_record("shop.Order", id="long", customer="string")
ORDERS = [{"id": 1, "customer": "Anna"}, {"id": 2**63 - 1, "customer": "Zoë"}]
KEY = avro_record("shop.Key", region="string")
# Confluent's deserializer refuses less than six bytes, also where a header names the schema.
KEYS = [{"region": "north"}, {"region": "south"}]


orders = payloads_fixture()
prefixed = payloads_fixture("prefix")


@FRAMINGS
def test_payloads_and_keys_are_those_that_confluent_reads(orders: Payloads, framing: Framing) -> None:
    order, key = orders.confluent.avro(ORDER), orders.confluent.avro(KEY)
    written = [
        (order.dump(payload), key.dump(of, key=True)) for payload, of in zip(ORDERS, KEYS, strict=True)
    ]
    orders.write(*(record(*parts) for parts in written))
    messages = orders.read(payload=avro(), key=avro())
    assert [message.payload for message in messages] == ORDERS
    assert [message.key for message in messages] == KEYS
    assert [as_confluent_reads(order, message) for message in messages] == ORDERS
    assert [as_confluent_reads(key, message, key=True) for message in messages] == KEYS
    assert len({message.schema_id for message in messages}) == 1
    assert is_schema_id(messages[0].schema_id, framing)


@FRAMINGS
def test_values_of_every_type_are_those_that_confluent_reads(orders: Payloads, framing: Framing) -> None:
    utc = datetime.UTC
    kinds: dict[str, tuple[Any, Any]] = {
        "nothing": ("null", None),
        "yes": ("boolean", True),
        "small": ("int", -(2**31)),
        "large": ("long", -(2**63)),
        "short": ("float", 0.5),
        "double": ("double", math.pi),
        "data": ("bytes", b"\x00\xff"),
        "text": ("string", "naïve\0"),
        "suit": ({"type": "enum", "name": "Suit", "symbols": ["HEARTS", "SPADES"]}, "SPADES"),
        "md5": ({"type": "fixed", "name": "Md5", "size": 3}, b"abc"),
        "list": ({"type": "array", "items": "int"}, list(range(1000))),
        "map": ({"type": "map", "values": ["null", "double"]}, {"a": None, "b": 1.5, "": 0.0}),
        "maybe": (["null", "string"], "there"),
        "choice": (["int", "string", {"type": "array", "items": "string"}], ["x"]),
        "inner": (json.loads(avro_record("Inner", x="int", again=["null", "Inner"])), {
            "x": 1, "again": {"x": 2, "again": None},
        }),
        "price": ({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 3}, Decimal("-1.230")),
        "fixed": (
            {"type": "fixed", "name": "Dec", "size": 8, "logicalType": "decimal", "precision": 9, "scale": 2},
            Decimal("1.05"),
        ),
        "uuid": ({"type": "string", "logicalType": "uuid"}, uuid.UUID(int=5)),
        "date": ({"type": "int", "logicalType": "date"}, datetime.date(1969, 7, 20)),
        "clock": ({"type": "int", "logicalType": "time-millis"}, datetime.time(1, 2, 3, 4000)),
        "micros": ({"type": "long", "logicalType": "time-micros"}, datetime.time(1, 2, 3, 4)),
        "at": (
            {"type": "long", "logicalType": "timestamp-millis"},
            datetime.datetime(2013, 1, 1, 5, 15, 0, 1000, utc),
        ),
        "exactly": (
            {"type": "long", "logicalType": "timestamp-micros"},
            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, utc),
        ),
        "local": (
            {"type": "long", "logicalType": "local-timestamp-micros"},
            datetime.datetime(1, 1, 1, microsecond=1),  # noqa: DTZ001
        ),
    }  # fmt: skip
    zoo = orders.confluent.avro(avro_record("shop.Zoo", **{name: kind for name, (kind, _) in kinds.items()}))
    written = {name: value for name, (_, value) in kinds.items()}
    orders.write(*zoo.record(written))
    [message] = orders.read(payload=avro())
    assert message.payload == as_confluent_reads(zoo, message) == written
    assert [*map(type, message.payload.values())] == [*map(type, written.values())]


@FRAMINGS
def test_payloads_become_models(orders: Payloads, framing: Framing) -> None:
    class Order(pydantic.BaseModel):
        id: int
        customer: str

    orders.write(*orders.confluent.avro(ORDER).record(*ORDERS))
    assert orders.payloads(payload=avro(Order)) == [
        Order(id=1, customer="Anna"),
        Order(id=2**63 - 1, customer="Zoë"),
    ]


@dataclasses.dataclass
class Paid:
    amount: int


@dataclasses.dataclass
class Sent:
    carrier: str


def paid_and_sent(space: str) -> dict[str, type[Any]]:
    return {f"{space}.Paid": Paid, f"{space}.Sent": Sent}


@FRAMINGS
@pytest.mark.parametrize("subjects", ["topic", "record", "topic-record"])
def test_several_types_in_one_topic_are_told_apart_by_name(
    framing: Framing,
    subjects: Subjects,
    registry: str,
    kafka: str,
    producer: Producer,
    topic: support.TopicFactory,
) -> None:
    with payloads(framing, registry, kafka, producer, topic(), subjects=subjects) as events:
        space = events.topic.replace("-", "_")
        paid = events.confluent.avro(avro_record(f"{space}.Paid", amount="int"))
        sent = events.confluent.avro(avro_record(f"{space}.Sent", carrier="string"))
        events.write(
            *paid.record({"amount": 5}), *sent.record({"carrier": "DL"}), *paid.record({"amount": 6})
        )
        declared = avro(paid_and_sent(space))
        assert events.payloads(payload=declared) == [Paid(amount=5), Sent(carrier="DL"), Paid(amount=6)]
        assert events.payloads(payload=avro()) == [{"amount": 5}, {"carrier": "DL"}, {"amount": 6}]
        only_sent = events.read(payload=avro({f"{space}.Sent": Sent}))
        assert only_sent[1].payload == Sent(carrier="DL")
        assert error_of(only_sent[0]) == (
            f"a record of type '{space}.Paid' is none of those declared: {space}.Sent"
        )


@FRAMINGS
def test_a_union_of_records_in_other_subjects_is_told_apart_by_name(
    orders: Payloads, framing: Framing
) -> None:
    space = orders.topic.replace("-", "_")
    references = [
        orders.confluent.register(f"{space}.Paid", avro_record(f"{space}.Paid", amount="int")),
        orders.confluent.register(f"{space}.Sent", avro_record(f"{space}.Sent", carrier="string")),
    ]
    events = orders.confluent.avro(json.dumps([f"{space}.Paid", f"{space}.Sent"]), references)
    written = [{"amount": 2**31 - 1}, {"carrier": "Delta"}]
    orders.write(*events.record(*written))
    declared = avro(paid_and_sent(space))
    assert orders.payloads(payload=declared) == [Paid(amount=2**31 - 1), Sent(carrier="Delta")]
    messages = orders.read(payload=avro())
    assert [message.payload for message in messages] == written
    assert [as_confluent_reads(events, message) for message in messages] == written


@FRAMINGS
def test_references_may_be_nested_and_repeated(orders: Payloads, framing: Framing) -> None:
    space = orders.topic.replace("-", "_")
    confluent = orders.confluent
    place = confluent.register(f"{space}.Place", avro_record(f"{space}.Place", city="string"))
    person = confluent.register(
        f"{space}.Person", avro_record(f"{space}.Person", home=f"{space}.Place"), references=[place]
    )
    fields = {"by": f"{space}.Person", "to": f"{space}.Place", "back": ["null", f"{space}.Place"]}
    order = confluent.avro(avro_record(f"{space}.Order", **fields), [person, place])
    written = {"by": {"home": {"city": "Graz"}}, "to": {"city": "Rome"}, "back": {"city": "Oslo"}}
    orders.write(*order.record(written))
    [message] = orders.read(payload=avro())
    assert message.payload == as_confluent_reads(order, message) == written


def test_a_readers_schema_makes_one_type_of_all_versions(prefixed: Payloads) -> None:
    confluent = prefixed.confluent
    first = confluent.avro(avro_record("shop.Order", id="int", customer="string", note="string"))
    second = confluent.avro(avro_record("shop.Order", id="long", buyer="string", total="float"))
    prefixed.write(
        *first.record({"id": 1, "customer": "Ann", "note": "dropped"}),
        *second.record({"id": 2**40, "buyer": "Bob", "total": 2.5}),
    )
    fields = [
        {"name": "total", "type": ["double", "null"], "default": -1.0},
        {"name": "buyer", "type": "string", "aliases": ["customer"]},
        {"name": "id", "type": "long"},
    ]
    reader = json.dumps({"type": "record", "name": "shop.Order", "fields": fields})
    assert prefixed.payloads(payload=avro(schema=reader)) == [
        {"total": -1.0, "buyer": "Ann", "id": 1},
        {"total": 2.5, "buyer": "Bob", "id": 2**40},
    ]


def test_bare_avro_is_read_by_the_schema_that_is_declared(prefixed: Payloads) -> None:
    order = prefixed.confluent.avro(ORDER)
    framed = order.dump(ORDERS[0]).data
    prefixed.write(framed[5:], framed, order.dump({"id": 0, "customer": ""}).data[5:], None)
    messages = prefixed.read(payload=avro(schema=ORDER))
    assert [message.payload for message in messages] == [
        ORDERS[0], ORDERS[0], {"id": 0, "customer": ""}, None,
    ]  # fmt: skip
    expected = int.from_bytes(framed[1:5])
    assert [message.schema_id for message in messages] == [None, expected, None, None]


@FRAMINGS
def test_tombstones_stay_tombstones(orders: Payloads, framing: Framing) -> None:
    key = orders.confluent.avro(KEY).dump(KEYS[0], key=True)
    orders.write(record(orders.confluent.avro(ORDER).dump(ORDERS[0]), key), record(None, key))
    messages = orders.read(payload=avro(), key=avro(), tombstones=True)
    assert [(message.key, message.payload) for message in messages] == [(KEYS[0], ORDERS[0]), (KEYS[0], None)]
    assert [message.is_tombstone for message in messages] == [False, True]
    assert messages[1].schema_id is None


@FRAMINGS
def test_an_empty_record_is_no_tombstone(orders: Payloads, framing: Framing) -> None:
    empty = orders.confluent.avro(avro_record("shop.Nothing"))
    orders.write(*empty.record({}), None)
    messages = orders.read(payload=avro(), tombstones=True)
    assert [(message.payload, message.is_tombstone) for message in messages] == [({}, False), (None, True)]


@FRAMINGS
def test_batches_have_the_payloads_as_a_column(orders: Payloads, framing: Framing) -> None:
    orders.write(*orders.confluent.avro(ORDER).record(*ORDERS), None)
    iterator = orders.iterator(payload=avro(), tombstones=True)
    assert [payload for batch in iterator.batches() for payload in batch.payloads] == [*ORDERS, None]
