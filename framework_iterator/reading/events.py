"""Handle what happens to partitions besides messages: ends, removed offsets, corrupt fetches, deletion."""

from __future__ import annotations

import collections.abc as cabc
import logging
import time
from typing import Final, NamedTuple

from framework.types import TopicPartition
from framework_iterator.planning.subscription import partition_not_found
from framework_iterator.progress.progress import Progress
from framework_iterator.reading.recreations import Recreations
from framework_iterator.reading.source import Event, Kind, Source

logger = logging.getLogger(__name__)

PAUSE: Final = 0.05
"""Seconds before the same offset is fetched again; without it, a corrupt log is fetched in a busy loop."""


class Sorted(NamedTuple):
    """Events by what they ask for."""

    ends: list[tuple[TopicPartition, int]]
    corrupt: set[TopicPartition]
    out_of_range: list[TopicPartition]
    unknown: list[TopicPartition]


def sort_events(events: cabc.Iterable[Event]) -> Sorted:
    """Sort events by kind, each partition once per kind, and drop what a corrupt fetch pretends. Pure.

    After a corrupt fetch, librdkafka reports an end or a removed offset that is none: nothing before it was
    delivered.
    """
    ends: list[tuple[TopicPartition, int]] = []
    corrupt: set[TopicPartition] = set()
    out_of_range: dict[TopicPartition, None] = {}
    unknown: dict[TopicPartition, None] = {}
    for event in events:
        match event.kind:
            case Kind.END:
                ends.append((event.partition, event.offset))
            case Kind.CORRUPT:
                corrupt.add(event.partition)
            case Kind.OUT_OF_RANGE:
                out_of_range[event.partition] = None
            case Kind.UNKNOWN:
                unknown[event.partition] = None
    return Sorted(
        [(key, offset) for key, offset in ends if key not in corrupt],
        corrupt,
        [key for key in out_of_range if key not in corrupt],
        [key for key in unknown if key not in corrupt],
    )


class EventHandler:
    """Handles the events of one run; those that need the broker stay until it has answered.

    Args:
        source: Answers, and is moved.
        progress: Where each partition is.
        recreations: Knows which topics were recreated.
        is_young: Whether a partition is so new that a broker may not know it yet.
    """

    def __init__(
        self,
        source: Source,
        progress: Progress,
        recreations: Recreations,
        is_young: cabc.Callable[[TopicPartition], bool] = lambda _: False,
    ) -> None:
        """No event has arrived yet."""
        self._source = source
        self._queries = source.queries
        self._progress = progress
        self._recreations = recreations
        self._is_young = is_young
        self._events: list[Event] = []

    def add(self, events: cabc.Iterable[Event]) -> None:
        """Keep events for `handle`."""
        self._events += events

    def ends(self) -> list[tuple[TopicPartition, int]] | None:
        """Return the ends that have arrived, or None where another event has to be handled first."""
        if any(event.kind is not Kind.END for event in self._events):
            return None
        return [(event.partition, event.offset) for event in self._events]

    def handle(self) -> None:
        """Handle all events. A BrokerError keeps those that need another request."""
        if not self._events:
            return
        ends, corrupt, out_of_range, unknown = sort_events(self._events)
        for key, offset in ends:
            self._progress.at_end(key, offset)
            if self._progress.is_truncated(key, offset):
                out_of_range.append(key)
        positions = self._progress.positions()
        for key in corrupt & positions.keys():
            self._source.add({key: positions[key]})
        # Librdkafka reports these once, so each stays until it is answered; of a partition that has ended
        # or was stopped meanwhile, nothing needs to be known.
        self._events = [
            Event(kind, key, -1)
            for kind, keys in ((Kind.UNKNOWN, unknown), (Kind.OUT_OF_RANGE, dict.fromkeys(out_of_range)))
            for key in keys
            if key in positions
        ]
        self._ask_the_broker()
        if corrupt:
            time.sleep(PAUSE)

    def _ask_the_broker(self) -> None:
        # One request for a hundred partitions: each may wait behind a fetch that the broker delays.
        for topic in sorted({each.partition.topic for each in self._events if each.kind is Kind.UNKNOWN}):
            self._check_topic(topic)
        recreated = self._recreations.check({each.partition.topic for each in self._events})
        self._events = [
            each
            for each in self._events
            if each.kind is Kind.OUT_OF_RANGE and each.partition.topic not in recreated
        ]
        if keys := [event.partition for event in self._events]:
            self._skip_to_available(self._queries.watermarks(keys))
            self._events = []

    def _check_topic(self, topic: str) -> None:
        existing = self._queries.partitions([topic])[topic]
        for key in self._progress.positions():
            # A broker may not know a new partition yet. One that is really missing is found by a later probe.
            if key.topic == topic and key.partition not in existing and not self._is_young(key):
                raise partition_not_found(topic, key.partition, existing)

    def _skip_to_available(self, watermarks: cabc.Mapping[TopicPartition, tuple[int, int]]) -> None:
        """Continue after what Kafka has removed, and log it."""
        before = self._progress.report()
        resumed = {
            key: self._progress.skip_to_available(key, low, high) for key, (low, high) in watermarks.items()
        }
        after = self._progress.report()
        for key, position in resumed.items():
            was = before[key].position
            if position is not None:
                self._source.add({key: position})
                if position < was:
                    logger.warning(
                        "%s: log truncated or topic recreated: it ends before offset %d. "
                        "Continuing at its end, %d.", key, was, position,
                    )  # fmt: skip
            if lost := after[key].lost - before[key].lost:
                logger.warning(
                    "%s: %d offsets from %d on were removed before they could be read. Continuing.",
                    key, lost, was,
                )  # fmt: skip
        if any(position == before[key].position for key, position in resumed.items()):
            time.sleep(PAUSE)
