"""Iterator."""

from __future__ import annotations

import collections
import logging
import re

import framework_iterator.run  # noqa: F401  # Confluent's client; the others import it at the top as well
from example_app.models import Flight
from framework import App, Topic
from framework_iterator import Iterator
from tests.benchmarks.contenders.flight import FlightStruct
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


def scan_pydantic(servers: str, topic: str) -> Counts:
    messages = distance = 0
    for message in Iterator(Topic(topic, payload=Flight), app=application(servers)):
        messages += 1
        distance += message.payload.distance
    return {"messages": messages, "distance": distance}


def scan_struct(servers: str, topic: str) -> Counts:
    messages = distance = 0
    for message in Iterator(Topic(topic, payload=FlightStruct), app=application(servers)):
        messages += 1
        distance += message.payload.distance
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


def plan(servers: str, topic: str) -> Counts:
    return {"partitions": len(Iterator(topic, app=application(servers)).plan())}


def plan_warm(servers: str, topic: str) -> Counts:
    """Times are taken without the log, from which the requests are counted afterwards."""
    return {**warm(plan, 10)(servers, topic), "requests": requests(servers, topic)}


def requests(servers: str, topic: str) -> dict[str, int]:
    """What librdkafka says of the requests that it sends for a plan."""
    sent: collections.Counter[str] = collections.Counter()

    class Counter(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if found := re.search(r"Sent (\w+)Request", record.getMessage()):
                sent[found[1]] += 1

    logger = logging.getLogger("framework.librdkafka")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(Counter())
    Iterator(topic, app=application(servers), settings={"debug": "protocol"}).plan()
    return dict(sent)


def application(servers: str) -> App:
    return App(kafka={"bootstrap.servers": servers})


if __name__ == "__main__":
    run(
        {
            "scan": scan,
            "scan_raw": scan_raw,
            "scan_clean": scan_clean,
            "scan_json": scan_json,
            "scan_pydantic": scan_pydantic,
            "scan_struct": scan_struct,
            "tail": tail,
            "tail_warm": warm(tail, 30),
            "first": first,
            "first_warm": warm(first, 30),
            "plan": plan_warm,
        }
    )
