"""Ask the cluster in the background: whether partitions still exist, and whether there are new ones. I/O."""

from __future__ import annotations

import collections
import collections.abc as cabc
import functools
import logging
from typing import TYPE_CHECKING, Final

from confluent_kafka.cimpl import Consumer

from framework import BrokerError
from framework.client_errors import ClientErrors
from framework.clients import request
from framework.retry import Deadline
from framework.types import TopicPartition
from framework.worker import Worker
from framework_iterator.planning.queries import IN_MID_RUN

if TYPE_CHECKING:
    from confluent_kafka.admin import TopicMetadata

logger = logging.getLogger(__name__)

_OVERDUE: Final = 2.0
"""Times its timeout after which a request is overdue: librdkafka's call has been seen to outlast its timeout
by far, and to return as soon as nothing polled the client."""


class Lookup:
    """A look-up of partitions that runs in the background.

    Attributes:
        found: The partitions that have a leader, by topic, as far as the topics are known; None while the
            look-up is running.
        error: Why nothing was found, or None.
    """

    __slots__ = ("error", "found", "topics")

    def __init__(self, topics: cabc.Collection[str]) -> None:
        """It is running."""
        self.topics = topics
        self.found: dict[str, list[int]] | None = None
        self.error: BrokerError | None = None


class Probes:
    """The requests of one consumer that no loop waits for; each ends within two seconds.

    It belongs to the thread that made the consumer. One request runs at a time, and one of each kind waits
    for it.

    Args:
        consumer: The client that asks.
        reported: The errors that it reports.
        worker: Makes the calls, so that no other call waits for them.
        broker_timeout: Seconds that a request may take at most, if that is less than two.
    """

    def __init__(
        self, consumer: Consumer, reported: ClientErrors, worker: Worker, broker_timeout: float
    ) -> None:
        """Nothing is asked yet."""
        self._consumer = consumer
        self._reported = reported
        self._worker = worker
        self._timeout = min(broker_timeout, IN_MID_RUN)
        self._unchecked: cabc.Collection[TopicPartition] = ()
        # The request that runs: what it checks, and when it is overdue.
        self._checked: cabc.Collection[TopicPartition] = ()
        self._deadline: Deadline | None = None
        self._lookup: Lookup | None = None
        self._missing: collections.deque[TopicPartition] = collections.deque()

    def check_exists(self, partitions: cabc.Collection[TopicPartition]) -> None:
        """Check whether partitions still exist; `take_missing` gives those that don't.

        It gives them all, once, where the answer is overdue.
        No event reports a deleted topic: librdkafka waits for it to come back.
        """
        self._unchecked = partitions
        self._start_waiting()

    def find_partitions(self, topics: cabc.Collection[str]) -> Lookup:
        """Look up the partitions of topics, in one request: with several topics, for all of the cluster."""
        self._lookup = lookup = Lookup(topics)
        self._start_waiting()
        return lookup

    def take_missing(self) -> list[TopicPartition]:
        """Return the partitions that were found missing since the last call, and start what waits."""
        self._start_waiting()
        if self._deadline is not None and self._deadline.has_passed:
            self._deadline = None
            # The loop polls the client, so it waits here; what it takes, it asks for by a request of its own.
            if not self._worker.wait(self._timeout):
                return list(self._checked)
        return [self._missing.popleft() for _ in range(len(self._missing))]

    def _start_waiting(self) -> None:
        if self._unchecked and self._worker.submit(functools.partial(self._find_missing, self._unchecked)):
            self._started(self._unchecked, len({topic for topic, _ in self._unchecked}))
            self._unchecked = ()
        if self._lookup is not None and self._worker.submit(functools.partial(self._find, self._lookup)):
            self._started((), 1)
            self._lookup = None

    def _started(self, checked: cabc.Collection[TopicPartition], requests: int) -> None:
        self._checked, self._deadline = checked, Deadline(_OVERDUE * self._timeout * requests)

    def _find_missing(self, partitions: cabc.Collection[TopicPartition]) -> None:
        existing: dict[str, set[int]] = {}
        for topic in {topic for topic, _ in partitions}:
            try:
                found = self._metadata(topic)[topic]
            except BrokerError as error:
                logger.warning("%s Retrying.", error)
                return
            # With an error, such as a right that was revoked, the topic has none.
            existing[topic] = set(found.partitions)
        self._missing += [each for each in partitions if each[1] not in existing[each[0]]]

    def _find(self, lookup: Lookup) -> None:
        found: dict[str, list[int]] = {}
        try:
            known = self._metadata(next(iter(lookup.topics)) if len(lookup.topics) == 1 else None)
            # Without a leader a partition has no messages yet, and no other request about it succeeds.
            found = {
                topic: [number for number, each in known[topic].partitions.items() if each.leader >= 0]
                for topic in lookup.topics
                if topic in known
            }
        except BrokerError as error:
            lookup.error = error
        finally:
            lookup.found = found

    def _metadata(self, topic: str | None) -> dict[str, TopicMetadata]:
        named = {} if topic is None else {"topic": topic}

        def call(timeout: float) -> dict[str, TopicMetadata]:
            known: dict[str, TopicMetadata] = self._consumer.list_topics(**named, timeout=timeout).topics
            return known

        return request(None, self._reported, self._timeout, call)
