"""How far a run has come in one partition. Pure."""

from __future__ import annotations

from typing import Final

from framework_iterator.planning.plan import PlannedPartition
from framework_iterator.report import Ended, PartitionReport

NEVER: Final = 1 << 63
"""The `stop` of a partition without an end: past every offset."""


class PartitionProgress:
    """One partition on its way from start to stop; `position` is the next offset to be given."""

    __slots__ = (
        "end_seen", "ended", "filtered", "lost", "messages", "planned", "position", "rewound", "stop",
        "unreadable",
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
        self.ended = Ended.END if self.position >= self.stop else None

    @property
    def remaining(self) -> int:
        """How many offsets are left, of those that existed when the plan was made."""
        return max(0, (self.planned.high if self.stop == NEVER else self.stop) - self.position)

    def advance(self, position: int) -> bool:
        """Move forward, to `stop` at most; return whether that is the end."""
        self.position = max(self.position, min(position, self.stop))
        return self.position >= self.stop

    def count(self, position: int, messages: int, filtered: int, unreadable: int) -> None:
        """Move forward, past so many messages."""
        messages += self.messages
        filtered += self.filtered
        unreadable += self.unreadable
        position = max(self.position, min(position, self.stop))
        # Together, at the end: Python raises a KeyboardInterrupt in calls and loops, not between these.
        self.messages, self.filtered, self.unreadable = messages, filtered, unreadable
        self.position = position

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

    def _skip_to(self, position: int) -> None:
        self.lost += max(0, position - self.position)
        self.position = position

    def report(self) -> PartitionReport:
        """Return a snapshot."""
        return PartitionReport(
            self.planned.topic,
            self.planned.partition,
            self.planned.start - self.rewound,
            None if self.stop == NEVER else self.stop,
            self.position,
            self.messages,
            self.lost,
            self.ended,
            self.filtered,
            self.unreadable,
        )
