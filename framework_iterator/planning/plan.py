"""A plan: what a run reads, as an immutable value. Pure."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import functools
import heapq
from typing import Any, Final, Protocol, TypeVar

from framework import Topic
from framework.table import Table, table
from framework.types import TopicPartition
from framework_iterator.checks import natural
from framework_iterator.errors import InvalidOptionError

_BALANCED: Final = 1.25
"""How far the largest part of a split may exceed the average before partitions are cut."""


@dataclasses.dataclass(frozen=True, slots=True)
class PlannedPartition:
    """One partition of a plan: from `start`, inclusive, to `stop`, exclusive.

    Args:
        topic: The topic's name.
        partition: The partition's number.
        low: The low watermark when the plan was made.
        high: The high watermark then; under `isolation.level=read_committed` the last stable offset.
        start: The first offset to read, between `low` and `high`.
        stop: The offset at which reading ends, or None when following.
        until: When following, the moment that ends the partition, in milliseconds since 1970, or None.
    """

    topic: str
    partition: int
    low: int
    high: int
    start: int
    stop: int | None
    until: int | None = None

    @property
    def key(self) -> TopicPartition:
        """Topic and partition."""
        return TopicPartition(self.topic, self.partition)

    @property
    def count(self) -> int:
        """How many offsets there are to read, up to `high` when following: at most so many messages."""
        return max(0, (self.high if self.stop is None else self.stop) - self.start)

    def __str__(self) -> str:
        """`flights-3 100..250`."""
        return f"{self.key} {self.start}..{'' if self.stop is None else self.stop}"


class _OfTopic(Protocol):
    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...


Of = TypeVar("Of", bound=_OfTopic)


def by_topic(partitions: cabc.Iterable[Of]) -> dict[str, dict[int, Of]]:
    """Return what there is of each partition, by topic and number: of a plan, a report, or mere keys."""
    found: dict[str, dict[int, Of]] = {}
    for each in partitions:
        found.setdefault(each.topic, {})[each.partition] = each
    return found


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a run reads: `plan["flights", 3]`, `for each in plan`, and a table as its text."""

    partitions: tuple[PlannedPartition, ...]

    @property
    def count(self) -> int:
        """How many offsets there are to read: as many messages, or fewer where Kafka removed some."""
        return sum(partition.count for partition in self.partitions)

    @property
    def topics(self) -> list[str]:
        """The names of the topics, in order."""
        return list(dict.fromkeys(each.topic for each in self.partitions))

    @property
    def follows(self) -> bool:
        """Whether a partition has no end."""
        return any(each.stop is None for each in self.partitions)

    def split(self, n: int) -> tuple[Plan, ...]:
        """Split the plan into at most `n` plans with about equal numbers of offsets.

        Together they read exactly this plan. Partitions stay whole where that is balanced: where the
        largest part has at most a quarter more offsets than the average. A plan that follows has no
        number of offsets, so splitting it is an InvalidOptionError.
        """
        wanted = natural(n)
        if not wanted:
            raise InvalidOptionError(f"split({n!r}) is invalid: expected an int >= 1.")
        if self.follows:
            raise InvalidOptionError("A plan that follows can't be split: its partitions have no end.")
        # No more of them than there are offsets: the others would be empty.
        most = min(wanted, max(1, self.count))
        parts = _whole(self.partitions, most)
        if max(part.count for part in parts) > _BALANCED * self.count / most:
            parts = _cut(self.partitions, most)
        return tuple(part for part in parts if part.partitions)

    def __getitem__(self, key: tuple[str | Topic[Any], int]) -> PlannedPartition:
        """Return the plan of one partition, by the topic's name or Topic; KeyError where it isn't read."""
        return self._by_key[str(getattr(key[0], "name", key[0])), key[1]]

    @functools.cached_property
    def _by_key(self) -> dict[tuple[str, int], PlannedPartition]:
        return {each.key: each for each in self.partitions}

    def __iter__(self) -> cabc.Iterator[PlannedPartition]:
        """Its partitions, in the order of topics and numbers."""
        return iter(self.partitions)

    def __len__(self) -> int:
        """How many partitions it has."""
        return len(self.partitions)

    def __str__(self) -> str:
        """A table with a line for each partition, and their sum."""
        return table(*self._table())

    def _repr_html_(self) -> str:
        """The same for a notebook."""
        from framework.html import table_html

        return table_html(*self._table())

    def _table(self) -> Table:
        rows = [
            (each.topic, each.partition, each.low, each.high, each.start, each.stop, each.count)
            for each in self.partitions
        ]
        head = ("topic", "partition", "low", "high", "start", "stop", "count")
        return head, rows, ("", "", "", "", "", "", self.count)


def _whole(partitions: cabc.Sequence[PlannedPartition], n: int) -> list[Plan]:
    """Distribute whole partitions: the largest ones first, each to the part that is smallest so far."""
    parts: list[tuple[int, int, list[PlannedPartition]]] = [(0, number, []) for number in range(n)]
    for each in sorted(partitions, key=lambda each: -each.count):
        count, number, part = parts[0]
        # Those without offsets come last; all of them go to the first part, which has some.
        if each.count:
            heapq.heapreplace(parts, (count + each.count, number, [*part, each]))
        else:
            min(parts, key=lambda part: part[1])[2].append(each)
    order = {each.key: index for index, each in enumerate(partitions)}
    return [
        Plan(tuple(sorted(part, key=lambda each: order[each.key])))
        for _, _, part in sorted(parts, key=lambda part: part[1])
    ]


def _cut(partitions: cabc.Sequence[PlannedPartition], n: int) -> list[Plan]:
    """Fill one part after the other with an equal share of offsets, cutting partitions between them."""
    total = sum(each.count for each in partitions)
    ends = [(number + 1) * total // n for number in range(n)]
    parts: list[list[PlannedPartition]] = [[] for _ in ends]
    part = done = 0
    for each in partitions:
        start, end = each.start, each.start + each.count
        while True:
            while part < n - 1 and done >= ends[part]:
                part += 1
            stop = min(end, start + ends[part] - done)
            is_whole = stop - start == each.count
            parts[part].append(each if is_whole else dataclasses.replace(each, start=start, stop=stop))
            done += stop - start
            start = stop
            if start == end:
                break
    return [Plan(tuple(part)) for part in parts]
