"""Iterator."""

from __future__ import annotations

from framework import App, Topic
from framework_iterator import Iterator
from tests.benchmarks.contenders.program import Counts, run, warm


def scan(servers: str, topic: str) -> Counts:
    messages = size = 0
    for message in Iterator(Topic(topic, payload=bytes), app=application(servers)):
        messages += 1
        size += len(message.payload)
    return {"messages": messages, "bytes": size}


def scan_raw(servers: str, topic: str) -> Counts:
    messages = size = 0
    for message in Iterator(topic, app=application(servers)):
        messages += 1
        size += len(message.raw_payload or b"")
    return {"messages": messages, "bytes": size}


def scan_batches(servers: str, topic: str) -> Counts:
    messages = size = 0
    for batch in Iterator(Topic(topic, payload=bytes), app=application(servers)).batches():
        messages += len(batch)
        for payload in batch.raw_payloads:
            size += len(payload or b"")
    return {"messages": messages, "bytes": size}


def scan_clean(servers: str, topic: str) -> Counts:
    messages = size = 0
    for message in Iterator(Topic(topic, payload=bytes), app=application(servers)):
        messages += 1
        size += len(message.payload)
        message.clean()
    return {"messages": messages, "bytes": size}


def scan_json(servers: str, topic: str) -> Counts:
    messages = distance = 0
    for message in Iterator(topic, app=application(servers)):
        messages += 1
        distance += message.payload["distance"]
    return {"messages": messages, "distance": distance}


def tail(servers: str, topic: str) -> Counts:
    messages = size = 0
    for message in Iterator({Topic(topic, payload=bytes): -10}, app=application(servers)):
        messages += 1
        size += len(message.payload)
    return {"messages": messages, "bytes": size}


def first(servers: str, topic: str) -> Counts:
    message = Iterator(Topic(topic, payload=bytes), app=application(servers)).first()
    return {"messages": 0 if message is None else 1}


def application(servers: str) -> App:
    return App(kafka={"bootstrap.servers": servers})


if __name__ == "__main__":
    run(
        {
            "scan": scan,
            "scan_raw": scan_raw,
            "scan_batches": scan_batches,
            "scan_clean": scan_clean,
            "scan_json": scan_json,
            "tail": tail,
            "tail_warm": warm(tail, 30),
            "first": first,
            "first_warm": warm(first, 30),
        }
    )
