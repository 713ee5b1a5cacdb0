"""What the source of an ordered run reads, and when: all partitions forward, or each backward in windows."""

from __future__ import annotations

import collections.abc as cabc
from typing import Final

from framework.types import NativeMessage, TopicPartition
from framework_iterator.options import Order
from framework_iterator.ordering.feed import Supply
from framework_iterator.ordering.merge import Merge
from framework_iterator.ordering.windows import FIRST, BackwardReader
from framework_iterator.planning.plan import Plan
from framework_iterator.progress.partition import Loss
from framework_iterator.progress.progress import Progress
from framework_iterator.reading.source import FETCH_SIZE, Source

MEMORY: Final = 24 << 20
"""Bytes that the messages which wait for their turn may take, about; the partitions share it."""
_LEAST_MEMORY: Final = 64 << 10
"""Bytes that one partition may take, however many there are."""


def memory_for_each(partitions: int) -> int:
    """Return the bytes that the waiting messages of each of so many partitions may take, about."""
    return max(_LEAST_MEMORY, MEMORY // max(1, partitions))


def supply_for(order: Order, source: Source, plan: Plan, wanted: int | None) -> tuple[Supply, Merge]:
    """Return what brings the messages of a plan in an order, and what puts them in that order.

    Args:
        order: The order.
        source: Reads.
        plan: What is read.
        wanted: How many messages will be given, or None where that isn't known.
    """
    keys = [each.key for each in plan]
    if order == "time":
        merge = Merge(keys)
        return Forward(source, plan, merge), merge
    merge = Merge(keys, is_reversed=True)
    # Few where it isn't known how many: five hundred large messages would take long, and the windows grow.
    first = FIRST if wanted is None else max(FIRST, min(wanted, FETCH_SIZE))
    return Backward(source, plan, merge, first), merge


class Forward:
    """Reads all partitions, and leaves out for a while those of which enough waits: for the order by time."""

    def __init__(self, source: Source, plan: Plan, merge: Merge) -> None:
        """Read the partitions of a plan that have something to read."""
        self.arrivals = Progress(plan)
        self._source = source
        self._merge = merge
        self._paused: set[TopicPartition] = set()
        self._most = memory_for_each(len(plan))
        self._close_ended()

    def start(self) -> None:
        """Assign the partitions."""
        self._source.assign(self.arrivals.positions())

    def add(self, key: TopicPartition, messages: list[NativeMessage]) -> None:
        """Bring messages to the merge."""
        self._merge.add(key, messages)

    def settle(self, losses: cabc.Iterable[Loss]) -> list[Loss]:
        """Close the partitions that have ended, and pause those of which enough waits."""
        if ended := self._close_ended():
            self._source.drop(ended)  # else the last of them would be fetched on while the loop is slow
        for key in self._merge.open_partitions():
            if key not in self._paused and self._merge.size(key) > self._most:
                self._paused.add(key)
                self._source.drop([key])
        return list(losses)

    def refill(self) -> None:
        """Read on in the partitions of which little is left."""
        positions = self.arrivals.positions()
        self._paused &= positions.keys()
        if due := [key for key in self._paused if self._merge.size(key) < self._most // 2]:
            self._paused -= set(due)
            self._source.add({key: positions[key] for key in due})

    def edge(self, key: TopicPartition) -> int:
        """Return the position of the arrivals."""
        return self.arrivals.position(key)

    def _close_ended(self) -> list[TopicPartition]:
        ended = [key for key in self._merge.open_partitions() if not self.arrivals.is_reading(key)]
        for key in ended:
            self._merge.close(key)
        return ended


class Backward:
    """Reads each partition in windows, from its end to its start: for the newest first.

    Args:
        source: The source.
        plan: What is read.
        merge: Gets the messages of each window once it is complete.
        first: How many offsets the first windows have.
    """

    def __init__(self, source: Source, plan: Plan, merge: Merge, first: int) -> None:
        """Begin with the last window of each partition."""
        most = memory_for_each(len(plan))
        self._readers = {each.key: BackwardReader(each, first, most) for each in plan}
        self.arrivals = Progress(Plan(tuple(reader.begin() for reader in self._readers.values())))
        self._source = source
        self._merge = merge
        self._losses: dict[TopicPartition, list[Loss]] = {}
        self._close_done()

    def start(self) -> None:
        """Assign the first windows."""
        self._source.assign(self.arrivals.positions())

    def add(self, key: TopicPartition, messages: list[NativeMessage]) -> None:
        """Keep messages until their window is complete."""
        self._readers[key].add(messages)

    def settle(self, losses: cabc.Iterable[Loss]) -> list[Loss]:
        """Bring the messages of complete windows to the merge."""
        for loss in losses:
            # On the way back, a position has passed them when it is before them.
            passed = loss._replace(position=loss.position - loss.offsets)
            self._losses.setdefault(loss.partition, []).append(passed)
        known: list[Loss] = []
        complete = [key for key in self._merge.open_partitions() if self._is_complete(key)]
        if complete:
            self._source.drop(complete)  # else they would be fetched on, past the ends of the windows
        for key in complete:
            reader = self._readers[key]
            self._merge.add(key, reader.finish())
            # The highest first, as they will be passed. What lies before a cut is found again.
            lost = reversed(self._losses.pop(key, []))
            known += [each for each in lost if each.position >= reader.edge]
        self._close_done()
        return known

    def _is_complete(self, key: TopicPartition) -> bool:
        return self._readers[key].window is not None and not self.arrivals.is_reading(key)

    def refill(self) -> None:
        """Begin the next window of partitions of which less than half of the last one is left."""
        starts = {}
        for key in self._merge.open_partitions():
            reader = self._readers[key]
            if reader.window is None and self._merge.waiting(key) <= reader.last_count // 2:
                window = reader.begin()
                self.arrivals.restart(window)
                starts[key] = window.start
        if starts:
            self._source.add(starts)

    def edge(self, key: TopicPartition) -> int:
        """Return the start of the last complete window."""
        return self._readers[key].edge

    def _close_done(self) -> None:
        for key in self._merge.open_partitions():
            if self._readers[key].is_done:
                self._merge.close(key)
