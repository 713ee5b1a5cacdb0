"""The moments at which followed partitions end. Pure."""

from __future__ import annotations

import collections.abc as cabc

from framework.types import Located, TopicPartition
from framework_iterator.planning.plan import PlannedPartition
from framework_iterator.progress.slices import Slice


class Moments:
    """Partitions that have no end yet, and the moment, in ms since 1970, that gives them one."""

    def __init__(self) -> None:
        """No partition ends at a moment."""
        self._moments: dict[TopicPartition, int] = {}

    def __bool__(self) -> bool:
        """Whether a partition is to end at a moment that may be in the future."""
        return bool(self._moments)

    def add(self, planned: cabc.Iterable[PlannedPartition]) -> None:
        """Watch the moments of these partitions."""
        self._moments |= {each.key: each.until for each in planned if each.until is not None}

    def remove(self, key: TopicPartition) -> None:
        """Forget a partition: it has an end now."""
        self._moments.pop(key, None)

    def due(self, now: int) -> dict[TopicPartition, int]:
        """Return the partitions whose moment has come."""
        return {key: moment for key, moment in self._moments.items() if moment <= now}

    def reached(
        self, messages: cabc.Sequence[Located], slices: cabc.Iterable[Slice]
    ) -> list[tuple[TopicPartition, int]]:
        """Return the first offset at or after the moment of each partition, whatever the clock says."""
        found = []
        for key, start, end in slices:
            moment = self._moments.get(key)
            if moment is None:
                continue
            offsets = (each.offset() for each in messages[start:end] if each.timestamp()[1] >= moment)
            if (offset := next(offsets, None)) is not None:
                found.append((key, offset))
                self.remove(key)
        return found
