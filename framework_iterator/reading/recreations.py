"""Notice that a followed topic was deleted and recreated, and read the new one from its first message."""

from __future__ import annotations

import collections.abc as cabc
import logging
import time
from typing import Final

from framework.retry import Clock
from framework_iterator.planning.topic_ids import IdLookup
from framework_iterator.progress.progress import Progress
from framework_iterator.reading.source import Source

logger = logging.getLogger(__name__)

CHECK_EVERY: Final = 5.0
"""Seconds from one look-up of the ids to the next, at least."""


class Recreations:
    """Compares the ids of topics with those that they had when the run began.

    Offsets alone don't tell a new topic from an old one: once it has grown beyond the position, its first
    messages would be skipped silently. What was read of it before its new id was noticed comes twice.

    Args:
        source: Answers, and is moved.
        progress: Where each partition is.
        is_watching: Whether to look at all: a finite run reads what was planned.
        clock: A monotonic clock in seconds. A test passes its own.
    """

    def __init__(
        self, source: Source, progress: Progress, *, is_watching: bool, clock: Clock = time.monotonic
    ) -> None:
        """Nothing is looked up yet."""
        self._source = source
        self._progress = progress
        self._is_watching = is_watching
        self._clock = clock
        self._due_at = clock()
        self._lookup: IdLookup | None = None
        self._known: dict[str, set[str]] = {}

    def handle(self) -> None:
        """Take what was found, and look again when it is time; no look-up is waited for."""
        if not self._is_watching:
            return
        if self._lookup is not None and self._lookup.found is not None:
            found, self._lookup = self._lookup.found, None
            self._compare(found)
        if self._lookup is None and self._clock() >= self._due_at:
            self._due_at = self._clock() + CHECK_EVERY
            if topics := {key.topic for key in self._progress.positions()}:
                self._lookup = self._source.topic_ids.find(topics)

    def check(self, topics: cabc.Iterable[str]) -> set[str]:
        """Ask now, because offsets that existed don't any more; return those that were recreated."""
        known = {topic for topic in topics if topic in self._known}
        return self._compare(self._source.topic_ids.ask(known)) if known else set()

    def _compare(self, found: cabc.Mapping[str, str]) -> set[str]:
        # For a moment another broker may still answer with the id before, which is no news.
        changed = {topic for topic, each in found.items() if each not in self._known.get(topic, {each})}
        for topic, each in found.items():
            self._known.setdefault(topic, set()).add(each)
        for topic in sorted(changed):
            logger.warning("%s: topic recreated. Reading the new topic from its first message.", topic)
        if keys := [key for key in self._progress.positions() if key.topic in changed]:
            for key in keys:
                self._progress.rewind(key)
            self._source.add(dict.fromkeys(keys, 0))
        return changed
