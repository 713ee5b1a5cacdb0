"""Measure the sizes of messages, per partition and in total."""

from __future__ import annotations

import collections
import collections.abc as cabc
import dataclasses
import functools
from typing import Any, Final

from framework import Topic
from framework.table import Table, table
from framework.types import TopicPartition
from framework_iterator.iterator import Iterator
from framework_iterator.sizes.distribution import Distribution

STATISTICS: Final = ("count", "average", "median", "p95", "p99", "maximum")
COLUMNS: Final = ("topic", "partition", *STATISTICS)


@dataclasses.dataclass(frozen=True, slots=True)
class PartitionSizes:
    """The sizes of the messages of one partition, in bytes.

    All but `count` are None if the partition has no messages.

    Args:
        topic: The topic's name.
        partition: The partition's number.
        distribution: How often each size occurs.
    """

    topic: str
    partition: int
    distribution: Distribution

    @property
    def key(self) -> TopicPartition:
        """Topic and partition."""
        return TopicPartition(self.topic, self.partition)

    @property
    def count(self) -> int:
        """How many messages were measured."""
        return self.distribution.count

    @property
    def average(self) -> float | None:
        """The mean."""
        return self.distribution.average

    @property
    def median(self) -> int | None:
        """The smallest size that half of the messages do not exceed."""
        return self.distribution.median

    @property
    def p95(self) -> int | None:
        """The 95th percentile."""
        return self.distribution.p95

    @property
    def p99(self) -> int | None:
        """The 99th percentile."""
        return self.distribution.p99

    @property
    def maximum(self) -> int | None:
        """The largest size."""
        return self.distribution.maximum

    def quantile(self, share: float) -> int | None:
        """Return the smallest size that this share of the messages, from 0 to 1, does not exceed."""
        return self.distribution.quantile(share)


@dataclasses.dataclass(frozen=True)
class Sizes:
    """The sizes of messages: `sizes["flights", 3]`, `for each in sizes`, and a table as its text.

    A size is that of key, payload, and header names and values, in bytes, before compression.

    Args:
        partitions: The sizes of each partition, in the order of the plan; also of those without messages.
    """

    partitions: tuple[PartitionSizes, ...]

    @functools.cached_property
    def total(self) -> Distribution:
        """All partitions together."""
        total = Distribution()
        for each in self:
            total.merge(each.distribution)
        return total

    def rows(self) -> list[dict[str, Any]]:
        """Return a row per partition, and one for all, whose partition is None.

        The keys are topic, partition, count, average, median, p95, p99 and maximum; those from average to
        maximum are None without messages. The topic of the last row is None if there are several.
        """
        topics = {each.topic for each in self}
        topic = topics.pop() if len(topics) == 1 else None
        rows = [_row(each.topic, each.partition, each.distribution) for each in self]
        return [*rows, _row(topic, None, self.total)]

    def __getitem__(self, key: tuple[str | Topic[Any], int]) -> PartitionSizes:
        """Return the sizes of one partition, by the topic's name or Topic; KeyError where it isn't read."""
        return self._by_key[str(getattr(key[0], "name", key[0])), key[1]]

    @functools.cached_property
    def _by_key(self) -> dict[tuple[str, int], PartitionSizes]:
        return {each.key: each for each in self.partitions}

    def __iter__(self) -> cabc.Iterator[PartitionSizes]:
        """The sizes of its partitions, in the order of the plan."""
        return iter(self.partitions)

    def __len__(self) -> int:
        """How many partitions it has."""
        return len(self.partitions)

    def __str__(self) -> str:
        """A table with a line for each partition, and one for all."""
        return table(*self._table())

    def _repr_html_(self) -> str:
        """The same for a notebook."""
        from framework.html import table_html

        return table_html(*self._table())

    def _table(self) -> Table:
        *rows, total = ([_rounded(value) for value in row.values()] for row in self.rows())
        return COLUMNS, rows, ["", "", *total[2:]]


def measure(iterator: Iterator[Any]) -> Sizes:
    """Read all messages of an Iterator and return their sizes; nothing is deserialized.

    Each partition needs memory for a few thousand counters at most, for any number of messages.

        print(measure(Iterator("flights")))
    """
    found: cabc.MutableMapping[tuple[str, int], Distribution] = collections.defaultdict(Distribution)
    for message in iterator:
        found[message.topic, message.partition].add(message.size)
    planned = iterator.report or ()
    return Sizes(tuple(PartitionSizes(each.topic, each.partition, found[each.key]) for each in planned))


def _row(topic: str | None, partition: int | None, sizes: Distribution) -> dict[str, Any]:
    return {"topic": topic, "partition": partition} | {name: getattr(sizes, name) for name in STATISTICS}


def _rounded(value: object) -> object:
    return round(value) if isinstance(value, float) else value
