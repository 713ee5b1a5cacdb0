"""Create, delete and inspect the topics of a cluster. I/O."""

from __future__ import annotations

import collections.abc as cabc
import concurrent.futures
from typing import Any, NamedTuple, Self, TypeVar

from confluent_kafka import IsolationLevel, KafkaError, KafkaException
from confluent_kafka import TopicPartition as NativeTopicPartition
from confluent_kafka.admin import NewTopic, OffsetSpec, TopicMetadata

from framework.clients import open_admin, request
from framework.errors import BrokerError, BrokerTimeoutError, TopicNotFoundError
from framework.kafka_errors import RETRIABLE, as_error, topic_not_found
from framework.retry import Deadline, retry, wait_until
from framework.types import KafkaSettings, TopicPartition

T = TypeVar("T")


class Watermarks(NamedTuple):
    """The first kept offset of a partition, and the next offset to be written."""

    low: int
    high: int


class Admin:
    """Create, delete and inspect topics.

    Each request ends within `broker_timeout` seconds, or raises a `BrokerError`. The client is closed by
    `close()`, at the end of a `with` block, or with the last reference to it.
    """

    def __init__(self, kafka: KafkaSettings, broker_timeout: float = 10.0) -> None:
        """Open a client; no request is made yet."""
        self._client, self._reported = open_admin(kafka, broker_timeout)
        self._timeout = broker_timeout

    def close(self) -> None:
        """Close the client; no further request is possible."""
        # Confluent's admin client has no close(): it is closed with the last reference.
        self.__dict__.pop("_client", None)

    def __enter__(self) -> Self:
        """Return itself; the end of the `with` block closes the client."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the client."""
        self.close()

    def topics(self) -> dict[str, int]:
        """Return all topics that we may see, by name, with their numbers of partitions."""
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

        Args:
            name: The topic's name.
            partitions: How many partitions it gets.
            replication_factor: -1 is the broker's default.
            config: Kafka's topic settings, such as `{"retention.ms": -1}`.
        """
        settings = {key: str(value) for key, value in (config or {}).items()}
        new = NewTopic(name, partitions, replication_factor, config=settings)
        futures = self._client.create_topics([new], request_timeout=self._timeout)
        self._result(futures[name], f"Can't create '{name}'")
        self._wait_for(
            lambda topic: topic is not None and _leaders(topic) == partitions,
            name,
            f"Topic '{name}' was created, but not all of its {partitions} partitions have a leader",
        )

    def delete(self, *names: str) -> None:
        """Delete topics and wait until they are gone; a missing one is a TopicNotFoundError."""
        futures = self._client.delete_topics(list(names), request_timeout=self._timeout)
        for name, future in futures.items():
            try:
                self._result(future, f"Can't delete '{name}'")
            except TopicNotFoundError as error:
                raise topic_not_found(name, self._metadata()) from error
        for name in names:
            self._wait_for(
                lambda topic: topic is None, name, f"Topic '{name}' was deleted, but it is still there"
            )

    def watermarks(self, *names: str, committed_only: bool = False) -> dict[str, dict[int, Watermarks]]:
        """Return low and high watermark of each partition, with three requests in all.

        Args:
            names: The topics; a missing one is a TopicNotFoundError.
            committed_only: Take the last stable offset, before any open transaction, as high.
        """
        topics = self._existing(names)
        partitions = [TopicPartition(name, number) for name in names for number in topics[name].partitions]
        lows = self._offsets(partitions, OffsetSpec.earliest(), committed_only)
        highs = self._offsets(partitions, OffsetSpec.latest(), committed_only)
        found: dict[str, dict[int, Watermarks]] = {name: {} for name in names}
        for partition in sorted(lows):
            watermarks = Watermarks(lows[partition], highs[partition])
            found[partition.topic][partition.partition] = watermarks
        return found

    def _existing(self, names: cabc.Iterable[str]) -> dict[str, TopicMetadata]:
        """Return the metadata of all topics; TopicNotFoundError where one of these is missing."""
        topics = self._metadata()
        for name in names:
            if name not in topics:
                raise topic_not_found(name, topics)
        return topics

    def _offsets(
        self, partitions: list[TopicPartition], spec: OffsetSpec | None, committed_only: bool
    ) -> dict[TopicPartition, int]:
        if not partitions:
            return {}
        level = IsolationLevel.READ_COMMITTED if committed_only else IsolationLevel.READ_UNCOMMITTED
        wanted: dict[NativeTopicPartition, Any] = {
            NativeTopicPartition(*partition): spec for partition in partitions
        }

        def attempt() -> dict[TopicPartition, int]:
            futures = self._client.list_offsets(wanted, isolation_level=level, request_timeout=self._timeout)
            by_partition = {TopicPartition(each.topic, each.partition): futures[each] for each in futures}
            return {
                partition: self._result(future, f"Can't look up {partition}").offset
                for partition, future in by_partition.items()
            }

        def is_worth_a_retry(error: Exception) -> bool:
            # The leaders of a fresh topic, which the broker itself may not know yet.
            return isinstance(error, BrokerError) and error.code in RETRIABLE

        def renew(seconds: float) -> None:
            # Renews the leaders, without which the client keeps asking the ones it knows; and a topic that
            # was deleted meanwhile needs no further try.
            self._existing({asked.topic for asked in partitions})
            self._client.poll(seconds)

        return retry(attempt, Deadline(self._timeout), on=is_worth_a_retry, pause=renew)

    def _metadata(self) -> dict[str, TopicMetadata]:
        answer = request(
            self._client,
            self._reported,
            self._timeout,
            lambda timeout: self._client.list_topics(timeout=timeout),
        )
        topics: dict[str, TopicMetadata] = answer.topics
        return topics

    def _wait_for(self, wanted: cabc.Callable[[TopicMetadata | None], bool], name: str, late: str) -> None:
        deadline = Deadline(self._timeout)
        if not wait_until(lambda: wanted(self._metadata().get(name)), deadline, pause=self._client.poll):
            raise BrokerTimeoutError(f"{late} after {self._timeout:g} s.")

    def _result(self, future: concurrent.futures.Future[T], about: str) -> T:
        def is_done() -> bool:
            self._client.poll(0)  # serves the error callback
            self._reported.raise_failure()
            return future.done()

        wait_until(
            is_done,
            Deadline(self._timeout),
            pause=lambda seconds: concurrent.futures.wait([future], seconds),
        )
        try:
            return future.result(0)
        except concurrent.futures.TimeoutError as error:
            raise self._reported.unavailable(self._timeout) from error
        except KafkaException as error:
            if self._reported.last is not None and error.args[0].code() == KafkaError._TIMED_OUT:
                raise self._reported.unavailable(self._timeout) from error
            raise as_error(error.args[0], about) from error


def _leaders(topic: TopicMetadata) -> int:
    return sum(partition.leader >= 0 for partition in topic.partitions.values())
