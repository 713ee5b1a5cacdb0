"""quixstreams: a group, and as many messages as there are, since it knows no end."""

from __future__ import annotations

import uuid

from confluent_kafka import TopicPartition
from quixstreams import Application

from tests.benchmarks.contenders.program import Counts, run


def scan(servers: str, topic: str) -> Counts:
    messages = size = 0

    def touch(payload: bytes) -> None:
        nonlocal messages, size
        messages += 1
        size += len(payload)

    app = Application(
        servers,
        consumer_group=f"benchmark-{uuid.uuid4().hex}",
        auto_offset_reset="earliest",
        auto_create_topics=False,
        loglevel="ERROR",
    )
    app.dataframe(app.topic(topic, value_deserializer="bytes")).update(touch)
    app.run(count=length(app, topic), collect=False)
    return {"messages": messages, "bytes": size}


def length(app: Application, topic: str) -> int:
    with app.get_consumer(auto_commit_enable=False) as consumer:
        numbers = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        marks = [
            consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=10) for number in numbers
        ]
    return sum(high - low for low, high in marks)


if __name__ == "__main__":
    run({"scan": scan})
