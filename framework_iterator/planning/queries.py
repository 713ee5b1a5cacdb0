"""Ask the cluster about partitions, watermarks, offsets and commits. I/O."""

from __future__ import annotations

import collections.abc as cabc
from typing import TYPE_CHECKING, Final, TypeVar

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, KafkaError, KafkaException
from confluent_kafka import TopicPartition as NativeTopicPartition
from confluent_kafka.cimpl import Consumer

from framework.client_errors import ClientErrors
from framework.clients import request
from framework.kafka_errors import as_read_error, is_topic_unknown, topic_not_found
from framework.retry import Deadline, wait_until
from framework.types import TopicPartition
from framework.worker import Worker
from framework_iterator.confluent_types import check_answers, key_of, with_offsets, without_offsets

if TYPE_CHECKING:
    from confluent_kafka.admin import TopicMetadata

T = TypeVar("T")

_FRESH: Final = 1.0
"""Seconds during which a broker may not know a topic that was just created."""
IN_MID_RUN: Final = 2.0
"""Seconds that a request may take while the run reads: more than the fetch before it, which waits 0.5 s."""


class Queries:
    """The requests of one consumer; they belong to the thread that made it.

    Each costs one request per broker, however many partitions it is for, and ends within
    `broker_timeout` seconds; Ctrl-C ends it at once. After `begin_reading`, each ends within two
    seconds, and the caller retries it later.

    Args:
        consumer: The client that asks.
        reported: The errors that it reports.
        worker: Makes the consumer's blocking calls.
        group: The group whose committed offsets are asked for.
        broker_timeout: Seconds that a request may take before the run reads.
    """

    def __init__(
        self,
        consumer: Consumer,
        reported: ClientErrors,
        worker: Worker,
        *,
        group: str,
        broker_timeout: float,
    ) -> None:
        """Nothing is asked yet."""
        self._consumer = consumer
        self._reported = reported
        self._worker = worker
        self._group = group
        self._timeout = broker_timeout
        self._is_reading = False

    def begin_reading(self) -> None:
        """From this call, the consumer has messages: requests are short, and don't poll it."""
        self._is_reading = True

    def partitions(self, topics: cabc.Sequence[str]) -> dict[str, list[int]]:
        """Return the partition numbers of each topic; a missing one is a TopicNotFoundError."""
        found = self._metadata() if len(topics) > 1 else {}
        for topic in topics:
            # The full list leaves out topics that we may not see; asked for by name, they say why.
            if topic not in found:
                found[topic] = self._named(topic)
            self._check(topic, found[topic].error)
        return {topic: sorted(found[topic].partitions) for topic in topics}

    def watermarks(
        self, partitions: cabc.Collection[TopicPartition]
    ) -> dict[TopicPartition, tuple[int, int]]:
        """Return low and high watermark; under `read_committed`, high is the last stable offset."""
        lows = self._offsets(dict.fromkeys(partitions, OFFSET_BEGINNING))
        highs = self.high_watermarks(partitions)
        return {partition: (lows[partition], highs[partition]) for partition in partitions}

    def high_watermarks(self, partitions: cabc.Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the high watermarks alone; under `read_committed`, the last stable offsets."""
        return self._offsets(dict.fromkeys(partitions, OFFSET_END))

    def offsets_at(self, moments: cabc.Mapping[TopicPartition, int]) -> dict[TopicPartition, int | None]:
        """Return the first offset at or after a moment in milliseconds since 1970; None is past the end."""
        found = self._offsets(moments)
        return {partition: None if offset == OFFSET_END else offset for partition, offset in found.items()}

    def committed(self, partitions: cabc.Collection[TopicPartition]) -> dict[TopicPartition, int | None]:
        """Return the group's committed offsets, None where it has none."""
        asked = without_offsets(partitions)
        if not asked:
            return {}
        answers = self._request(lambda timeout: self._committed(asked, timeout))
        return {key_of(each): each.offset if each.offset >= 0 else None for each in answers}

    def poll(self, timeout: float = 0.0) -> None:
        """Serve the client's callbacks between two tries; nothing is assigned yet, so no message is lost."""
        message = self._consumer.poll(timeout)
        if message is not None and (error := message.error()) is not None:
            self._reported.record_group_denial(error)

    def _metadata(self, topic: str | None = None) -> dict[str, TopicMetadata]:
        named = {} if topic is None else {"topic": topic}
        return self._request(lambda timeout: self._consumer.list_topics(**named, timeout=timeout).topics)

    def _named(self, topic: str) -> TopicMetadata:
        """Return the metadata of one topic; a fresh one may be unknown to the broker for a moment."""
        found = self._metadata(topic)[topic]

        def is_known() -> bool:
            nonlocal found
            if is_topic_unknown(found.error):
                found = self._metadata(topic)[topic]
            return not is_topic_unknown(found.error)

        wait_until(is_known, Deadline(_FRESH))
        return found

    def _check(self, topic: str, error: KafkaError | None) -> None:
        if error is None:
            return
        if is_topic_unknown(error):
            raise topic_not_found(topic, self._metadata(), error)
        raise as_read_error(error, topic)

    def _offsets(self, wanted: cabc.Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        asked = with_offsets(wanted)
        if not asked:
            return {}
        answers = self._request(
            lambda timeout: check_answers(self._consumer.offsets_for_times(asked, timeout))
        )
        return {key_of(each): each.offset for each in answers}

    def _request(self, call: cabc.Callable[[float], T]) -> T:
        def in_worker(timeout: float) -> T:
            try:
                return self._worker.call(lambda: call(timeout), timeout + self._timeout)
            except TimeoutError as error:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT, str(error))) from error

        if self._is_reading:
            # Polling for callbacks would lose messages. A short time: the caller retries it later.
            return request(None, self._reported, min(self._timeout, IN_MID_RUN), in_worker)
        return request(self, self._reported, self._timeout, in_worker)

    def _committed(self, asked: list[NativeTopicPartition], timeout: float) -> list[NativeTopicPartition]:
        if (denial := self._reported.group_denial) is not None:
            # The request itself would only time out.
            missing = f"the right is missing. Grant DESCRIBE on group '{self._group}'"
            reason = f"The committed offsets of group '{self._group}' can't be read: {missing}"
            raise KafkaException(KafkaError(denial.code(), reason))
        return check_answers(self._consumer.committed(asked, timeout))
