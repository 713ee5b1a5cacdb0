"""The loop around poll(1.0) that people write, with default settings."""

from __future__ import annotations

import contextlib
import json

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from tests.benchmarks.contenders.program import Counts, run, warm


def scan(servers: str, topic: str, last: int | None = None) -> Counts:
    messages = size = 0
    with contextlib.closing(open_consumer(servers)) as consumer:
        running = assign(consumer, topic, last)
        while running:
            message = consumer.poll(1.0)
            if message is None:
                continue
            if message.error():
                end(running, message)
                continue
            messages += 1
            size += len(message.value())
    return {"messages": messages, "bytes": size}


def scan_json(servers: str, topic: str) -> Counts:
    messages = distance = 0
    with contextlib.closing(open_consumer(servers)) as consumer:
        running = assign(consumer, topic)
        while running:
            message = consumer.poll(1.0)
            if message is None:
                continue
            if message.error():
                end(running, message)
                continue
            flight = json.loads(message.value())
            messages += 1
            distance += flight["distance"]
    return {"messages": messages, "distance": distance}


def tail(servers: str, topic: str) -> Counts:
    return scan(servers, topic, last=10)


def first(servers: str, topic: str) -> Counts:
    with contextlib.closing(open_consumer(servers)) as consumer:
        running = assign(consumer, topic)
        while running:
            message = consumer.poll(1.0)
            if message is None:
                continue
            if message.error():
                end(running, message)
                continue
            return {"messages": 1}
    return {"messages": 0}


def open_consumer(servers: str) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": "benchmark",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )


def assign(consumer: Consumer, topic: str, last: int | None = None) -> set[int]:
    places = []
    for number in consumer.list_topics(topic, timeout=10).topics[topic].partitions:
        offset = OFFSET_BEGINNING
        if last is not None:
            low, high = consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=10)
            offset = max(low, high - last)
        places.append(TopicPartition(topic, number, offset))
    consumer.assign(places)
    return {place.partition for place in places}


def end(running: set[int], message: Message) -> None:
    error = message.error()
    if error is None or error.code() != KafkaError._PARTITION_EOF:
        raise KafkaException(error)
    running.discard(message.partition() or 0)


if __name__ == "__main__":
    run({"scan": scan, "scan_json": scan_json, "tail": tail, "first": first, "first_warm": warm(first, 5)})
