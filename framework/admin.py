"""Topics of a cluster: list, create, delete, and how far they reach."""

from __future__ import annotations

import collections.abc as cabc
import concurrent.futures
import time
from typing import Any, NamedTuple, Self, TypeVar

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import NewTopic, OffsetSpec, TopicMetadata

from framework.connection import WORTH_ASKING_AGAIN, as_error, ask, no_such_topic, open_admin
from framework.errors import BrokerError, BrokerTimeoutError, TopicNotFoundError
from framework.types import KafkaSettings

T = TypeVar("T")


class Watermarks(NamedTuple):
    """The first kept offset of a partition, and the next one to be given."""

    low: int
    high: int


class Admin:
    """What an application, a command or a test does with topics as a whole.

    Each request ends within `broker_timeout` seconds, or raises one of our `BrokerError`s. The
    client closes with `close()`, at the end of a `with` block, or with the last reference to it.
    """

    def __init__(self, kafka: KafkaSettings, broker_timeout: float = 10.0) -> None:
        """Open a client; nothing is asked yet."""
        self._client, self._trouble = open_admin(kafka)
        self._timeout = broker_timeout

    def close(self) -> None:
        """Leave the cluster; nothing more can be asked."""
        # Confluent's admin client has no close of its own: it goes when nobody holds it.
        self.__dict__.pop("_client", None)

    def __enter__(self) -> Self:
        """For a `with` block, which closes the client at its end."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the client."""
        self.close()

    def topics(self) -> dict[str, int]:
        """All topics that we may see, and how many partitions each has, by name."""
        return {name: len(topic.partitions) for name, topic in sorted(self._metadata().items())}

    def create(
        self,
        name: str,
        *,
        partitions: int = 1,
        replication_factor: int = -1,
        config: cabc.Mapping[str, object] | None = None,
    ) -> None:
        """Create a topic and wait until each partition has a leader, so that it can be used at once.

        `replication_factor=-1` is the broker's default; `config` takes Kafka's topic settings.
        """
        settings = {key: str(value) for key, value in (config or {}).items()}
        new = NewTopic(name, partitions, replication_factor, config=settings)
        self._result(
            self._client.create_topics([new], request_timeout=self._timeout)[name], f"Can't create '{name}'"
        )
        self._until(
            lambda topic: topic is not None and _leaders(topic) == partitions,
            name,
            f"Topic '{name}' was created, but not all of its {partitions} partitions have a leader yet",
        )

    def delete(self, *names: str) -> None:
        """Delete topics and wait until they are gone; one that isn't there is a TopicNotFoundError."""
        futures = self._client.delete_topics(list(names), request_timeout=self._timeout)
        for name, future in futures.items():
            try:
                self._result(future, f"Can't delete '{name}'")
            except TopicNotFoundError as error:
                raise no_such_topic(name, self._metadata()) from error
        for name in names:
            self._until(
                lambda topic: topic is None, name, f"Topic '{name}' was deleted, but it is still there"
            )

    def watermarks(self, *names: str, committed_only: bool = False) -> dict[str, dict[int, Watermarks]]:
        """Low and high watermark of each partition, with three requests however many there are.

        `committed_only=True`: high is the last stable offset, before any open transaction.
        """
        topics = self._metadata()
        for name in names:
            if name not in topics:
                raise no_such_topic(name, topics)
        partitions = [TopicPartition(name, number) for name in names for number in topics[name].partitions]
        lows = self._offsets(partitions, OffsetSpec.earliest(), committed_only)
        highs = self._offsets(partitions, OffsetSpec.latest(), committed_only)
        found: dict[str, dict[int, Watermarks]] = {name: {} for name in names}
        for key in sorted(lows):
            found[key[0]][key[1]] = Watermarks(lows[key], highs[key])
        return found

    def _offsets(
        self, partitions: list[TopicPartition], spec: OffsetSpec | None, committed_only: bool
    ) -> dict[tuple[str, int], int]:
        if not partitions:
            return {}
        level = IsolationLevel.READ_COMMITTED if committed_only else IsolationLevel.READ_UNCOMMITTED
        wanted: dict[TopicPartition, Any] = dict.fromkeys(partitions, spec)
        deadline = time.monotonic() + self._timeout
        while True:
            futures = self._client.list_offsets(wanted, isolation_level=level, request_timeout=self._timeout)
            try:
                return {
                    (asked.topic, asked.partition): self._result(
                        future, f"Can't look up {asked.topic}-{asked.partition}"
                    ).offset
                    for asked, future in futures.items()
                }
            except BrokerError as error:
                # A fresh topic's leaders, which the broker may not know of itself yet.
                if error.code not in WORTH_ASKING_AGAIN or time.monotonic() > deadline:
                    raise
            # Learns the leaders anew: without that, the client goes on asking whom it asked before.
            self._metadata()

    def _metadata(self) -> dict[str, TopicMetadata]:
        answer = ask(
            self._client,
            self._trouble,
            self._timeout,
            lambda timeout: self._client.list_topics(timeout=timeout),
        )
        topics: dict[str, TopicMetadata] = answer.topics
        return topics

    def _until(self, wanted: cabc.Callable[[TopicMetadata | None], bool], name: str, late: str) -> None:
        deadline = time.monotonic() + self._timeout
        while not wanted(self._metadata().get(name)):
            if time.monotonic() > deadline:
                raise BrokerTimeoutError(f"{late} after {self._timeout:g} s.")
            self._client.poll(0.02)

    def _result(self, future: concurrent.futures.Future[T], about: str) -> T:
        deadline = time.monotonic() + self._timeout
        while not future.done() and time.monotonic() < deadline:
            # Polling is when the error callback hears what is wrong.
            self._client.poll(0)
            concurrent.futures.wait([future], 0.05)
        try:
            return future.result(0)
        except concurrent.futures.TimeoutError as error:
            raise self._trouble.as_error(self._timeout) from error
        except KafkaException as error:
            if self._trouble.last is not None and error.args[0].code() == KafkaError._TIMED_OUT:
                raise self._trouble.as_error(self._timeout) from error
            raise as_error(error.args[0], about) from error


def _leaders(topic: TopicMetadata) -> int:
    return sum(partition.leader >= 0 for partition in topic.partitions.values())
