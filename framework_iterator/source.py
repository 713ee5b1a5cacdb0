"""The confluent consumer behind a run: look up, assign, fetch many, close. The only I/O."""

from __future__ import annotations

import collections
import collections.abc as cabc
import enum
import logging
import time
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as NativeMessage
from confluent_kafka.cimpl import Consumer

from framework import BrokerError
from framework.connection import (
    as_commit_error,
    as_error,
    as_read_error,
    ask,
    is_worth_asking_again,
    no_such_topic,
    open_consumer,
)
from framework.errands import Errands
from framework.types import KafkaSettings, Partition

if TYPE_CHECKING:
    from confluent_kafka.admin import TopicMetadata

T = TypeVar("T")

logger = logging.getLogger(__name__)

BATCH = 500
"""Messages fetched at one go: 100 to 1000 is best, fewer cost calls, more cost memory."""
_FRESH = 1.0
"""Seconds that a topic may be unknown to a broker after its creation."""
_WAKEABLE = 0.2
"""Seconds that a wait for messages takes at one go."""
_IN_MID_RUN = 2.0
"""Seconds that a look-up may hold up a run that reads; above the half second of a long poll before it."""
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


class Committed(NamedTuple):
    """What came of a commit in the background."""

    confirmed: cabc.Mapping[Partition, int]
    refused: list[Partition]


class Source:
    """One consumer, from its opening to its closing; belongs to the thread that made it.

    It joins no group and commits nothing unless told to. Every look-up costs one request per
    broker, however many partitions it is for, and ends within `broker_timeout` seconds; Ctrl-C ends
    it at once.
    """

    def __init__(self, settings: KafkaSettings, broker_timeout: float) -> None:
        """Open the consumer; nothing is asked yet."""
        self._settings = settings
        self._consumer, self._trouble = open_consumer(settings)
        self._committer: Consumer | None = None
        self._errands = Errands("framework-iterator")
        # Apart from the others: looking up has not to wait for a commit that finds no coordinator.
        self._commit_errands = Errands("framework-iterator-commits")
        # And nothing has to wait for one that only makes sure.
        self._doubt_errands = Errands("framework-iterator-doubts")
        self._missing: collections.deque[Partition] = collections.deque()
        self._group = str(settings["group.id"])
        self._timeout = broker_timeout
        self._commits: collections.deque[Committed] = collections.deque()
        self._commits_began = False
        self._denied: KafkaError | None = None
        self._reading = False
        self._closed = False

    # Look-ups, before anything is assigned

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
        return {_key(each): each.offset if each.offset >= 0 else None for each in answers}

    def poll(self, timeout: float = 0.0) -> None:
        """Have callbacks called between look-ups; before anything is assigned, there are no messages."""
        message = self._consumer.poll(timeout)
        if message is not None and (error := message.error()) is not None:
            self._is_denied(error)

    # The run

    def assign(self, positions: cabc.Mapping[Partition, int]) -> None:
        """Begin to read these partitions, from these offsets."""
        self._reading = True
        self._consumer.assign(_places(positions))

    def drop(self, partitions: cabc.Iterable[Partition]) -> None:
        """Stop reading these partitions; what was fetched of them is thrown away."""
        self._consumer.incremental_unassign([TopicPartition(*partition) for partition in partitions])

    def move(self, partition: Partition, offset: int) -> None:
        """Go on reading a partition at another offset."""
        self.drop([partition])
        self._consumer.incremental_assign([TopicPartition(*partition, offset)])

    def fetch(self, max_wait: float) -> Fetched:
        """What has arrived, up to a batch; waits for `max_wait` seconds at most when nothing has."""
        if self._missing:
            return Fetched([], [Event(Kind.UNKNOWN, self._missing.popleft(), -1)])
        # consume() waits its full time at the end of a partition, and Ctrl-C waits with it; poll() doesn't.
        batch = self._consumer.consume(BATCH, 0)
        if not batch:
            # Where a signal meets one of its callbacks, poll() waits its whole time before it says so.
            message = self._consumer.poll(min(max_wait, _WAKEABLE))
            if message is None and self._trouble.is_login:
                raise self._trouble.as_error(max_wait)
            batch = [] if message is None else [message]
        # Looking once over all is cheaper than once at each.
        if any(map(NativeMessage.error, batch)):
            return self._sorted(batch)
        return Fetched(batch, [])

    def make_sure_of(self, partitions: cabc.Collection[Partition]) -> None:
        """Ask, in the background, whether these still exist; one that doesn't becomes an event, UNKNOWN.

        A reader is told nothing of a topic that was deleted: librdkafka waits for it to come back.
        """
        self._doubt_errands.send(lambda: self._look_for(partitions))

    def commit_soon(self, offsets: cabc.Mapping[Partition, int]) -> None:
        """Send these for the group, in the background: see `take_commits` for what came of it.

        One commit at a time: while another is away, these count as refused.
        """
        # Not librdkafka's asynchronous commit: a signal that meets its callback ends poll() with a
        # SystemError, and the KeyboardInterrupt is lost. A thread of our own meets no signals.
        self._commits_began = True

        def call() -> None:
            is_refused = self._commit_now(offsets) is not None
            self._commits.append(Committed({}, list(offsets)) if is_refused else Committed(offsets, []))

        if not self._commit_errands.send(call):
            self._commits.append(Committed({}, list(offsets)))

    def take_commits(self) -> list[Committed]:
        """What came of commits in the background since this was last asked."""
        return [self._commits.popleft() for _ in range(len(self._commits))]

    def commit(self, offsets: cabc.Mapping[Partition, int], within: float | None = None) -> None:
        """Return when the broker has these for the group, or raise CommitError with the reason."""
        within = self._timeout if within is None else within
        if self._denied is not None:
            # It would wait for a coordinator that it is not told, unless the right was granted meanwhile.
            within = min(within, _IN_MID_RUN)
        deadline = time.monotonic() + within
        while True:
            error = self._try_commit(offsets, deadline - time.monotonic())
            if error is None:
                return
            if self._denied is not None and is_worth_asking_again(error):
                error = self._denied
            if not is_worth_asking_again(error) or time.monotonic() > deadline:
                raise as_commit_error(error, self._group, self._trouble, within)
            time.sleep(0.05)

    def close(self, within: float = _CLOSING) -> None:
        """Leave: no further message, no request, no thread, after so many seconds at most.

        May be called twice. A client that takes longer goes on closing by itself.
        """
        if not self._closed:
            self._closed = True
            self._errands.finish(self._consumer.close, within, self._doubt_errands)
            if self._commits_began:
                self._commit_errands.finish(self._close_committer, within)

    def abandon(self) -> None:
        """In a forked child: never touch the parent's client, not even by freeing it, which would hang."""
        import ctypes  # rarely needed, and not free

        self._closed = True
        for client in (self._consumer, self._committer):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(client))

    def _try_commit(self, offsets: cabc.Mapping[Partition, int], within: float) -> KafkaError | None:
        self._commits_began = True
        try:
            return self._commit_errands.run(lambda: self._commit_now(offsets), max(0.0, within))
        except TimeoutError:
            return self._trouble.last or KafkaError(KafkaError._TIMED_OUT, "no answer")
        except RuntimeError:
            # The interpreter is going down and starts no more threads (Python 3.12 does so early): then
            # closing, which follows, brings away what was sent without waiting.
            self._consumer.commit(offsets=_places(offsets), asynchronous=True)
            return None

    def _commit_now(self, offsets: cabc.Mapping[Partition, int]) -> KafkaError | None:
        if self._committer is None:
            # A client of its own: one lets no two calls in at a time, and a commit may wait for a
            # coordinator for three quarters of a minute, in which the reader would get nothing.
            self._committer, _ = open_consumer(self._settings)
        try:
            _checked(self._committer.commit(offsets=_places(offsets), asynchronous=False) or [])
        except KafkaException as error:
            reason: KafkaError = error.args[0]
            return reason
        return None

    def _close_committer(self) -> None:
        if self._committer is not None:
            self._committer.close()

    def _look_for(self, partitions: cabc.Collection[Partition]) -> None:
        numbers: dict[str, set[int]] = {}
        for topic in {topic for topic, _ in partitions}:

            def call(timeout: float, topic: str = topic) -> TopicMetadata:
                known: dict[str, TopicMetadata] = self._consumer.list_topics(topic, timeout=timeout).topics
                return known[topic]

            try:
                found = ask(None, self._trouble, min(self._timeout, _IN_MID_RUN), call)
            except BrokerError as error:
                logger.warning("%s Trying on.", error)
                return
            # With an error, such as a right that was taken away, there are none.
            numbers[topic] = set(found.partitions)
        self._missing += [(topic, number) for topic, number in partitions if number not in numbers[topic]]

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
            elif self._is_denied(error):
                continue  # who only reads needs no right on a group
            elif not is_worth_asking_again(error) and error.code() != KafkaError._ALL_BROKERS_DOWN:
                raise as_read_error(error, topic) if (topic := message.topic()) else as_error(error)
        return fetched

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
        asked = _places(wanted)
        if not asked:
            return {}
        answers = self._ask(lambda timeout: _checked(self._consumer.offsets_for_times(asked, timeout)))
        return {_key(each): each.offset for each in answers}

    def _ask(self, call: cabc.Callable[[float], T]) -> T:
        def away(timeout: float) -> T:
            try:
                return self._errands.run(lambda: call(timeout), timeout + self._timeout)
            except TimeoutError as error:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT, str(error))) from error

        if self._reading:
            # Polling for callbacks would swallow messages. A short time: the next round asks again.
            return ask(None, self._trouble, min(self._timeout, _IN_MID_RUN), away)
        return ask(self, self._trouble, self._timeout, away)

    def _committed(self, asked: list[TopicPartition], timeout: float) -> list[TopicPartition]:
        if self._denied is not None:
            # The look-up itself would only time out.
            missing = f"the right is missing. Grant DESCRIBE on group '{self._group}'"
            reason = f"What group '{self._group}' has committed can't be read: {missing}"
            raise KafkaException(KafkaError(self._denied.code(), reason))
        return _checked(self._consumer.committed(asked, timeout))

    def _is_denied(self, error: KafkaError) -> bool:
        """Whether this is of the group's coordinator, for which librdkafka looks by itself; it is kept."""
        if error.code() != KafkaError.GROUP_AUTHORIZATION_FAILED:
            return False
        self._denied = error
        return True


def _key(place: TopicPartition) -> Partition:
    return place.topic, place.partition


def _places(offsets: cabc.Mapping[Partition, int]) -> list[TopicPartition]:
    return [TopicPartition(*partition, offset) for partition, offset in offsets.items()]


def _checked(answers: list[TopicPartition]) -> list[TopicPartition]:
    """The answers, or the first partition's error as an exception that names the partition."""
    for each in answers:
        if each.error is not None:
            reason = f"{each.topic}-{each.partition}: {each.error.str()}"
            raise KafkaException(KafkaError(each.error.code(), reason, retriable=each.error.retriable()))
    return answers


_UNKNOWN = frozenset({KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC})
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
