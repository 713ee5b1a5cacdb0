"""What a run has read, per partition, and why it ended: an immutable value."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import enum
import functools
from typing import Any, Final

from framework import Topic
from framework.table import Table, table
from framework.types import TopicPartition


class Ended(enum.StrEnum):
    """Why a run, or the reading of a partition, ended."""

    END = "end"
    """The planned end was reached."""
    STOPPED = "stopped"
    """`stop()` was called, or the partition was stopped."""
    LIMIT = "limit"
    """The run's `limit` was reached."""
    CLOSED = "closed"
    """The loop was left: break, an exception in its body or of a signal handler, `close()`, Ctrl-C."""
    ERROR = "error"
    """The run itself failed; see `Report.error`."""


@dataclasses.dataclass(frozen=True, slots=True)
class PartitionReport:
    """What was read of one partition.

    At any time `messages + filtered + unreadable + lost + gaps == position - start`.

    Args:
        topic: The topic's name.
        partition: The partition's number.
        start: The first planned offset. Where a followed log is truncated or recreated, the position goes
            back to its end, and `start` by as much. With `order="newest"`, the lowest offset that was read.
        stop: The offset before which reading ends; None where a followed partition has no end.
        position: The next offset to be given; with `order="newest"`, where newer messages begin.
        messages: How many messages were given.
        lost: How many planned offsets Kafka removed before they could be read.
        ended: Why reading ended; None while the partition is running.
        filtered: How many messages were read and taken out by `where`, `key` or `containing`.
        unreadable: How many were skipped because their payload can't be read; 0 unless `errors="skip"`.
    """

    topic: str
    partition: int
    start: int
    stop: int | None
    position: int
    messages: int
    lost: int
    ended: Ended | None
    filtered: int = 0
    unreadable: int = 0

    @property
    def key(self) -> TopicPartition:
        """Topic and partition."""
        return TopicPartition(self.topic, self.partition)

    @property
    def gaps(self) -> int:
        """How many offsets held no message: compacted away, aborted, or transaction markers."""
        read = self.messages + self.filtered + self.unreadable + self.lost
        return self.position - self.start - read


COUNTS: Final = ("messages", "filtered", "unreadable", "lost", "gaps")
"""The columns that can be summed; the table leaves out some of them where they are zero."""
_WHERE_NOT_ZERO: Final = frozenset({"filtered", "unreadable", "gaps"})


@dataclasses.dataclass(frozen=True)
class Report:
    """What a run has read: `report.messages`, `report["flights", 3]`, and a table as its text.

    Args:
        partitions: The report of each partition, in the order of topics and numbers.
        ended: Why the run ended; None while it is running.
        error: What ended a run whose `ended` is "error", not an exception in the loop's body. A commit that
            failed at the end of a run is here as well, whatever ended the run.
    """

    partitions: tuple[PartitionReport, ...]
    ended: Ended | None = None
    error: BaseException | None = None

    @property
    def messages(self) -> int:
        """How many messages were given."""
        return self._sum("messages")

    @property
    def filtered(self) -> int:
        """How many messages were read and taken out by a filter."""
        return self._sum("filtered")

    @property
    def unreadable(self) -> int:
        """How many messages were skipped because their payload can't be read."""
        return self._sum("unreadable")

    @property
    def lost(self) -> int:
        """How many planned offsets Kafka removed before they could be read."""
        return self._sum("lost")

    @property
    def gaps(self) -> int:
        """How many offsets held no message."""
        return self._sum("gaps")

    @property
    def positions(self) -> dict[str, dict[int, int]]:
        """The next offset of each partition, `{topic: {partition: offset}}`: for `Iterator(resume=...)`.

        The message, or whole batch, that the loop is at counts as read: save this after processing it. JSON
        makes the partition numbers text; `resume` takes both.
        """
        positions: dict[str, dict[int, int]] = {}
        for each in self.partitions:
            positions.setdefault(each.topic, {})[each.partition] = each.position
        return positions

    def _sum(self, column: str) -> int:
        return sum(getattr(each, column) for each in self.partitions)

    def __getitem__(self, key: tuple[str | Topic[Any], int]) -> PartitionReport:
        """Return the report of one partition, by the topic's name or Topic; KeyError where it isn't read."""
        return self._by_key[str(getattr(key[0], "name", key[0])), key[1]]

    @functools.cached_property
    def _by_key(self) -> dict[tuple[str, int], PartitionReport]:
        return {each.key: each for each in self.partitions}

    def __iter__(self) -> cabc.Iterator[PartitionReport]:
        """The reports of its partitions, in the order of topics and numbers."""
        return iter(self.partitions)

    def __len__(self) -> int:
        """How many partitions it has."""
        return len(self.partitions)

    def __str__(self) -> str:
        """A table with a line for each partition, their sum, and a sentence on gaps if there are any."""
        text = table(*self._table())
        return f"{text}\n{no_message_in(self.gaps)}" if self.gaps else text

    def _repr_html_(self) -> str:
        """The same for a notebook."""
        from framework.html import table_html

        return table_html(*self._table(), note=no_message_in(self.gaps) if self.gaps else "")

    def _table(self) -> Table:
        counts = [name for name in COUNTS if name not in _WHERE_NOT_ZERO or self._sum(name)]
        head = ("topic", "partition", "start", "stop", "position", *counts, "ended")
        rows = [(*(getattr(each, name) for name in head[:-1]), each.ended or "running") for each in self]
        return head, rows, ("", "", "", "", "", *map(self._sum, counts), self.ended or "running")


def no_message_in(offsets: int, read_committed: bool = True) -> str:
    """Return the sentence on offsets that held no message; aborted ones are read with read_uncommitted."""
    held = "1 offset" if offsets == 1 else f"{offsets:,} offsets"
    others = "aborted or compacted messages" if read_committed else "compacted messages"
    return f"{held} held no message (transaction markers, {others})."
