"""Iterator: search, order and snapshot; and what they are compared with."""

from __future__ import annotations

from confluent_kafka import KafkaException

from framework import App, Message, Topic
from framework_iterator import Iterator
from tests.benchmarks.contenders import tuned
from tests.benchmarks.contenders.program import Counts, run, warm
from tests.benchmarks.topics import KEY, NEEDLE


def key(servers: str, topic: str) -> Counts:
    return count(Iterator(Topic(topic, payload=bytes, key=str), app=application(servers), key=KEY))


def key_partitioner(servers: str, topic: str) -> Counts:
    declared = Topic(topic, payload=bytes, key=str, partitioner="murmur2")
    return count(Iterator(declared, app=application(servers), key=KEY))


def key_tuned(servers: str, topic: str) -> Counts:
    messages, wanted = 0, KEY.encode()
    for batch in tuned.batches(servers, topic):
        for message in batch:
            if (error := message.error()) is not None:
                raise KafkaException(error)
            if message.key() == wanted:
                messages += 1
    return {"messages": messages}


def containing(servers: str, topic: str) -> Counts:
    return count(Iterator(Topic(topic, payload=bytes), app=application(servers), containing=NEEDLE))


def where(servers: str, topic: str) -> Counts:
    declared = Topic(topic, payload=bytes)
    return count(Iterator(declared, app=application(servers), where=has_needle))


def has_needle(message: Message[bytes]) -> bool:
    return NEEDLE in message.payload


def containing_tuned(servers: str, topic: str) -> Counts:
    messages = 0
    for batch in tuned.batches(servers, topic):
        for message in batch:
            if (error := message.error()) is not None:
                raise KafkaException(error)
            if NEEDLE in (message.value() or b""):
                messages += 1
    return {"messages": messages}


def by_time(servers: str, topic: str) -> Counts:
    messages = size = 0
    for message in Iterator(Topic(topic, payload=bytes), app=application(servers), order="time"):
        messages += 1
        size += len(message.payload)
    return {"messages": messages, "bytes": size}


def by_time_json(servers: str, topic: str) -> Counts:
    messages = distance = 0
    for message in Iterator(topic, app=application(servers), order="time"):
        messages += 1
        distance += message.payload["distance"]
    return {"messages": messages, "distance": distance}


def newest_all(servers: str, topic: str) -> Counts:
    messages = size = 0
    for message in Iterator(Topic(topic, payload=bytes), app=application(servers), order="newest"):
        messages += 1
        size += len(message.payload)
    return {"messages": messages, "bytes": size}


def newest(servers: str, topic: str) -> Counts:
    declared = Topic(topic, payload=bytes)
    return count(Iterator(declared, app=application(servers), order="newest", limit=10))


def plan(servers: str, topic: str) -> Counts:
    return {"partitions": len(Iterator(topic, app=application(servers)).plan())}


def snapshot(servers: str, topic: str) -> Counts:
    return {
        "messages": len(Iterator(Topic(topic, payload=bytes, key=str), app=application(servers)).snapshot())
    }


def count(iterator: Iterator[bytes]) -> Counts:
    return {"messages": sum(1 for _ in iterator)}


def application(servers: str) -> App:
    return App(kafka={"bootstrap.servers": servers})


if __name__ == "__main__":
    run(
        {
            "key": key,
            "key_partitioner": key_partitioner,
            "key_tuned": key_tuned,
            "containing": containing,
            "where": where,
            "containing_tuned": containing_tuned,
            "by_time": by_time,
            "by_time_json": by_time_json,
            "newest_all": newest_all,
            "newest": warm(newest, 30),
            "plan": warm(plan, 30),
            "snapshot": snapshot,
        }
    )
