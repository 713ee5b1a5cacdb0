"""What a run has read, per partition, and why it ended: an immutable value."""

from __future__ import annotations

import dataclasses
import enum
import functools
from typing import Any

from framework import Topic
from framework.types import Partition
from framework.table import table


class Ended(enum.StrEnum):
    """Why a run, or the reading of a partition, is over."""

    END = "end"
    """The pinned end was reached."""
    STOPPED = "stopped"
    """Somebody called `stop()`, or stopped the partition."""
    LIMIT = "limit"
    """The run's `limit` was reached."""
    CLOSED = "closed"
    """The loop was left: break, an exception in its body, `close()`, Ctrl-C."""
    ERROR = "error"
    """The run itself failed; see `Report.error`."""


@dataclasses.dataclass(frozen=True, slots=True)
class PartitionReport:
    """One partition: planned from `start` to `stop`, read up to `position`, the next offset to be given.

    `lost` counts offsets that Kafka removed before they could be read. `ended` is None while running.
    """

    topic: str
    partition: int
    start: int
    stop: int | None
    position: int
    messages: int
    lost: int
    ended: Ended | None


@dataclasses.dataclass(frozen=True)
class Report:
    """What a run has read so far, or in all: `report.messages`, `report["flights", 3]`, a table as its text.

    `ended` is None while running. `error` is what ended a run whose `ended` is "error"; a commit that
    failed at the end stands there as well, whatever ended the run.
    """

    partitions: tuple[PartitionReport, ...]
    ended: Ended | None = None
    error: BaseException | None = None

    @property
    def messages(self) -> int:
        """How many messages were handed out."""
        return sum(each.messages for each in self.partitions)

    @property
    def lost(self) -> int:
        """How many planned offsets Kafka removed before they could be read."""
        return sum(each.lost for each in self.partitions)

    def __getitem__(self, key: tuple[str | Topic[Any], int]) -> PartitionReport:
        """The report of one partition; the topic by name or declared. KeyError where it isn't read."""
        return self._by_key[str(getattr(key[0], "name", key[0])), key[1]]

    @functools.cached_property
    def _by_key(self) -> dict[Partition, PartitionReport]:
        return {(each.topic, each.partition): each for each in self.partitions}

    def __str__(self) -> str:
        """A table with a line for each partition, and their sum."""
        rows = [(*dataclasses.astuple(each)[:-1], each.ended or "running") for each in self.partitions]
        head = ("topic", "partition", "start", "stop", "position", "messages", "lost", "ended")
        return table(head, rows, ("", "", "", "", "", self.messages, self.lost, self.ended or "running"))
