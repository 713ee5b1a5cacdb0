"""As fast as Confluent's client can be read from Python: settings, drain loop and plan written by hand.

It trusts that each offset has a message, and knows nothing of stops, marks or retention: it is no way to
write. `scan` looks at each message's error, as the client asks for; `scan_stripped` at a batch's at once, and
counts no messages: the ceiling.
"""

from __future__ import annotations

import collections.abc as cabc
import contextlib

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    Consumer,
    KafkaException,
    Message,
    TopicPartition,
)

from tests.benchmarks.contenders.program import Counts, run, warm

SETTINGS: dict[str, str | int | bool] = {
    "group.id": "benchmark",
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "check.crcs": True,
    "reconnect.backoff.ms": 10,
    "fetch.queue.backoff.ms": 5,
    "fetch.wait.max.ms": 10,
}


def scan(servers: str, topic: str, last: int | None = None) -> Counts:
    messages = size = 0
    for batch in batches(servers, topic, last):
        for message in batch:
            if (error := message.error()) is not None:
                raise KafkaException(error)
            messages += 1
            size += len(message.value())
    return {"messages": messages, "bytes": size}


def scan_stripped(servers: str, topic: str) -> Counts:
    messages = size = 0
    for batch in batches(servers, topic):
        if any(map(Message.error, batch)):
            raise KafkaException(*filter(None, map(Message.error, batch)))
        messages += len(batch)
        for message in batch:
            size += len(message.value())
    return {"messages": messages, "bytes": size}


def scan_unchecked(servers: str, topic: str) -> Counts:
    SETTINGS["check.crcs"] = False
    return scan(servers, topic)


def tail(servers: str, topic: str) -> Counts:
    return scan(servers, topic, last=10)


def first(servers: str, topic: str) -> Counts:
    for batch in batches(servers, topic):
        for message in batch:
            if (error := message.error()) is not None:
                raise KafkaException(error)
            return {"messages": 1}
    return {"messages": 0}


def plan(servers: str, topic: str) -> Counts:
    with contextlib.closing(Consumer({**SETTINGS, "bootstrap.servers": servers})) as consumer:
        return {"partitions": len(planned(consumer, topic, last=None))}


def batches(servers: str, topic: str, last: int | None = None) -> cabc.Iterator[list[Message]]:
    """Messages as they come, up to 500 at once, until all that there were have come."""
    with contextlib.closing(Consumer({**SETTINGS, "bootstrap.servers": servers})) as consumer:
        spans = planned(consumer, topic, last)
        remaining = sum(stop - start for start, stop in spans.values())
        consumer.assign([TopicPartition(topic, number, start) for number, (start, _) in spans.items()])
        while remaining > 0:
            batch = consumer.consume(500, 0)
            if not batch:
                message = consumer.poll(0.2)
                batch = [] if message is None else [message]
            remaining -= len(batch)
            yield batch


def planned(consumer: Consumer, topic: str, last: int | None) -> dict[int, tuple[int, int]]:
    """Start and stop of each partition, as Iterator finds them: the partitions, then two look-ups for all."""
    numbers = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    lows = watermarks(consumer, topic, numbers, OFFSET_BEGINNING)
    highs = watermarks(consumer, topic, numbers, OFFSET_END)
    return {
        number: (low if last is None else max(low, highs[number] - last), highs[number])
        for number, low in lows.items()
    }


def watermarks(consumer: Consumer, topic: str, numbers: cabc.Iterable[int], which: int) -> dict[int, int]:
    asked = [TopicPartition(topic, number, which) for number in numbers]
    return {found.partition: found.offset for found in consumer.offsets_for_times(asked, timeout=10)}


if __name__ == "__main__":
    run(
        {
            "scan": scan,
            "scan_stripped": scan_stripped,
            "scan_unchecked": scan_unchecked,
            "tail": tail,
            "tail_warm": warm(tail, 30),
            "first": first,
            "first_warm": warm(first, 30),
            "plan": warm(plan, 10),
        }
    )
