"""Fetched messages on their way to the loop: admitted, removed by stages, given. Pure."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import enum
from typing import Any, Generic, NamedTuple, TypeVar

from framework import Message
from framework.types import Located, NativeMessage, TopicPartition
from framework_iterator.batch import Batch, ByTopic, one_by_one
from framework_iterator.progress.slices import Slice

L = TypeVar("L", bound=Located)


class Fate(enum.IntEnum):
    """What became of an admitted message; a number, so that the fates of a fetch are bytes."""

    GIVEN = 0
    """The loop gets it."""
    FILTERED = 1
    """A filter removed it."""
    UNREADABLE = 2
    """It was skipped, because its payload can't be read."""


@dataclasses.dataclass(slots=True)
class Admitted(Generic[L]):
    """Messages that may be given: below the ends of running partitions.

    Args:
        messages: In the order in which they were fetched.
        slices: Where the messages of each partition are; None where that is not known yet.
        fates: What stages did to each message, a `Fate` each; None where every message is given.
    """

    messages: list[L]
    slices: list[Slice] | None = None
    fates: bytearray | None = None

    def __add__(self, other: Admitted[L]) -> Admitted[L]:
        """Return these messages and the others after them."""
        fates = slices = None
        if self.fates is not None or other.fates is not None:
            fates = self.each_fate() + other.each_fate()
        if self.slices is not None and other.slices is not None:
            shift = len(self.messages)
            slices = self.slices + [
                Slice(key, start + shift, end + shift) for key, start, end in other.slices
            ]
        return Admitted(self.messages + other.messages, slices, fates)

    def each_fate(self) -> bytearray:
        """Return what became of each message."""
        return bytearray(len(self.messages)) if self.fates is None else self.fates

    def given(self) -> cabc.Sequence[int]:
        """Return the indexes of the messages that are given."""
        if self.fates is None:
            return range(len(self.messages))
        return [index for index, fate in enumerate(self.fates) if not fate]

    def passed(self, given: int) -> int:
        """Return how many messages the loop has passed with the first `given` of those that it is given."""
        if self.fates is None:
            return min(given, len(self.messages))
        # Counted in C: most often stages have removed all messages, or the loop has had all that are left.
        if given >= self.fates.count(Fate.GIVEN):
            return len(self.messages)
        return self.given()[given]

    def free_removed(self: Admitted[NativeMessage]) -> None:
        """Free the contents of messages that stages removed: only their offsets are needed any more."""
        for message, fate in zip(self.messages, self.fates or (), strict=False):
            if fate:
                message.set_value(None)
                message.set_key(None)
                message.set_headers(None)

    def take(self, indexes: cabc.Iterable[int]) -> Admitted[L]:
        """Return some of the messages."""
        indexes = list(indexes)
        fates = None if self.fates is None else bytearray(self.fates[index] for index in indexes)
        return Admitted([self.messages[index] for index in indexes], None, fates)


class Passed(NamedTuple):
    """What the loop has passed: `admitted.messages[start:end]`, and how many of them it was given."""

    start: int
    end: int
    given: int


class Delivery:
    """One batch or, for a loop over messages, one fetch: given to the loop message by message or at once.

    Args:
        admitted: What was fetched.
        batch: The messages that stages let pass; None where there are no stages.
    """

    __slots__ = ("_batch", "_given", "_passed", "admitted")

    def __init__(self, admitted: Admitted[NativeMessage], batch: Batch[Any] | None = None) -> None:
        """Nothing of it was given yet."""
        self.admitted = admitted
        self._batch = batch
        self._given = self._passed = 0

    def __len__(self) -> int:
        """How many messages are given in all."""
        return len(self.admitted.messages) if self._batch is None else len(self._batch)

    def __add__(self, other: Delivery) -> Delivery:
        """Return this delivery and another after it."""
        batch = None if self._batch is None or other._batch is None else self._batch + other._batch
        return Delivery(self.admitted + other.admitted, batch)

    def messages(self, deserializers: ByTopic) -> cabc.Iterator[Message[Any]]:
        """Return the messages one by one."""
        if self._batch is None:
            return one_by_one(self.admitted.messages, deserializers)
        return iter(self._batch)

    def batch(self, deserializers: ByTopic) -> Batch[Any]:
        """Return the messages as a batch, always the same."""
        if self._batch is None:
            self._batch = Batch(self.admitted.messages, deserializers)
        return self._batch

    def passed(self, current: Message[Any] | Batch[Any] | None) -> Passed:
        """Return what the loop has passed since it was last noted, when it was given `current` last."""
        given = max(self._given, self._count_given(current))
        end = max(self._passed, self.admitted.passed(given))
        return Passed(self._passed, end, given - self._given)

    def note(self, passed: Passed) -> None:
        """Note that this was counted."""
        self._given, self._passed = self._given + passed.given, passed.end

    def _count_given(self, current: Message[Any] | Batch[Any] | None) -> int:
        if current is None or not len(self):
            return 0
        if isinstance(current, Batch):
            return len(self) if current is self._batch else 0
        # Found when it is asked for: to count in the loop would cost as much for each message.
        place = current.offset, current.partition, current.topic
        natives = self.admitted.messages
        given = self.admitted.given()
        # From the end: most often it was the last one.
        for number in range(len(given), 0, -1):
            native = natives[given[number - 1]]
            if native.offset() == place[0] and (native.partition(), native.topic()) == place[1:]:
                return number
        return 0

    def first(self, count: int) -> Delivery:
        """Return the part with the first `count` messages."""
        if count >= len(self):
            return self
        admitted = self.admitted.take(range(self.admitted.passed(count)))
        return Delivery(admitted, None if self._batch is None else self._batch[:count])

    def rest(self, is_running: cabc.Callable[[TopicPartition], bool]) -> Delivery:
        """Return what was not passed yet, without partitions that were stopped."""
        natives = self.admitted.messages
        left = range(self._passed, len(natives))
        if not left:
            return Delivery(Admitted([]))
        kept = [index for index in left if is_running(key_of(natives[index]))]
        batch = self._batch
        if batch is not None:
            numbers = {at: number for number, at in enumerate(self.admitted.given())}
            batch = batch.take(numbers[index] for index in kept if index in numbers)
        return Delivery(self.admitted.take(kept), batch)


def key_of(message: Located) -> TopicPartition:
    """Return the partition of a message."""
    return TopicPartition(message.topic(), message.partition())
