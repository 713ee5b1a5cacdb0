"""Iterator, with payloads as types."""

from __future__ import annotations

import framework_iterator.session  # noqa: F401  # Confluent's client; the others import it at the top as well
from example_app.models import Flight
from framework import Topic
from framework_iterator import Iterator
from tests.benchmarks.contenders.flight import FlightStruct, PlainFlight
from tests.benchmarks.contenders.iterator import application
from tests.benchmarks.contenders.program import Counts, run


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


def scan_plain(servers: str, topic: str) -> Counts:
    messages = distance = 0
    for message in Iterator(Topic(topic, payload=PlainFlight), app=application(servers)):
        messages += 1
        distance += message.payload.distance
    return {"messages": messages, "distance": distance}


if __name__ == "__main__":
    run({"scan_pydantic": scan_pydantic, "scan_struct": scan_struct, "scan_plain": scan_plain})
