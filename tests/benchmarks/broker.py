"""The broker of the benchmarks and its topics."""

from __future__ import annotations

import collections.abc as cabc

from tests.benchmarks import data
from tests.benchmarks.data import Truths
from tests.benchmarks.topics import COPIES, EMPTY, FRAMED, LARGE, NO_TOPIC
from tests.kafka_server import KafkaServer

# All compilers and enough memory, so that the broker does not limit the readers.
JAVA = (
    "java",
    "-Xms1g",
    "-Xmx1g",
    "-XX:+UseSerialGC",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)
# The tests run the log cleaner and retention all the time; here they must not disturb a measurement.
SETTINGS = {"log.retention.check.interval.ms": 300_000, "log.cleaner.backoff.ms": 15_000}


def server() -> KafkaServer:
    """Return a broker that is not started yet."""
    return KafkaServer(settings=SETTINGS, java=JAVA)


class Topics:
    """Topics that are written on first use; `share` is 1 for all flights, 10 for a tenth.

    `environment` is what programs need besides the broker's address: that of the schema registry.
    """

    def __init__(self, servers: str, registry: str, *, share: int = 1) -> None:
        self.servers = servers
        self.environment = {"SCHEMA_REGISTRY_URL": registry}
        self._registry = registry
        self._share = share
        self._truths: dict[str, Truths] = {NO_TOPIC: {"all": {}}}

    def prepare(self, topics: cabc.Iterable[str]) -> None:
        """Write those topics that do not exist yet."""
        missing = set(topics) - self._truths.keys()
        self._truths |= data.write(
            self.servers,
            share=self._share,
            flights={topic: copies for topic, copies in COPIES.items() if topic in missing},
            empty={topic: partitions for topic, partitions in EMPTY.items() if topic in missing},
            large={LARGE: 300 // self._share} if LARGE in missing else {},
            framed={topic: each for topic, each in FRAMED.items() if topic in missing},
            registry=self._registry,
        )

    def truth(self, topic: str, reads: str) -> data.Truth:
        """Return what a program that reads a topic in this way must count."""
        return self._truths[topic][reads]

    def delete(self, topics: cabc.Iterable[str]) -> None:
        """Delete topics that would slow down the next jobs."""
        there = sorted(self._truths.keys() & set(topics))
        data.write(self.servers, gone=there)
        for topic in there:
            del self._truths[topic]
