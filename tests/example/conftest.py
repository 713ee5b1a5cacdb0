"""The example application on a real broker, under names of its own: others may use the same broker."""

from __future__ import annotations

import collections.abc as cabc
import os
import pathlib
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from example_app import app as example
from example_app.models import Airport, Flight, Plane, Weather
from example_app.seed import seed
from framework import App, Topic
from framework.testing import reset_current_app
from tests import support

P = TypeVar("P")
K = TypeVar("K", covariant=True)

Process = subprocess.Popen[str]

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
    planes: Topic[Plane | None, str]
    airports: Topic[Airport, str]
    airlines: str


def make_app(kafka: str, *topics: Topic[Any], registry: str | None = None) -> App:
    """An app that isn't the current one."""
    app = App(
        kafka={"bootstrap.servers": kafka}, client_id="example", topics=topics, schema_registry=registry
    )
    reset_current_app()
    return app


def renamed(topic: Topic[P, K], prefix: str) -> Topic[P, K]:
    """The topic as the example declares it, under another name."""
    declared = topic.deserializers
    return Topic(
        prefix + topic.name,
        payload=declared.payload,
        key=declared.key,
        active=topic.active,
        tombstones=topic.tombstones,
    )


def flight(code: str, delay: int | None) -> support.Record:
    """A flight as it is written; one without a delay was cancelled."""
    dep_time = None if delay is None else 1200
    made = Flight(
        carrier=code[:2],
        flight=int(code[2:]),
        tailnum="N14228",
        origin="EWR",
        dest="LAX",
        time_hour=datetime(2013, 12, 31, 17, tzinfo=UTC),
        sched_dep_time=1200,
        dep_time=dep_time,
        dep_delay=delay,
        sched_arr_time=1500,
        arr_time=dep_time,
        arr_delay=delay,
        air_time=None,
        distance=2454,
    )
    return support.Record(made.model_dump_json(), key=code)


@dataclass(frozen=True)
class Programs:
    """Starts programs of the example as processes, on the tests' broker."""

    kafka: str

    def start(self, flights: str, module: str, *arguments: object, **environment: str) -> Process:
        """A program that reads its flights from a topic of this name."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.example.program", flights, module, *map(str, arguments)],
            cwd=pathlib.Path(__file__).parents[2],
            env=os.environ | {"KAFKA_BOOTSTRAP_SERVERS": self.kafka} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, flights: str, module: str, *arguments: object, **environment: str) -> tuple[int, str, str]:
        """The same, to its end: exit code, stdout, stderr."""
        with self.start(flights, module, *arguments, **environment) as process:
            out, err = process.communicate(timeout=60)
            return process.returncode, out, err


@pytest.fixture(scope="session")
def programs(kafka: str) -> Programs:
    return Programs(kafka)


@pytest.fixture(scope="session")
def app(kafka: str) -> App:
    """An app on the tests' broker."""
    return make_app(kafka)


@pytest.fixture(scope="session")
def seeded(kafka: str, registry: str) -> cabc.Iterator[Seeded]:
    """The example's topics, filled once for all tests that only read them."""
    prefix = support.topic_name("example") + "-"
    flights = renamed(example.flights, prefix)
    weather = renamed(example.weather, prefix)
    planes = renamed(example.planes, prefix)
    airports = renamed(example.airports, prefix)
    app = make_app(kafka, flights, weather, planes, airports, registry=registry)
    written = seed(app, prefix=prefix)
    counts = {topic.removeprefix(prefix): count for topic, count in written.items()}
    yield Seeded(app, prefix, counts, flights, weather, planes, airports, prefix + "airlines")
    app.admin().delete(*written)
