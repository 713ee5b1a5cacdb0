"""As fast as Confluent's client can be read from Python: settings, drain loop and plan written by hand.

It knows nothing of errors, stops, marks or retention, and no partition may grow: it is the ceiling, not a
way to write.
"""

from __future__ import annotations

import collections.abc as cabc
import contextlib

import msgspec
from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)
from pydantic import TypeAdapter
from pydantic_core import from_json

from example_app.models import Flight
from tests.benchmarks.contenders.flight import FlightStruct
from tests.benchmarks.contenders.program import Counts, run, warm

SETTINGS: dict[str, str | int | bool] = {
    "group.id": "benchmark",
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "enable.partition.eof": True,
    "check.crcs": True,
    "reconnect.backoff.ms": 10,
    "fetch.queue.backoff.ms": 5,
    "fetch.wait.max.ms": 10,
}


def scan(servers: str, topic: str) -> Counts:
    messages = size = 0
    for batch in batches(servers, topic):
        messages += len(batch)
        for message in batch:
            size += len(message.value())
    return {"messages": messages, "bytes": size}


def scan_unchecked(servers: str, topic: str) -> Counts:
    SETTINGS["check.crcs"] = False
    return scan(servers, topic)


def scan_json(servers: str, topic: str) -> Counts:
    messages = distance = 0
    for batch in batches(servers, topic):
        messages += len(batch)
        for message in batch:
            distance += from_json(message.value())["distance"]
    return {"messages": messages, "distance": distance}


def scan_pydantic(servers: str, topic: str) -> Counts:
    messages = distance = 0
    read = TypeAdapter(Flight).validator.validate_json
    for batch in batches(servers, topic):
        messages += len(batch)
        for message in batch:
            distance += read(message.value()).distance
    return {"messages": messages, "distance": distance}


def scan_struct(servers: str, topic: str) -> Counts:
    messages = distance = 0
    read = msgspec.json.Decoder(FlightStruct).decode
    for batch in batches(servers, topic):
        messages += len(batch)
        for message in batch:
            distance += read(message.value()).distance
    return {"messages": messages, "distance": distance}


def tail(servers: str, topic: str) -> Counts:
    messages = size = 0
    for batch in batches(servers, topic, last=10):
        messages += len(batch)
        for message in batch:
            size += len(message.value())
    return {"messages": messages, "bytes": size}


def first(servers: str, topic: str) -> Counts:
    for batch in batches(servers, topic):
        if batch:
            return {"messages": 1}
    return {"messages": 0}


def plan(servers: str, topic: str) -> Counts:
    with contextlib.closing(Consumer({**SETTINGS, "bootstrap.servers": servers})) as consumer:
        return {"partitions": len(starts(consumer, topic, last=None))}


def batches(servers: str, topic: str, last: int | None = None) -> cabc.Iterator[list[Message]]:
    """Messages as they come, up to 500 at once, to the end of each partition."""
    with contextlib.closing(Consumer({**SETTINGS, "bootstrap.servers": servers})) as consumer:
        places = starts(consumer, topic, last)
        running = {place.partition for place in places}
        consumer.assign(places)
        while running:
            batch = consumer.consume(500, 0)
            if not batch:
                message = consumer.poll(0.2)
                batch = [] if message is None else [message]
            if any(map(Message.error, batch)):
                batch = without_events(batch, running)
            yield batch


def starts(consumer: Consumer, topic: str, last: int | None) -> list[TopicPartition]:
    """Planned as Iterator does: the partitions, then two look-ups for all of them."""
    numbers = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    lows = watermarks(consumer, topic, numbers, OFFSET_BEGINNING)
    highs = watermarks(consumer, topic, numbers, OFFSET_END)
    return [
        TopicPartition(topic, number, low if last is None else max(low, highs[number] - last))
        for number, low in lows.items()
    ]


def watermarks(consumer: Consumer, topic: str, numbers: cabc.Iterable[int], which: int) -> dict[int, int]:
    asked = [TopicPartition(topic, number, which) for number in numbers]
    return {found.partition: found.offset for found in consumer.offsets_for_times(asked, timeout=10)}


def without_events(batch: list[Message], running: set[int]) -> list[Message]:
    messages = []
    for message in batch:
        error = message.error()
        if error is None:
            messages.append(message)
        elif error.code() == KafkaError._PARTITION_EOF:
            running.discard(message.partition() or 0)
        else:
            raise KafkaException(error)
    return messages


if __name__ == "__main__":
    run(
        {
            "scan": scan,
            "scan_unchecked": scan_unchecked,
            "scan_json": scan_json,
            "scan_pydantic": scan_pydantic,
            "scan_struct": scan_struct,
            "tail": tail,
            "tail_warm": warm(tail, 30),
            "first": first,
            "first_warm": warm(first, 30),
            "plan": warm(plan, 10),
        }
    )
