"""How far a run has come in a partition that it reads from its end to its start. Pure."""

from __future__ import annotations

from framework_iterator.planning.plan import PlannedPartition
from framework_iterator.progress.partition import PartitionProgress
from framework_iterator.report import PartitionReport


class BackwardProgress(PartitionProgress):
    """One partition on its way from stop to start; `position` is the lowest offset that was passed.

    Its report says which offsets were read: from `start`, which goes down, to `position`, which is `stop`.
    """

    def __init__(self, planned: PlannedPartition) -> None:
        """At its end; ended already where there is nothing to read."""
        super().__init__(planned)
        self.position = self._began_at = max(self.stop, planned.start)

    @property
    def remaining(self) -> int:
        """How many offsets are left."""
        return self.position - self.planned.start

    @property
    def consumed(self) -> int:
        """How many offsets were passed."""
        return self._began_at - self.position

    def after(self, offset: int) -> int:
        """Return the position once the message at `offset` was given."""
        return offset

    def has_passed(self, offset: int) -> bool:
        """Whether the message at `offset` was counted already."""
        return offset >= self.position

    def _bounded(self, position: int) -> int:
        return min(self.position, max(position, self.planned.start))

    @property
    def _is_at_end(self) -> bool:
        return self.position <= self.planned.start

    def _is_behind(self, position: int) -> bool:
        return self.position <= position

    def report(self) -> PartitionReport:
        """Return a snapshot."""
        return self._report(self.position, self._began_at)
