"""A scan by two processes. Its workers import this file, too, so it imports little."""

from __future__ import annotations

import collections
import collections.abc as cabc
import operator
from typing import Any

from example_app.models import Flight
from framework import App, Message
from framework_iterator import scan
from tests.benchmarks.contenders.program import Counts, run
from tests.benchmarks.topics import THREE_YEARS

plain = App()
models = App()
models.topic(THREE_YEARS, payload=Flight)


def count_plain(messages: cabc.Iterable[Message[Any]]) -> collections.Counter[str]:
    count = distance = 0
    for message in messages:
        count += 1
        distance += message.payload["distance"]
    return collections.Counter(messages=count, distance=distance)


def count_models(messages: cabc.Iterable[Message[Flight]]) -> collections.Counter[str]:
    count = distance = 0
    for message in messages:
        count += 1
        distance += message.payload.distance
    return collections.Counter(messages=count, distance=distance)


def scan_pydantic(servers: str, topic: str) -> Counts:
    return _scan(servers, topic, "models")


def scan_json(servers: str, topic: str) -> Counts:
    return _scan(servers, topic, "plain")


def _scan(servers: str, topic: str, app: str) -> Counts:
    function = count_models if app == "models" else count_plain
    settings = {"bootstrap.servers": servers}
    path = f"tests.benchmarks.contenders.parts:{app}"
    return dict(scan(topic, function, operator.add, workers=2, app=path, settings=settings).value)


if __name__ == "__main__":
    run({"scan_pydantic": scan_pydantic, "scan_json": scan_json})
