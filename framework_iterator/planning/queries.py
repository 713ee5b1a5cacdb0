"""What a run asks of the cluster, before it reads and in doubt: partitions, watermarks, offsets. I/O."""

from __future__ import annotations

import collections
import collections.abc as cabc
import logging
import time
from typing import TYPE_CHECKING, TypeVar

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, KafkaError, KafkaException, TopicPartition
from confluent_kafka.cimpl import Consumer

from framework import BrokerError
from framework.clients import ClientErrors, as_read_error, ask, no_such_topic
from framework.worker import Worker
from framework.types import Partition

if TYPE_CHECKING:
    from confluent_kafka.admin import TopicMetadata

T = TypeVar("T")

logger = logging.getLogger(__name__)

_FRESH = 1.0
"""Seconds that a topic may be unknown to a broker after its creation."""
IN_MID_RUN = 2.0
"""Seconds that a look-up may hold up a run that reads; above the half second of a long poll before it."""


class Queries:
    """The questions of one consumer; they belong to the thread that made it.

    Each costs one request per broker, however many partitions it is for, and ends within
    `broker_timeout` seconds; Ctrl-C ends it at once. While the consumer reads, each ends within two
    seconds, and may be asked again.
    """

    def __init__(self, consumer: Consumer, trouble: ClientErrors, group: str, broker_timeout: float) -> None:
        """Nothing is asked yet."""
        self._consumer = consumer
        self._trouble = trouble
        self._group = group
        self._timeout = broker_timeout
        self.is_reading = False
        self.errands = Worker("framework-iterator")
        # Apart from the others: nothing has to wait for a question that only makes sure.
        self.doubts = Worker("framework-iterator-doubts")
        self._missing: collections.deque[Partition] = collections.deque()

    def partitions(self, topics: cabc.Sequence[str]) -> dict[str, list[int]]:
        """The partition numbers of each topic; one that doesn't exist is a TopicNotFoundError."""
        found = self._metadata() if len(topics) > 1 else {}
        for topic in topics:
            # Of several, those that the full list leaves out: asked for by name, they say why.
            if topic not in found:
                found[topic] = self._named(topic)
            self._check(topic, found[topic].error)
        return {topic: sorted(found[topic].partitions) for topic in topics}

    def watermarks(self, partitions: cabc.Collection[Partition]) -> dict[Partition, tuple[int, int]]:
        """Low and high watermark; high is the last stable offset unless uncommitted messages are read."""
        lows = self._offsets(dict.fromkeys(partitions, OFFSET_BEGINNING))
        highs = self._offsets(dict.fromkeys(partitions, OFFSET_END))
        return {partition: (lows[partition], highs[partition]) for partition in partitions}

    def offsets_at(self, moments: cabc.Mapping[Partition, int]) -> dict[Partition, int | None]:
        """The first offset at or after a moment in milliseconds since 1970; None is past the end."""
        found = self._offsets(moments)
        return {partition: None if offset == OFFSET_END else offset for partition, offset in found.items()}

    def committed(self, partitions: cabc.Collection[Partition]) -> dict[Partition, int | None]:
        """What the group has committed; None is nothing."""
        asked = [TopicPartition(topic, number) for topic, number in partitions]
        if not asked:
            return {}
        answers = self._ask(lambda timeout: self._committed(asked, timeout))
        return {key(each): each.offset if each.offset >= 0 else None for each in answers}

    def check_exists(self, partitions: cabc.Collection[Partition]) -> None:
        """Ask, in the background, whether these still exist; one that doesn't is found by `take_missing`.

        A reader is told nothing of a topic that was deleted: librdkafka waits for it to come back.
        """
        self.doubts.send(lambda: self._look_for(partitions))

    def take_missing(self) -> list[Partition]:
        """The partitions that were found missing since this was last asked."""
        return [self._missing.popleft() for _ in range(len(self._missing))]

    def poll(self, timeout: float = 0.0) -> None:
        """Have callbacks called between look-ups; before anything is assigned, there are no messages."""
        message = self._consumer.poll(timeout)
        if message is not None and (said := message.error()) is not None:
            self._trouble.record_group_denial(said)

    def _look_for(self, partitions: cabc.Collection[Partition]) -> None:
        numbers: dict[str, set[int]] = {}
        for topic in {topic for topic, _ in partitions}:

            def call(timeout: float, topic: str = topic) -> TopicMetadata:
                known: dict[str, TopicMetadata] = self._consumer.list_topics(topic, timeout=timeout).topics
                return known[topic]

            try:
                found = ask(None, self._trouble, min(self._timeout, IN_MID_RUN), call)
            except BrokerError as error:
                logger.warning("%s Trying on.", error)
                return
            # With an error, such as a right that was taken away, there are none.
            numbers[topic] = set(found.partitions)
        self._missing += [(topic, number) for topic, number in partitions if number not in numbers[topic]]

    def _metadata(self, topic: str | None = None) -> dict[str, TopicMetadata]:
        named = {} if topic is None else {"topic": topic}
        return self._ask(lambda timeout: self._consumer.list_topics(**named, timeout=timeout).topics)

    def _named(self, topic: str) -> TopicMetadata:
        """What one topic is; a fresh one may be unknown to this broker for a moment."""
        patience = time.monotonic() + _FRESH
        while True:
            found = self._metadata(topic)[topic]
            if found.error is None or found.error.code() not in _UNKNOWN or time.monotonic() > patience:
                return found
            time.sleep(0.05)

    def _check(self, topic: str, error: KafkaError | None) -> None:
        if error is None:
            return
        if error.code() in _UNKNOWN:
            raise no_such_topic(topic, self._metadata(), error)
        raise as_read_error(error, topic)

    def _offsets(self, wanted: cabc.Mapping[Partition, int]) -> dict[Partition, int]:
        asked = places(wanted)
        if not asked:
            return {}
        answers = self._ask(lambda timeout: checked(self._consumer.offsets_for_times(asked, timeout)))
        return {key(each): each.offset for each in answers}

    def _ask(self, call: cabc.Callable[[float], T]) -> T:
        def away(timeout: float) -> T:
            try:
                return self.errands.run(lambda: call(timeout), timeout + self._timeout)
            except TimeoutError as error:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT, str(error))) from error

        if self.is_reading:
            # Polling for callbacks would swallow messages. A short time: the next round asks again.
            return ask(None, self._trouble, min(self._timeout, IN_MID_RUN), away)
        return ask(self, self._trouble, self._timeout, away)

    def _committed(self, asked: list[TopicPartition], timeout: float) -> list[TopicPartition]:
        if self._trouble.denied is not None:
            # The look-up itself would only time out.
            missing = f"the right is missing. Grant DESCRIBE on group '{self._group}'"
            reason = f"What group '{self._group}' has committed can't be read: {missing}"
            raise KafkaException(KafkaError(self._trouble.denied.code(), reason))
        return checked(self._consumer.committed(asked, timeout))


def key(place: TopicPartition) -> Partition:
    """A partition as ours."""
    return place.topic, place.partition


def places(offsets: cabc.Mapping[Partition, int]) -> list[TopicPartition]:
    """Offsets of partitions as the client's."""
    return [TopicPartition(*partition, offset) for partition, offset in offsets.items()]


def checked(answers: list[TopicPartition]) -> list[TopicPartition]:
    """The answers, or the first partition's error as an exception that names the partition."""
    for each in answers:
        if each.error is not None:
            reason = f"{each.topic}-{each.partition}: {each.error.str()}"
            raise KafkaException(KafkaError(each.error.code(), reason, retriable=each.error.retriable()))
    return answers


_UNKNOWN = frozenset({KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC})
