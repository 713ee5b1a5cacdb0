"""The confluent consumer behind a run: assign, fetch many, close; its look-ups and its committer. I/O."""

from __future__ import annotations

import collections.abc as cabc
import enum
from typing import NamedTuple

from confluent_kafka import KafkaError, TopicPartition
from confluent_kafka import Message as NativeMessage

from framework.clients import (
    as_error,
    as_read_error,
    interruptible,
    is_worth_asking_again,
    open_consumer,
)
from framework.types import KafkaSettings, Partition
from framework_iterator.committing.committer import Committer
from framework_iterator.reading.fetch_stats import FetchStats
from framework_iterator.planning.queries import Queries, places

BATCH = 500
"""Messages fetched at one go: 100 to 1000 is best, fewer cost calls, more cost memory."""
_WAKEABLE = 0.2
"""Seconds that a wait for messages takes at one go."""
_CLOSING = 1.0
"""Seconds to wait for a client that closes; a healthy one takes milliseconds."""


class Kind(enum.Enum):
    """What may happen to a partition besides messages."""

    END = enum.auto()
    """Nothing more at `offset` and after, for now."""
    GONE = enum.auto()
    """The position no longer exists: retention passed it, or the log was cut or made anew."""
    DAMAGED = enum.auto()
    """What was sent failed its checksum, or can't be understood; nothing of it was delivered."""
    UNKNOWN = enum.auto()
    """The broker doesn't know the partition: deleted, or only for a moment."""


class Event(NamedTuple):
    """Something that happened to a partition."""

    kind: Kind
    partition: Partition
    offset: int


class Fetched(NamedTuple):
    """What one look into the queue brought."""

    messages: list[NativeMessage]
    events: list[Event]


class Source:
    """One consumer, from its opening to its closing; belongs to the thread that made it.

    It joins no group and commits nothing unless told to, by `committer`; `lookups` asks the cluster.
    """

    def __init__(
        self, settings: KafkaSettings, broker_timeout: float, stall_timeout: float | None = None
    ) -> None:
        """Open the consumer; nothing is asked yet. `headway` tells nothing without a `stall_timeout`."""
        self.headway = FetchStats()
        heard = settings if stall_timeout is None else self.headway.settings(settings, stall_timeout)
        self._consumer, self._trouble = open_consumer(heard)
        self.lookups = Queries(self._consumer, self._trouble, str(settings["group.id"]), broker_timeout)
        self.committer = Committer(settings, self._consumer, self._trouble, broker_timeout)
        self._closed = False

    def assign(self, positions: cabc.Mapping[Partition, int]) -> None:
        """Begin to read these partitions, from these offsets."""
        self.lookups.is_reading = True
        self._consumer.assign(places(positions))

    def drop(self, partitions: cabc.Iterable[Partition]) -> None:
        """Stop reading these partitions; what was fetched of them is thrown away."""
        self._consumer.incremental_unassign([TopicPartition(*partition) for partition in partitions])

    def move(self, partition: Partition, offset: int) -> None:
        """Go on reading a partition at another offset."""
        self.drop([partition])
        self._consumer.incremental_assign([TopicPartition(*partition, offset)])

    def fetch(self, max_wait: float) -> Fetched:
        """What has arrived, up to a batch; waits for `max_wait` seconds at most when nothing has."""
        if missing := self.lookups.take_missing():
            return Fetched([], [Event(Kind.UNKNOWN, partition, -1) for partition in missing])
        # consume() waits its full time at the end of a partition, and Ctrl-C waits with it; poll() doesn't.
        batch = interruptible(self._consumer.consume, BATCH, 0)
        if not batch:
            # Where a signal meets one of its callbacks, poll() waits its whole time before it says so.
            message = interruptible(self._consumer.poll, min(max_wait, _WAKEABLE))
            if message is None and self._trouble.is_login:
                raise self._trouble.as_error(max_wait)
            batch = [] if message is None else [message]
        else:
            # A login that was refused in between was accepted since.
            self._trouble.last = None
        # Looking once over all is cheaper than once at each.
        if any(map(NativeMessage.error, batch)):
            return self._sorted(batch)
        return Fetched(batch, [])

    def close(self, within: float = _CLOSING) -> None:
        """Leave: no further message, no request, no thread, after so many seconds at most.

        May be called twice. A client that takes longer goes on closing by itself.
        """
        if not self._closed:
            self._closed = True
            try:
                self.lookups.errands.finish(self._consumer.close, within, self.lookups.doubts)
            finally:  # also when Ctrl-C ends the waiting
                self.committer.close(within)

    def abandon(self) -> None:
        """In a forked child: never touch the parent's client, not even by freeing it, which would hang."""
        import ctypes  # rarely needed, and not free

        self._closed = True
        for client in (self._consumer, self.committer.client):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(client))

    def _sorted(self, batch: list[NativeMessage]) -> Fetched:
        fetched = Fetched([], [])
        for message in batch:
            error = message.error()
            if error is None:
                fetched.messages.append(message)
            elif (kind := _KINDS.get(error.code())) is not None:
                partition = (str(message.topic()), int(message.partition() or 0))
                offset = message.offset()
                fetched.events.append(Event(kind, partition, -1 if offset is None else offset))
            elif self._trouble.record_group_denial(error):
                continue  # who only reads needs no right on a group
            elif not is_worth_asking_again(error) and error.code() != KafkaError._ALL_BROKERS_DOWN:
                raise as_read_error(error, topic) if (topic := message.topic()) else as_error(error)
        return fetched


_KINDS = {
    KafkaError._PARTITION_EOF: Kind.END,
    KafkaError._AUTO_OFFSET_RESET: Kind.GONE,
    KafkaError.OFFSET_OUT_OF_RANGE: Kind.GONE,
    KafkaError._BAD_MSG: Kind.DAMAGED,
    KafkaError._BAD_COMPRESSION: Kind.DAMAGED,
    KafkaError._NOT_IMPLEMENTED: Kind.DAMAGED,
    KafkaError.INVALID_MSG: Kind.DAMAGED,
    KafkaError.UNKNOWN_TOPIC_OR_PART: Kind.UNKNOWN,
    KafkaError._UNKNOWN_TOPIC: Kind.UNKNOWN,
    KafkaError._UNKNOWN_PARTITION: Kind.UNKNOWN,
}
