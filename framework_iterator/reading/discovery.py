"""Discover the partitions that followed topics get while a run reads them."""

from __future__ import annotations

import collections.abc as cabc
import logging
import time
from typing import Final

from framework import BrokerError
from framework.retry import Clock
from framework.types import TopicPartition
from framework_iterator.planning.growth import Growth, plan_new
from framework_iterator.planning.probes import Lookup
from framework_iterator.progress.progress import Progress
from framework_iterator.reading.source import Source
from framework_iterator.report import Ended, Report

logger = logging.getLogger(__name__)

DISCOVER_EVERY: Final = 5.0
"""Seconds from one look-up to the next, at least."""
YOUNG_FOR: Final = 10.0
"""Seconds during which some brokers may not know a partition that others have reported."""


class Discovery:
    """Looks up the partitions of topics every five seconds, also while messages arrive, and reads new ones.

    Once the last partition has ended, it looks a last time: a partition that was added just before may have
    messages before the end of the run.

    Args:
        source: Assigned, or about to be.
        progress: Gets the new partitions.
        growth: The topics, and where their new partitions end. Nothing is looked up where it is empty, or
            where the run has nothing to read from the start.
        clock: A monotonic clock in seconds. A test passes its own.
    """

    def __init__(
        self, source: Source, progress: Progress, growth: Growth, clock: Clock = time.monotonic
    ) -> None:
        """Nothing is looked up yet."""
        self._source = source
        self._probes = source.probes
        self._progress = progress
        self._growth = growth if progress.is_running else {}
        self._clock = clock
        self._due_at = clock() + DISCOVER_EVERY
        self._lookup: Lookup | None = None
        self._is_last = False  # the look-up began after the last partition had ended
        self._has_looked_last = False
        self._has_failed = False
        self._found_at: dict[TopicPartition, float] = {}

    @property
    def may_find_more(self) -> bool:
        """Whether a run with nothing left to read has to wait for the last look-up."""
        return bool(self._growth) and not self._has_looked_last and bool(self._topics())

    def is_young(self, key: TopicPartition) -> bool:
        """Whether a partition was found so recently that a broker may not know it yet."""
        found_at = self._found_at.get(key)
        return found_at is not None and self._clock() - found_at < YOUNG_FOR

    def handle(self) -> None:
        """Read what was found, and look again when it is time."""
        if not self._growth:
            return
        if self._lookup is not None and self._lookup.found is not None:
            lookup, self._lookup = self._lookup, None
            self._read_new(lookup.found or {})
            self._has_looked_last = self._is_last and not self._progress.is_running
            self._warn(lookup.error)
        if self._lookup is None and self._is_due():
            if topics := self._topics():
                self._is_last = not self._progress.is_running
                self._lookup = self._probes.find_partitions(topics)
            self._due_at = self._clock() + DISCOVER_EVERY

    def _warn(self, error: BrokerError | None) -> None:
        """Log that nothing was looked up: the first time in a row, and the last time of the run."""
        if error is not None and self._has_looked_last:
            logger.warning("%s New partitions may not have been read.", error)
        elif error is not None and not self._has_failed:
            logger.warning("%s The look-up of new partitions failed. Retrying.", error)
        self._has_failed = error is not None

    def _is_due(self) -> bool:
        if not self._progress.is_running:
            return not self._has_looked_last
        return self._clock() >= self._due_at

    def _topics(self) -> list[str]:
        # Whoever has stopped each partition of a topic wants nothing more of it.
        stopped = _stopped_topics(self._progress.report())
        return [topic for topic in self._growth if topic not in stopped]

    def _read_new(self, found: cabc.Mapping[str, cabc.Iterable[int]]) -> None:
        stopped = _stopped_topics(self._progress.report())  # it may have been stopped since it was looked up
        added = [
            key
            for topic, numbers in found.items()
            for key in (TopicPartition(topic, number) for number in sorted(numbers))
            if key not in self._progress and topic not in stopped
        ]
        if not added:
            return
        logger.info("New partitions: %s. Reading them from their first message.", ", ".join(map(str, added)))
        self._found_at |= dict.fromkeys(added, self._clock())
        self._progress.add([plan_new(key, self._growth[key.topic]) for key in added])
        positions = self._progress.positions()
        self._source.add({key: positions[key] for key in added if key in positions})


def _stopped_topics(report: Report) -> set[str]:
    """Return the topics of which every partition that had something to read was stopped."""
    reasons: dict[str, set[Ended | None]] = {}
    for each in report:
        if each.stop is None or each.start < each.stop:
            reasons.setdefault(each.topic, set()).add(each.ended)
    return {topic for topic, ended in reasons.items() if ended == {Ended.STOPPED}}
