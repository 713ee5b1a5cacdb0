"""What mypy and pyright make of the public surface; checked by `make check`, never run."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import datetime as dt
import re
import uuid
from typing import Any, Literal, Never, TypedDict, assert_type

import msgspec
import pydantic
from google.protobuf.timestamp_pb2 import Timestamp

from framework import App, Message, Topic
from framework.deserializers import int64, json, raw, text
from framework.schemas import avro, json_schema, protobuf
from framework.testing import build_message
from framework_iterator import (
    Batch,
    Ended,
    Iterator,
    PartitionReport,
    Plan,
    PlannedPartition,
    Report,
    Scan,
    scan,
)


class Flight(pydantic.BaseModel):
    tailnum: str


@dataclasses.dataclass
class Plane:
    seats: int


class Airport(TypedDict):
    faa: str


class Weather(msgspec.Struct):
    temp: float


def read_weather(data: bytes) -> Weather:
    raise NotImplementedError


class ReadPlane:
    def deserialize(self, message: Message[Any], /) -> Plane:
        raise NotImplementedError


def a_topic_with_a_schema_knows_its_payload_and_key(app: App) -> None:
    assert_type(app.topic("orders", payload=avro(Flight)), Topic[Flight])
    assert_type(app.topic("orders", payload=avro(Flight, schema="")), Topic[Flight])
    assert_type(app.topic("plain", payload=avro()), Topic[Any])
    assert_type(app.topic("named", payload=avro({"shop.Flight": Flight})), Topic[Flight])
    assert_type(app.topic("keyed", payload=avro(Plane), key=avro(Airport)), Topic[Plane, Airport])
    assert_type(app.topic("trips", payload=protobuf(Timestamp)), Topic[Timestamp])
    assert_type(app.topic("models", payload=protobuf(Flight, message=Timestamp)), Topic[Flight])
    assert_type(app.topic("docs", payload=json_schema(Weather, validate=True)), Topic[Weather])
    assert_type(app.topic("calls", payload=json_schema(lambda value: len(value))), Topic[int])


def a_schema_id_is_a_number_or_a_guid(message: Message[Flight]) -> None:
    assert_type(message.schema_id, int | uuid.UUID | None)


def a_topic_of_an_app_knows_its_payload(app: App) -> None:
    assert_type(app.topic("flights", payload=Flight), Topic[Flight])
    assert_type(app.topic("planes", payload=Plane), Topic[Plane])
    assert_type(app.topic("airports", payload=Airport), Topic[Airport])
    assert_type(app.topic("weather", payload=Weather), Topic[Weather])
    assert_type(app.topic("lists", payload=list[Flight]), Topic[list[Flight]])
    assert_type(app.topic("texts", payload=str), Topic[str])
    assert_type(app.topic("bytes", payload=bytes), Topic[bytes])
    assert_type(app.topic("calls", payload=read_weather), Topic[Weather])
    assert_type(app.topic("lambdas", payload=lambda data: len(data)), Topic[int])
    assert_type(app.topic("objects", payload=ReadPlane()), Topic[Plane])
    assert_type(app.topic("numbers", payload=int64), Topic[int])
    assert_type(app.topic("ready", payload=text), Topic[str])
    assert_type(app.topic("raw", payload=raw), Topic[bytes])
    assert_type(app.topic("json", payload=json), Topic[Any])
    assert_type(app.topic("defaults"), Topic[Any])
    assert_type(app.topic("others", headers=bytes, active=False), Topic[Any])
    assert_type(app.topic("all", payload=Flight, headers=str, active=False), Topic[Flight])


def a_topic_of_an_app_knows_its_key(app: App) -> None:
    assert_type(app.topic("texts", payload=Flight, key=str), Topic[Flight, str])
    assert_type(app.topic("models", payload=Flight, key=Plane), Topic[Flight, Plane])
    assert_type(app.topic("calls", payload=read_weather, key=int64, active=False), Topic[Weather, int])
    assert_type(
        app.topic("lambdas", payload=lambda data: len(data), key=lambda data: data), Topic[int, bytes]
    )
    assert_type(app.topic("objects", payload=ReadPlane(), key=ReadPlane()), Topic[Plane, Plane])
    assert_type(app.topic("only", key=str, headers=bytes, active=False), Topic[Any, str])
    assert_type(app.topic("json", payload=Flight, key=json), Topic[Flight, Any])


def tombstones_are_in_the_type_only_where_they_are_expected(app: App, asked: bool) -> None:
    assert_type(app.topic("a", payload=Plane, key=str, tombstones=True), Topic[Plane | None, str])
    assert_type(app.topic("b", payload=Plane, key=str, tombstones=False), Topic[Plane, str])
    assert_type(app.topic("c", payload=Plane, tombstones=True), Topic[Plane | None])
    assert_type(app.topic("d", payload=ReadPlane(), key=int64, tombstones=True), Topic[Plane | None, int])
    assert_type(app.topic("e", payload=len, key=len, tombstones=True), Topic[int | None, int])
    assert_type(app.topic("f", payload=Plane, key=str, tombstones=asked), Topic[Plane | None, str])
    assert_type(app.topic("g", tombstones=True), Topic[Any])
    assert_type(app.topic("h", key=str, tombstones=True), Topic[Any, str])
    assert_type(Topic("a", payload=Plane, key=str, tombstones=True), Topic[Plane | None, str])
    assert_type(Topic("c", payload=Plane, tombstones=True), Topic[Plane | None])
    assert_type(Topic("h", key=str, tombstones=True), Topic[Any, str])
    assert_type(Topic("h", key=str).tombstones, bool)


def a_partitioner_changes_no_type(app: App) -> None:
    assert_type(app.topic("a", payload=Plane, key=str, partitioner="murmur2"), Topic[Plane, str])
    assert_type(app.topic("b", partitioner="crc32", active=False), Topic[Any])
    assert_type(app.topic("c", key=str, partitioner=None), Topic[Any, str])
    assert_type(Topic("d", payload=Plane, tombstones=True, partitioner="fnv1a"), Topic[Plane | None])
    assert_type(Topic("e").partitioner, Literal["murmur2", "crc32", "fnv1a"] | None)


def what_is_no_deserializer_is_seen_by_the_editor(app: App) -> None:
    app.topic("a", payload=5)  # type: ignore[call-overload]
    app.topic("b", key="text")  # type: ignore[call-overload]
    app.topic("c", payload=Flight, tombstone=True)  # type: ignore[call-overload]
    Topic("d", payload=5)  # type: ignore[call-overload]
    Topic("e", partitioner="murmur")  # type: ignore[call-overload]


def a_topic_of_its_own_knows_its_payload() -> None:
    assert_type(Topic("flights", payload=Flight), Topic[Flight])
    assert_type(Topic("planes", payload=Plane), Topic[Plane])
    assert_type(Topic("airports", payload=Airport), Topic[Airport])
    assert_type(Topic("weather", payload=Weather), Topic[Weather])
    assert_type(Topic("lists", payload=list[Flight]), Topic[list[Flight]])
    assert_type(Topic("texts", payload=str), Topic[str])
    assert_type(Topic("bytes", payload=bytes), Topic[bytes])
    assert_type(Topic("calls", payload=read_weather), Topic[Weather])
    assert_type(Topic("objects", payload=ReadPlane()), Topic[Plane])
    assert_type(Topic("defaults"), Topic[Any])
    assert_type(Topic("others", headers=bytes, active=False), Topic[Any])


def a_topic_of_its_own_knows_its_key() -> None:
    assert_type(Topic("texts", payload=Flight, key=str), Topic[Flight, str])
    assert_type(Topic("calls", payload=read_weather, key=int64, active=False), Topic[Weather, int])
    assert_type(Topic("objects", payload=ReadPlane(), key=ReadPlane()), Topic[Plane, Plane])
    assert_type(Topic("only", key=str, headers=bytes, active=False), Topic[Any, str])


def wants_a_topic(_topic: Topic[Flight]) -> None: ...


def a_topic_with_a_key_goes_where_any_key_will_do(topic: Topic[Flight, str]) -> None:
    wants_a_topic(topic)


def wants_a_message(_message: Message[Flight]) -> None: ...


def a_key_may_be_missing(
    message: Message[Flight, str], undeclared: Message[Flight], plane: Message[Plane | None, int]
) -> None:
    assert_type(message.key, str | None)
    assert_type(message.payload, Flight)
    assert_type(undeclared.key, Any)
    assert_type(undeclared.key.upper(), Any)
    assert_type(plane.key, int | None)
    assert_type(plane.payload, Plane | None)
    wants_a_message(message)
    message.key.upper()  # type: ignore[union-attr]
    message.key = "text"  # type: ignore[assignment]


def a_message_that_is_built_has_its_topics_types(topic: Topic[Plane | None, str]) -> None:
    message = build_message(topic, b"{}")
    assert_type(message, Message[Plane | None, str])
    assert_type(build_message("planes", b"{}"), Message[Any])


def the_type_goes_from_the_topic_to_the_payload(flights: Topic[Flight]) -> None:
    iterator = Iterator(flights)
    assert_type(iterator, Iterator[Flight])
    for message in iterator:
        assert_type(message, Message[Flight])
        assert_type(message.payload, Flight)
        assert_type(message.payload.tailnum, str)


def a_name_says_nothing_of_the_payload() -> None:
    for message in Iterator("flights"):
        assert_type(message, Message[Any])
        assert_type(message.payload, Any)


def several_topics(flights: Topic[Flight], planes: Topic[Plane], app: App) -> None:
    assert_type(Iterator([flights]), Iterator[Flight])
    assert_type(Iterator((flights, flights)), Iterator[Flight])
    assert_type(Iterator({flights}), Iterator[Flight])
    assert_type(Iterator(["flights", "planes"]), Iterator[Any])
    assert_type(Iterator(["flights", planes]), Iterator[Any])
    assert_type(Iterator([flights, planes]), Iterator[Any])
    assert_type(Iterator(app.routes.active), Iterator[Any])


def starts_of_a_declared_topic(flights: Topic[Flight], planes: Topic[Plane], moment: dt.datetime) -> None:
    assert_type(Iterator({flights: None}), Iterator[Flight])
    assert_type(Iterator({flights: -10}), Iterator[Flight])
    assert_type(Iterator({flights: True}), Iterator[Flight])
    assert_type(Iterator({flights: "latest"}), Iterator[Flight])
    assert_type(Iterator({flights: moment}), Iterator[Flight])
    assert_type(Iterator({flights: [0, 5]}), Iterator[Flight])
    assert_type(Iterator({flights: {0: 100, 1: -5, 2: moment, 3: "latest", 4: True}}), Iterator[Flight])
    assert_type(Iterator({flights: 0, planes: 0}), Iterator[Any])
    assert_type(Iterator({flights: 0, "planes": "earliest"}), Iterator[Any])


def starts_of_a_name(moment: dt.datetime) -> None:
    assert_type(Iterator({"flights": None}), Iterator[Any])
    assert_type(Iterator({"flights": 100}), Iterator[Any])
    assert_type(Iterator({"flights": -10}), Iterator[Any])
    assert_type(Iterator({"flights": True}), Iterator[Any])
    assert_type(Iterator({"flights": "earliest"}), Iterator[Any])
    assert_type(Iterator({"flights": "latest"}), Iterator[Any])
    assert_type(Iterator({"flights": "committed"}), Iterator[Any])
    assert_type(Iterator({"flights": moment}), Iterator[Any])
    assert_type(Iterator({"flights": dt.timedelta(minutes=5)}), Iterator[Any])
    assert_type(Iterator({"flights": [0, 5]}), Iterator[Any])
    assert_type(Iterator({"flights": (0, 5)}), Iterator[Any])
    assert_type(Iterator({"flights": {0, 5}}), Iterator[Any])
    assert_type(Iterator({"flights": range(3)}), Iterator[Any])
    assert_type(Iterator({"flights": {0: 100, 1: -5, 2: moment, 3: "latest", 4: True}}), Iterator[Any])
    assert_type(Iterator({"flights": -10, "planes": {0: "latest"}, "weather": [0]}), Iterator[Any])


def starts_that_are_kept_in_variables(flights: Topic[Flight]) -> None:
    by_name = {"flights": -10}
    assert_type(Iterator(by_name), Iterator[Any])
    by_topic = {flights: dt.timedelta(minutes=5)}
    assert_type(Iterator(by_topic), Iterator[Flight])
    by_partition = {"flights": {0: 100, 1: -5}}
    assert_type(Iterator(by_partition), Iterator[Any])
    names = ["flights", "planes"]
    assert_type(Iterator(names), Iterator[Any])
    topics = [flights]
    assert_type(Iterator(topics), Iterator[Flight])


def what_can_not_be_is_seen_by_the_editor(flights: Topic[Flight]) -> None:
    Iterator(5)  # type: ignore[call-overload]
    Iterator(b"flights")  # type: ignore[arg-type]
    for_topic, for_partition = {"flights": 0.5}, {"flights": {0: 0.5}}
    Iterator(for_topic)  # type: ignore[arg-type]
    Iterator(for_partition)  # type: ignore[arg-type]
    Iterator({flights: "latst"})  # type: ignore[dict-item]
    Iterator(flights, until=0.5)  # type: ignore[call-overload]
    Iterator(flights, limit="5")  # type: ignore[call-overload]
    Iterator(flights, order="oldest")  # type: ignore[call-overload]
    Iterator(flights, where="total > 5")  # type: ignore[call-overload]
    Iterator(flights, where=lambda: True)  # type: ignore[arg-type,misc]
    Iterator(flights, containing=re.compile("timeout"))  # type: ignore[arg-type]


def ends(flights: Topic[Flight], moment: dt.datetime) -> None:
    assert_type(Iterator(flights, until=None), Iterator[Flight])
    assert_type(Iterator(flights, until=100), Iterator[Flight])
    assert_type(Iterator(flights, until=-1), Iterator[Flight])
    assert_type(Iterator(flights, until="latest"), Iterator[Flight])
    assert_type(Iterator(flights, until=moment), Iterator[Flight])
    assert_type(Iterator(flights, until=dt.timedelta(hours=1)), Iterator[Flight])
    assert_type(Iterator(flights, until={flights: 100}), Iterator[Flight])
    assert_type(Iterator(flights, until={"flights": {0: 100, 1: moment, 2: None}}), Iterator[Flight])
    assert_type(Iterator("flights", until={"flights": dt.timedelta(hours=1)}), Iterator[Any])


def every_option(flights: Topic[Flight], app: App) -> None:
    iterator = Iterator(
        flights,
        app=app,
        settings={"isolation.level": "read_uncommitted", "check.crcs": False},
        until=None,
        resume={"flights": {0: 100}},
        where=lambda message: message.payload.tailnum == "N14228",
        key="N14228",
        containing="N142",
        order=None,
        limit=100,
        follow=True,
        errors="skip",
        yield_none=False,
        max_wait=1,
        group_id="nightly",
        progress=True,
    )
    assert_type(iterator, Iterator[Flight])


def ends_in_variables(flights: Topic[Flight], moment: dt.datetime) -> None:
    offsets: dict[str, int] = {"flights": 5}
    moments: dict[str, dt.datetime] = {"flights": moment}
    assert_type(Iterator(flights, until=offsets), Iterator[Flight])
    assert_type(Iterator(flights, until=moments), Iterator[Flight])


def none_comes_only_where_it_was_asked_for(flights: Topic[Flight], asked: bool) -> None:
    assert_type(next(iter(Iterator(flights, yield_none=True))), Message[Flight] | None)
    assert_type(next(iter(Iterator(flights, yield_none=asked))), Message[Flight] | None)
    assert_type(next(iter(Iterator("flights", yield_none=True))), Message[Any] | None)
    assert_type(next(iter(Iterator(flights))), Message[Flight])


def ways_to_read(flights: Topic[Flight]) -> None:
    iterator = Iterator(flights)
    assert_type(iter(iterator), cabc.Iterator[Message[Flight]])
    assert_type(next(iter(iterator)), Message[Flight])
    assert_type(list(iterator), list[Message[Flight]])
    assert_type([message.payload for message in iterator], list[Flight])
    assert_type(dict(enumerate(iterator)), dict[int, Message[Flight]])
    assert_type(iterator.first(), Message[Flight] | None)
    with Iterator(flights) as opened:
        assert_type(opened, Iterator[Flight])
    with Iterator("flights") as opened_by_name:
        assert_type(opened_by_name, Iterator[Any])


def wants_messages(_messages: cabc.Iterable[Message[Flight]]) -> None: ...


def an_iterator_goes_where_an_iterable_is_wanted(flights: Topic[Flight]) -> None:
    wants_messages(Iterator(flights))
    wants_messages(Iterator("flights"))


def parts_of_a_message(message: Message[Flight]) -> None:
    assert_type(message.topic, str)
    assert_type(message.partition, int)
    assert_type(message.offset, int)
    assert_type(message.timestamp, dt.datetime | None)
    assert_type(message.raw_payload, bytes | None)
    assert_type(message.raw_key, bytes | None)
    assert_type(message.raw_headers, list[tuple[str, bytes | None]])
    assert_type(message.key, Any)
    assert_type(message.headers, Any)
    assert_type(message.size, int)
    assert_type(message.is_tombstone, bool)


def the_key_goes_from_the_topic_to_the_message(topic: Topic[Flight | None, str]) -> None:
    assert_type(Iterator(topic), Iterator[Flight | None, Never, str])
    for message in Iterator(topic):
        assert_type(message, Message[Flight | None, str])
        assert_type(message.key, str | None)
    assert_type(Iterator([topic]).first(), Message[Flight | None, str] | None)
    assert_type(Iterator({topic: -10}, yield_none=True), Iterator[Flight | None, None, str])


def is_late(message: Message[Flight]) -> bool:
    raise NotImplementedError


def a_search_and_an_order_change_no_type(flights: Topic[Flight], keyed: Topic[Flight, str]) -> None:
    assert_type(Iterator(flights, where=is_late, order="newest", limit=5), Iterator[Flight])
    assert_type(Iterator([flights], containing=re.compile(rb"N1\d+"), order="time"), Iterator[Flight])
    assert_type(Iterator(keyed, key=None, containing=b"N1"), Iterator[Flight, Never, str])
    assert_type(Iterator(keyed, key=uuid.UUID(int=1), yield_none=True), Iterator[Flight, None, str])
    assert_type(Iterator("flights", where=lambda message: message.offset > 5), Iterator[Any])


def a_snapshot_has_the_types_of_its_topic(
    planes: Topic[Plane | None, str], flights: Topic[Flight], numbered: Topic[Plane, int]
) -> None:
    assert_type(Iterator(planes).snapshot(), dict[str, Message[Plane | None, str]])
    assert_type(Iterator({numbered: -100}, key=5).snapshot(), dict[int, Message[Plane, int]])
    assert_type(Iterator(planes, yield_none=True).snapshot(), dict[str, Message[Plane | None, str]])
    assert_type(Iterator(flights).snapshot(), dict[object, Message[Flight]])
    assert_type(Iterator("planes").snapshot(), dict[object, Message[Any]])


def batches_have_the_types_of_their_messages(flights: Topic[Flight], keyed: Topic[Flight, str]) -> None:
    for batch in Iterator(flights).batches(size=100):
        assert_type(batch, Batch[Flight])
        assert_type(batch[0], Message[Flight])
        assert_type(batch[1:], Batch[Flight])
        assert_type(batch.payloads, list[Flight])
        assert_type(batch.raw_payloads, list[bytes | None])
    for with_keys in Iterator(keyed).batches():
        assert_type(with_keys, Batch[Flight, str])
        assert_type(with_keys.keys, list[str | None])
    for maybe in Iterator(flights, yield_none=True).batches():
        assert_type(maybe, Batch[Flight] | None)


def plans(iterator: Iterator[Flight]) -> None:
    plan = iterator.plan()
    assert_type(plan, Plan)
    assert_type(plan.count, int)
    assert_type(plan.partitions, tuple[PlannedPartition, ...])
    planned = plan["flights", 3]
    assert_type(planned, PlannedPartition)
    assert_type((planned.topic, planned.partition), tuple[str, int])
    assert_type((planned.low, planned.high, planned.start), tuple[int, int, int])
    assert_type((planned.stop, planned.count), tuple[int | None, int])
    for each in plan:
        assert_type(each, PlannedPartition)


def reports(iterator: Iterator[Flight]) -> None:
    report = iterator.report
    assert_type(report, Report | None)
    if report is None:
        return
    assert_type((report.messages, report.lost), tuple[int, int])
    assert_type((report.ended, report.error), tuple[Ended | None, BaseException | None])
    assert_type(report.partitions, tuple[PartitionReport, ...])
    read = report["flights", 3]
    assert_type(read, PartitionReport)
    assert_type((read.topic, read.partition, read.start, read.stop), tuple[str, int, int, int | None])
    assert_type((read.position, read.messages, read.lost), tuple[int, int, int])
    assert_type(read.ended, Ended | None)


def count_flights(flights: Iterator[Flight]) -> int:
    return sum(len(flight.payload.tailnum) for flight in flights)


def count_messages(messages: cabc.Iterable[Message[Any]]) -> dict[str, int]:
    return {message.topic: message.offset for message in messages}


def added(one: int, other: int) -> int:
    return one + other


def united(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return one | other


def a_scan_knows_the_type_of_its_value(app: App, plan: Plan) -> None:
    flights = app.topic("flights", payload=Flight)
    assert_type(scan(flights, count_flights, added), Scan[int])
    assert_type(scan([flights], count_flights, added, workers=2, app="shop:app").value, int)
    assert_type(scan("flights", count_messages, united).value, dict[str, int])
    assert_type(scan(plan, lambda messages: len(list(messages)), added).report, Report)


async def async_for_has_the_types_of_for(flights: Topic[Flight], keyed: Topic[Flight, str]) -> None:
    async for message in Iterator(flights):
        assert_type(message, Message[Flight, object])
    async for maybe in Iterator(flights, yield_none=True):
        assert_type(maybe, Message[Flight, object] | None)
    async for batch in Iterator(keyed).batches(size=100):
        assert_type(batch, Batch[Flight, str])
    async with Iterator(keyed) as iterator:
        assert_type(await iterator.afirst(), Message[Flight, str] | None)
        assert_type(await iterator.asnapshot(), dict[str, Message[Flight, str]])
        assert_type(await iterator.aplan(), Plan)
