"""kafka-python, without a group, to the end as it was at the beginning."""

from __future__ import annotations

import contextlib

from kafka import KafkaConsumer, TopicPartition

from tests.benchmarks.contenders.program import Counts, run, warm


def scan(servers: str, topic: str) -> Counts:
    return read(servers, topic)


def tail(servers: str, topic: str) -> Counts:
    return read(servers, topic, last=10)


def read(servers: str, topic: str, last: int | None = None) -> Counts:
    messages = size = 0
    with contextlib.closing(KafkaConsumer(bootstrap_servers=servers, enable_auto_commit=False)) as consumer:
        places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
        lows, highs = consumer.beginning_offsets(places), consumer.end_offsets(places)
        consumer.assign(places)
        remaining = 0
        for place in places:
            start = lows[place] if last is None else max(lows[place], highs[place] - last)
            consumer.seek(place, start)
            remaining += highs[place] - start
        for message in consumer:
            messages += 1
            size += len(message.value)
            if messages == remaining:
                break
    return {"messages": messages, "bytes": size}


def first(servers: str, topic: str) -> Counts:
    consumer = KafkaConsumer(
        topic, bootstrap_servers=servers, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    with contextlib.closing(consumer):
        next(consumer)
    return {"messages": 1}


if __name__ == "__main__":
    run(
        {
            "scan": scan,
            "tail": tail,
            "tail_warm": warm(tail, 10),
            "first": first,
            "first_warm": warm(first, 10),
        }
    )
