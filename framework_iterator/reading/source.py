"""The consumer of a run: assign, fetch, close. I/O."""

from __future__ import annotations

import collections.abc as cabc
import enum
from typing import Final, NamedTuple, cast

from confluent_kafka import KafkaError
from confluent_kafka import Message as ConfluentMessage

from framework.clients import interruptible, open_consumer
from framework.kafka_errors import as_error, as_read_error, is_retriable
from framework.types import KafkaSettings, NativeMessage, TopicPartition
from framework.worker import Worker
from framework_iterator.committing.committer import Committer
from framework_iterator.confluent_types import key_of, with_offsets, without_offsets
from framework_iterator.planning.probes import Probes
from framework_iterator.planning.queries import Queries
from framework_iterator.planning.topic_ids import TopicIds
from framework_iterator.reading.fetch_stats import FetchStats

FETCH_SIZE: Final = 500
"""Messages per fetch: 100 to 1000 is best. Fewer cost calls, more cost memory."""
_LONGEST_POLL: Final = 0.2
"""Seconds of one poll. A signal that arrives during a callback is noticed when the poll returns."""
_CLOSE_TIMEOUT: Final = 1.0
"""Seconds to wait for a client that closes; a healthy one takes milliseconds."""


class Kind(enum.Enum):
    """What may happen to a partition besides messages."""

    END = enum.auto()
    """There is nothing at `offset` and after, for now."""
    OUT_OF_RANGE = enum.auto()
    """The position no longer exists: retention removed it, or the log was truncated or recreated."""
    CORRUPT = enum.auto()
    """A fetch failed its checksum or can't be parsed; none of it was delivered."""
    UNKNOWN = enum.auto()
    """The broker doesn't know the partition: it was deleted, or is unknown for a moment."""


class Event(NamedTuple):
    """Something that happened to a partition."""

    kind: Kind
    partition: TopicPartition
    offset: int


class Fetched(NamedTuple):
    """What one fetch brought."""

    messages: list[NativeMessage]
    events: list[Event]


class Source:
    """One consumer, from opening to closing; it belongs to the thread that made it.

    It joins no group, and commits nothing but through `committer`. `queries` asks the cluster,
    and `probes` asks it in the background. Its worker makes the consumer's blocking calls, and closes it
    after the last of them.

    Args:
        settings: librdkafka's settings, with a `group.id`.
        broker_timeout: Seconds that the broker may take to answer.
        stall_timeout: Seconds after which a run has stalled, which decides how often `fetch_stats` get
            data; None for a run that never stalls.
    """

    def __init__(
        self, settings: KafkaSettings, broker_timeout: float, stall_timeout: float | None = None
    ) -> None:
        """Open the consumer; no request is made yet."""
        self.fetch_stats = FetchStats()
        read_with = settings if stall_timeout is None else self.fetch_stats.add_to(settings, stall_timeout)
        self._consumer, self._reported = open_consumer(read_with, broker_timeout)
        self._worker, self._probe_worker = Worker("framework-iterator"), Worker("framework-iterator-probe")
        self.queries = Queries(
            self._consumer,
            self._reported,
            self._worker,
            group=str(settings["group.id"]),
            broker_timeout=broker_timeout,
        )
        self.probes = Probes(self._consumer, self._reported, self._probe_worker, broker_timeout)
        self.topic_ids = TopicIds(settings, broker_timeout)
        self.committer = Committer(settings, self._consumer, self._reported, broker_timeout)
        self._assigned: set[TopicPartition] = set()
        self._is_closed = False

    def assign(self, positions: cabc.Mapping[TopicPartition, int]) -> None:
        """Start to read these partitions at these offsets."""
        self.queries.begin_reading()
        self._assigned = set(positions)
        self._consumer.assign(with_offsets(positions))

    def add(self, positions: cabc.Mapping[TopicPartition, int]) -> None:
        """Read these partitions as well, or those that are read already at another offset."""
        self.drop(positions)
        self._assigned |= positions.keys()
        self._consumer.incremental_assign(with_offsets(positions))

    def drop(self, partitions: cabc.Iterable[TopicPartition]) -> None:
        """Stop reading these partitions, and discard what was fetched of them."""
        if dropped := self._assigned & set(partitions):
            self._assigned -= dropped
            self._consumer.incremental_unassign(without_offsets(dropped))

    def fetch(self, max_wait: float, count: int = FETCH_SIZE) -> Fetched:
        """Return up to `count` messages that have arrived; if there are none, wait `max_wait` seconds."""
        if missing := self.probes.take_missing():
            return Fetched([], [Event(Kind.UNKNOWN, partition, -1) for partition in missing])
        # consume() waits its full time at the end of a partition and delays Ctrl-C; poll() does neither.
        batch = interruptible(self._consumer.consume, count, 0)
        if not batch:
            message = interruptible(self._consumer.poll, min(max_wait, _LONGEST_POLL))
            if message is None and self._reported.is_login_refused:
                raise self._reported.unavailable(max_wait)
            batch = [] if message is None else [message]
        else:
            # A login that was refused before was accepted since.
            self._reported.record_messages()
        if self._reported.failure is not None:
            self._reported.raise_failure()
        # One pass in C over all is cheaper than a look at each.
        if any(map(ConfluentMessage.error, batch)):
            return self._sorted(batch)
        return Fetched(cast("list[NativeMessage]", batch), [])

    def serve_callbacks(self) -> None:
        """Call the callbacks that are due, and raise what one raised; messages are discarded.

        A run that its own loop has closed has no client left.
        """
        if self._is_closed:
            return
        interruptible(self._consumer.consume, FETCH_SIZE, 0)
        self._reported.raise_failure()

    def high_watermarks(self, partitions: cabc.Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the high watermarks that came with fetches, and make no request.

        Partitions that weren't fetched yet are missing. Messages of open transactions lie below the high
        watermark here, whatever the isolation level.
        """
        found = {}
        for each in without_offsets(partitions):
            _, high = self._consumer.get_watermark_offsets(each, cached=True)
            if high >= 0:
                found[key_of(each)] = high
        return found

    def close(self, timeout: float = _CLOSE_TIMEOUT) -> None:
        """Close the clients: after `timeout` seconds at most, no message, request or thread is left.

        May be called twice. A client that takes longer is closed in the background.
        """
        if not self._is_closed:
            self._is_closed = True
            self._reported.begin_close()
            try:
                self._worker.close(self._consumer.close, timeout, self._probe_worker)
            finally:  # also when Ctrl-C ends the wait
                self.topic_ids.close(timeout)
                self.committer.close(timeout)

    def abandon(self) -> None:
        """In a forked child: never use the parent's clients, nor free them, which would hang."""
        import ctypes  # rarely needed, and slow to import

        self._is_closed = True
        for client in (self._consumer, self.committer.client, self.topic_ids.client):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(client))

    def _sorted(self, batch: list[ConfluentMessage]) -> Fetched:
        """Separate the messages from the events; an error that no retry removes is raised."""
        fetched = Fetched([], [])
        for message in batch:
            error = message.error()
            if error is None:
                fetched.messages.append(cast("NativeMessage", message))
            elif (kind := _KINDS.get(error.code())) is not None:
                partition = TopicPartition(str(message.topic()), int(message.partition() or 0))
                offset = message.offset()
                fetched.events.append(Event(kind, partition, -1 if offset is None else offset))
            elif self._reported.record_group_denial(error):
                continue  # reading needs no right on a group
            elif not is_retriable(error) and error.code() != KafkaError._ALL_BROKERS_DOWN:
                raise as_read_error(error, topic) if (topic := message.topic()) else as_error(error)
        return fetched


_KINDS: Final = {
    KafkaError._PARTITION_EOF: Kind.END,
    KafkaError._AUTO_OFFSET_RESET: Kind.OUT_OF_RANGE,
    KafkaError.OFFSET_OUT_OF_RANGE: Kind.OUT_OF_RANGE,
    KafkaError._BAD_MSG: Kind.CORRUPT,
    KafkaError._BAD_COMPRESSION: Kind.CORRUPT,
    KafkaError._NOT_IMPLEMENTED: Kind.CORRUPT,
    KafkaError.INVALID_MSG: Kind.CORRUPT,
    KafkaError.UNKNOWN_TOPIC_OR_PART: Kind.UNKNOWN,
    KafkaError._UNKNOWN_TOPIC: Kind.UNKNOWN,
    KafkaError._UNKNOWN_PARTITION: Kind.UNKNOWN,
}
