"""How far a run has come in one partition. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeVar

from framework.types import Located, TopicPartition
from framework_iterator.planning.plan import PlannedPartition
from framework_iterator.progress.delivery import Fate
from framework_iterator.report import Ended, PartitionReport

L = TypeVar("L", bound=Located)

NEVER: Final = 1 << 63
"""The `stop` of a partition without an end: past every offset."""


class Loss(NamedTuple):
    """Offsets that Kafka removed before they could be read: so many, before `position`."""

    partition: TopicPartition
    position: int
    offsets: int


class PartitionProgress:
    """One partition on its way from start to stop; `position` is the next offset to be given."""

    __slots__ = (
        "_losses", "end_seen", "ended", "filtered", "lost", "messages", "planned", "position", "rewound",
        "stop", "unreadable",
    )  # fmt: skip

    def __init__(self, planned: PlannedPartition) -> None:
        """At its start; ended already where there is nothing to read."""
        self.planned = planned
        self.position = planned.start
        self.stop = NEVER if planned.stop is None else planned.stop
        self.end_seen = -1
        self.messages = self.filtered = self.unreadable = self.lost = 0
        # How far the position went back, where a followed log was truncated or recreated.
        self.rewound = 0
        self._losses: list[Loss] = []
        self.ended = Ended.END if self.position >= self.stop else None

    @property
    def remaining(self) -> int:
        """How many offsets are left, of those that existed when the plan was made."""
        return max(0, (self.planned.high if self.stop == NEVER else self.stop) - self.position)

    @property
    def consumed(self) -> int:
        """How many offsets were passed, with a message or without."""
        return self.position - self.planned.start

    def after(self, offset: int) -> int:
        """Return the position once the message at `offset` was given."""
        return offset + 1

    def has_passed(self, offset: int) -> bool:
        """Whether the message at `offset` was counted already."""
        return offset < self.position

    def advance(self, position: int) -> bool:
        """Move on, to the end at most; return whether that is reached."""
        self.count(position, 0, 0, 0)
        return self._is_at_end

    def count(self, position: int, messages: int, filtered: int, unreadable: int) -> None:
        """Move on, past so many messages."""
        messages += self.messages
        filtered += self.filtered
        unreadable += self.unreadable
        position = self._bounded(position)
        # Together, at the end: Python raises a KeyboardInterrupt in calls and loops, not between these.
        self.messages, self.filtered, self.unreadable = messages, filtered, unreadable
        self.position = position
        if self._losses:
            self._count_losses()

    def count_messages(self, messages: list[L], indexes: range, fates: bytearray | None) -> None:
        """Move on, past these of the messages; what was counted before isn't counted again.

        Args:
            messages: Of several partitions.
            indexes: Those of this partition, in the order in which the loop was given them.
            fates: What became of each message; None where each was given.
        """
        counted = 0
        while counted < len(indexes) and self.has_passed(messages[indexes[counted]].offset()):
            counted += 1
        if counted == len(indexes):
            return
        indexes = indexes[counted:]
        filtered = unreadable = 0
        if fates is not None:
            own = fates[indexes.start : indexes.stop]
            filtered, unreadable = own.count(Fate.FILTERED), own.count(Fate.UNREADABLE)
        given = len(indexes) - filtered - unreadable
        self.count(self.after(messages[indexes[-1]].offset()), given, filtered, unreadable)

    def lose(self, loss: Loss) -> None:
        """Count offsets as lost once the position has passed them."""
        self._losses.append(loss)
        self._count_losses()

    def _count_losses(self) -> None:
        while self._losses and self._is_behind(self._losses[0].position):
            self.lost += self._losses.pop(0).offsets

    def _bounded(self, position: int) -> int:
        return max(self.position, min(position, self.stop))

    @property
    def _is_at_end(self) -> bool:
        return self.position >= self.stop

    def _is_behind(self, position: int) -> bool:
        """Whether the position has passed that one."""
        return self.position >= position

    def is_truncated(self, end: int) -> bool:
        """Whether a log that ends there has become shorter than it was, and too short for the plan."""
        return end < self.stop <= self.planned.high

    def skip_to_available(self, low: int, high: int) -> None:
        """Move a position that no longer exists to one that does; what was planned between is lost."""
        if self.position > high:
            if self.stop == NEVER:
                # Without an end there is nothing to count to: continue with what comes next.
                self.rewound += self.position - high
                self.position = high
            else:
                self._skip_to(self.stop)
            # The end that was reported before is gone as well: what comes next has not been read.
            self.end_seen = high
        elif self.position < low:
            self._skip_to(min(low, self.stop))
        elif self.is_truncated(high) and self.end_seen >= high:
            self.lost += self.stop - high
            self.position = self.stop

    def rewind(self) -> None:
        """Go back to offset 0, in a topic that was recreated: none of it was read."""
        self.rewound += self.position
        self.position, self.end_seen = 0, -1

    def _skip_to(self, position: int) -> None:
        self.lost += max(0, position - self.position)
        self.position = position

    def report(self) -> PartitionReport:
        """Return a snapshot."""
        return self._report(self.planned.start - self.rewound, self.position)

    def _report(self, start: int, position: int) -> PartitionReport:
        return PartitionReport(
            self.planned.topic,
            self.planned.partition,
            start,
            None if self.stop == NEVER else self.stop,
            position,
            self.messages,
            self.lost,
            self.ended,
            self.filtered,
            self.unreadable,
        )
