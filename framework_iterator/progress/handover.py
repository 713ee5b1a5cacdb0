"""Give a delivery to the loop, and count what it was given."""

from __future__ import annotations

import collections.abc as cabc
import threading
from typing import Any, Final

from framework import Message
from framework.types import TopicPartition
from framework_iterator.batch import Batch, ByTopic
from framework_iterator.errors import NotIteratingError
from framework_iterator.progress.delivery import Admitted, Delivery
from framework_iterator.progress.progress import Progress
from framework_iterator.report import Report

_NO_LIMIT: Final = 1 << 63


class Handover:
    """The delivery that the loop is being given, and how many messages of the run it was given.

    Args:
        progress: Counts what the loop has passed, per partition.
        deserializers: Of each topic.
        limit: How many messages it may give, or None.

    Attributes:
        current: What was given last. A loop sets it for each message, which costs 6 ns; a call costs 40.
    """

    __slots__ = (
        "_delivery",
        "_given",
        "_is_counting",
        "_limit",
        "_lock",
        "_progress",
        "current",
        "deserializers",
    )

    def __init__(self, progress: Progress, deserializers: ByTopic, limit: int | None) -> None:
        """Nothing was given yet."""
        self.current: Message[Any] | Batch[Any] | None = None
        self._progress = progress
        self.deserializers = deserializers
        self._limit = limit
        self._delivery: Delivery = Delivery(Admitted([]))
        self._given = 0
        self._is_counting = False
        # The report may be asked for in another thread.
        self._lock = threading.RLock()

    @property
    def given(self) -> int:
        """How many messages of the run were counted as given."""
        return self._given

    @property
    def left(self) -> int:
        """How many messages it may still give."""
        return _NO_LIMIT if self._limit is None else self._limit - self._given

    def done(self) -> int:
        """Return how far the run is, for a progress bar: messages where there is a limit, else offsets."""
        return self._progress.consumed() if self._limit is None else self._given

    def begin(self, delivery: Delivery) -> None:
        """Make this the delivery that is given."""
        with self._lock:
            self._delivery = delivery
            if len(delivery):
                self.current = None

    def messages(self) -> cabc.Iterator[Message[Any]]:
        """Return the messages of the delivery one by one; each is given once it is `current`."""
        return self._delivery.messages(self.deserializers)

    def batch(self) -> Batch[Any]:
        """Return the messages of the delivery as a batch; it is given once it is `current`."""
        return self._delivery.batch(self.deserializers)

    def count(self) -> None:
        """Count what the loop has passed since the last time."""
        with self._lock:
            passed = self._delivery.passed(self.current)
            if passed.end > passed.start:
                # If Ctrl-C ends this in its middle, the next count counts the same again, and adds nothing.
                may_repeat, self._is_counting = self._is_counting, True
                self._progress.count(self._delivery.admitted, passed.start, passed.end, may_repeat=may_repeat)
                self._delivery.note(passed)
                self._given += passed.given
                self._is_counting = False

    def report(self) -> Report:
        """Count, and return a snapshot: no other thread counts while it is taken."""
        with self._lock:
            self.count()
            return self._progress.report()

    def remaining(self) -> int:
        """Count, and return how many offsets are left."""
        with self._lock:
            self.count()
            return self._progress.remaining()

    def rest(self) -> Delivery:
        """Count, and return what was not given of running partitions: the loop may have left it early."""
        self.count()
        rest = self._delivery.rest(self._progress.is_reading)
        with self._lock:
            # Released before the next fetch: with two of them alive, Python collects garbage more often.
            self._delivery = Delivery(Admitted([]))
        return rest

    def current_partition(self) -> TopicPartition:
        """Return the partition of the message that was given last."""
        if self.current is None:
            raise NotIteratingError("There is no current message, and so no current partition.")
        last = self.current[-1] if isinstance(self.current, Batch) else self.current
        return TopicPartition(last.topic, last.partition)

    def clear(self) -> None:
        """Release what was fetched and not given."""
        with self._lock:
            self._delivery, self.current = Delivery(Admitted([])), None

    def reset_lock(self) -> None:
        """In a forked child: whoever held the lock is no thread of this process."""
        self._lock = threading.RLock()
