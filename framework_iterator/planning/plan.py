"""What a run will read, worked out before it reads: immutable, and pure."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import functools
from typing import Any

from framework import Topic
from framework.types import Partition
from framework_iterator.planning import starts
from framework_iterator.errors import InvalidStartError
from framework_iterator.planning.starts import OffsetFacts, Moment, Offset
from framework_iterator.planning.subscription import Span
from framework.table import table


@dataclasses.dataclass(frozen=True, slots=True)
class PlannedPartition:
    """One partition of a plan: `start` inclusive, `stop` exclusive, both between `low` and `high`.

    `low` and `high` are the watermarks as they were when the plan was made; under
    `isolation.level=read_committed` high is the last stable offset. `stop` is None when following;
    `until` is then the moment that ends it, if one was given, in milliseconds since 1970.
    """

    topic: str
    partition: int
    low: int
    high: int
    start: int
    stop: int | None
    until: int | None = None

    @property
    def count(self) -> int:
        """How many offsets lie ahead: at most so many messages, up to `high` when following."""
        return max(0, (self.high if self.stop is None else self.stop) - self.start)

    def __str__(self) -> str:
        """`flights-3 100..250`."""
        return f"{self.topic}-{self.partition} {self.start}..{'' if self.stop is None else self.stop}"


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a run will read: `.partitions`, `.count`, `plan["flights", 3]`, and a table as its text."""

    partitions: tuple[PlannedPartition, ...]

    @property
    def count(self) -> int:
        """How many offsets lie ahead: as many messages, or fewer where Kafka removed some among them."""
        return sum(partition.count for partition in self.partitions)

    def __getitem__(self, key: tuple[str | Topic[Any], int]) -> PlannedPartition:
        """The plan of one partition; the topic by name or declared. KeyError where it isn't read."""
        return self._by_key[str(getattr(key[0], "name", key[0])), key[1]]

    @functools.cached_property
    def _by_key(self) -> dict[Partition, PlannedPartition]:
        return {(each.topic, each.partition): each for each in self.partitions}

    def __iter__(self) -> cabc.Iterator[PlannedPartition]:
        """Its partitions, in the order of topics and numbers."""
        return iter(self.partitions)

    def __len__(self) -> int:
        """How many partitions it has."""
        return len(self.partitions)

    def __str__(self) -> str:
        """A table with a line for each partition, and their sum."""
        rows = [
            (each.topic, each.partition, each.low, each.high, each.start, each.stop, each.count)
            for each in self.partitions
        ]
        head = ("topic", "partition", "low", "high", "start", "stop", "count")
        return table(head, rows, ("", "", "", "", "", "", self.count))


def resolve(
    spans: cabc.Mapping[Partition, Span],
    facts: cabc.Mapping[Partition, OffsetFacts],
    until_offsets: cabc.Mapping[Partition, int | None],
    *,
    until_moments: cabc.Mapping[Partition, int | None] | None = None,
    follow: bool = False,
) -> Plan:
    """The plan for these spans, given what is known of each partition.

    `until_moments` are the ends given as moments, `until_offsets` the first offsets at or after them.
    """
    partitions = []
    for key, span in spans.items():
        known = facts[key]
        try:
            start = starts.offset(span.start, known)
        except InvalidStartError as error:
            raise InvalidStartError(f"{key[0]}-{key[1]}: {error}") from None
        stop = _stop(span, known, until_offsets.get(key), follow=follow)
        until = until_moments.get(key) if until_moments and stop is None else None
        partitions.append(PlannedPartition(*key, known.low, known.high, start, stop, until))
    return Plan(tuple(partitions))


def _stop(span: Span, known: OffsetFacts, at_moment: int | None, *, follow: bool) -> int | None:
    if span.until is None:
        return None if follow else known.high
    stop = starts.offset(span.until, known._replace(at_moment=at_moment))
    if not follow or stop < known.high:
        return stop
    # Past the end as it is now: following may still reach an offset, or a moment that lies ahead.
    match span.until:
        case Offset(absolute):
            return max(absolute, stop)
        case Moment():
            return None
    return stop
