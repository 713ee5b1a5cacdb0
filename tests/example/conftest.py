"""The example application on a real broker, under names of its own: others may use the same broker."""

from __future__ import annotations

import collections.abc as cabc
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from example_app import app as example
from example_app.models import Flight, Plane, Weather
from example_app.seed import seed
from framework import App, Topic
from framework.testing import reset_current_app
from tests import support

P = TypeVar("P")

# The import above made the example's app the current one of this process, where other tests make theirs.
reset_current_app()


@dataclass(frozen=True)
class Seeded:
    """The seeded topics, and how many messages `seed` wrote to each, in the example's own names."""

    app: App
    prefix: str
    written: dict[str, int]
    flights: Topic[Flight]
    weather: Topic[Weather]
    planes: Topic[Plane]
    airlines: str


def make_app(kafka: str, *topics: Topic[Any]) -> App:
    """An app that isn't the current one."""
    app = App(kafka={"bootstrap.servers": kafka}, client_id="example", topics=topics)
    reset_current_app()
    return app


def renamed(topic: Topic[P], prefix: str) -> Topic[P]:
    """The topic as the example declares it, under a name of ours."""
    declared = topic.deserializers
    return Topic(prefix + topic.name, payload=declared.payload, active=topic.active)


@pytest.fixture(scope="session")
def seeded(kafka: str) -> cabc.Iterator[Seeded]:
    """The example's topics, filled once for all tests that only read them."""
    prefix = support.topic_name("example") + "-"
    flights = renamed(example.flights, prefix)
    weather = renamed(example.weather, prefix)
    planes = renamed(example.planes, prefix)
    app = make_app(kafka, flights, weather, planes)
    written = seed(app, prefix=prefix)
    counts = {topic.removeprefix(prefix): count for topic, count in written.items()}
    yield Seeded(app, prefix, counts, flights, weather, planes, prefix + "airlines")
    app.admin().delete(*written)
