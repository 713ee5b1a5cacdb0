"""How large the messages of topics are, per partition and in all."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

from framework import Topic
from framework.table import table
from framework.types import TopicPartition
from framework_iterator.sizes.distribution import Distribution

if TYPE_CHECKING:
    from framework_iterator.iterator import Iterator

COLUMNS = ("topic", "partition", "count", "average", "median", "p95", "p99", "maximum")


@dataclasses.dataclass(frozen=True)
class Sizes:
    """What was measured: `sizes["flights", 3]`, `sizes.total`, a table as its text.

    A size is that of key, payload, and header names and values, in bytes, before compression.
    """

    partitions: dict[TopicPartition, Distribution]

    @functools.cached_property
    def total(self) -> Distribution:
        """All partitions together."""
        total = Distribution()
        for each in self.partitions.values():
            total.merge(each)
        return total

    def __getitem__(self, key: tuple[str | Topic[Any], int]) -> Distribution:
        """Return the sizes of one partition, by the topic's name or Topic; KeyError where it isn't read."""
        return self.partitions[TopicPartition(str(getattr(key[0], "name", key[0])), key[1])]

    def rows(self) -> list[dict[str, Any]]:
        """A row per partition and one for all of them, whose partition is None.

        Keys: topic, partition, count, average, median, p95, p99, maximum; sizes are None where there
        are no messages. The last row's topic is None when there are several.
        """
        topics = {topic for topic, _ in self.partitions}
        rows = [_row(*key, each) for key, each in self.partitions.items()]
        return [*rows, _row(topics.pop() if len(topics) == 1 else None, None, self.total)]

    def __str__(self) -> str:
        """A table, a line per partition, and one for all."""
        *rows, total = ([_rounded(value) for value in row.values()] for row in self.rows())
        return table(COLUMNS, rows, ["", "", *total[2:]])


def measure(iterator: Iterator[Any]) -> Sizes:
    """Read all that the iterator gives, and weigh it; nothing is deserialized.

    It takes memory for a few thousand counters per partition, however many messages there are.

        print(measure(Iterator("flights")))
    """
    found: dict[TopicPartition, Distribution] = {}
    for message in iterator:
        partition = TopicPartition(message.topic, message.partition)
        if partition not in found:
            found[partition] = Distribution()
        found[partition].add(message.size)
    report = iterator.report
    planned = () if report is None else report.partitions
    # Partitions without messages have their row as well.
    keys = [each.key for each in planned]
    return Sizes({key: found.get(key) or Distribution() for key in keys})


def _row(topic: str | None, partition: int | None, sizes: Distribution) -> dict[str, Any]:
    quantiles = map(sizes.quantile, (0.5, 0.95, 0.99))
    values = (topic, partition, sizes.count, sizes.average, *quantiles, sizes.maximum)
    return dict(zip(COLUMNS, values, strict=True))


def _rounded(value: object) -> object:
    return round(value) if isinstance(value, float) else value
