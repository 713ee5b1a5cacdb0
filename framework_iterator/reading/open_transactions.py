"""Find the offsets that lie behind a last stable offset, because a transaction is open."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import math
import time
from typing import Final

from framework import BrokerError
from framework.retry import Clock, Deadline
from framework.types import TopicPartition
from framework_iterator import notes
from framework_iterator.reading.source import Source

_FETCH_TIMEOUT: Final = 0.5
"""Seconds that a run which gave nothing waits for one more fetch; 0.01 are usual."""
_LONG: Final = 60.0
"""Seconds after which a transaction may hang: by default, producers have so long for one."""


def offsets_behind(
    source: Source, ends: cabc.Mapping[TopicPartition, int], *, fetch: bool
) -> dict[TopicPartition, tuple[int, int]]:
    """Return the last stable offset of partitions where a transaction is open, and how many lie behind it.

    The high watermarks come with every fetch, so there is one request, and only where one lies beyond the
    end of a run. It comes after them, and so tells an open transaction from messages that were written
    since: those are stable by then. A broker that fails meanwhile takes nothing away but the note.

    Args:
        source: Has read these partitions.
        ends: Where they ended, the last stable offset as it was.
        fetch: Whether to fetch of the partitions that had nothing to read.
    """
    with contextlib.suppress(BrokerError):
        return _offsets_behind(source, ends, fetch=fetch)
    return {}


def _offsets_behind(
    source: Source, ends: cabc.Mapping[TopicPartition, int], *, fetch: bool
) -> dict[TopicPartition, tuple[int, int]]:
    highs = source.high_watermarks(ends)
    if fetch and (unknown := {key: end for key, end in ends.items() if key not in highs}):
        highs |= _fetched(source, unknown)
    beyond = [key for key, high in highs.items() if high > ends[key]]
    if not beyond:
        return {}
    stable = source.queries.high_watermarks(beyond)
    return {key: (ends[key], highs[key] - ends[key]) for key in beyond if stable[key] == ends[key]}


def _fetched(source: Source, ends: cabc.Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
    deadline = Deadline(_FETCH_TIMEOUT)
    source.assign(ends)
    while len(found := source.high_watermarks(ends)) < len(ends) and not deadline.has_passed:
        source.fetch(deadline.remaining)
    return found


class Watch:
    """Logs that a followed partition has waited for a minute behind an open transaction, once per position.

    It makes no request: the partition's end was reported where the run waits, and the high watermark lies
    beyond. So a broker that is away isn't taken for an open transaction.
    """

    def __init__(self, source: Source, clock: Clock = time.monotonic) -> None:
        """No partition waits yet."""
        self._source = source
        self._clock = clock
        self._since: dict[tuple[TopicPartition, int], float] = {}

    def check(self, ends: cabc.Mapping[TopicPartition, int]) -> None:
        """Log what has waited for long enough; called every few seconds.

        Args:
            ends: The partitions that wait at their end, and where.
        """
        now, highs = self._clock(), self._source.high_watermarks(ends)
        waiting = [(key, end) for key, end in ends.items() if highs.get(key, end) > end]
        # Infinite once it was logged.
        self._since = {each: self._since.get(each, now) for each in waiting}
        due = [each for each in waiting if now - self._since[each] >= _LONG]
        self._since |= dict.fromkeys(due, math.inf)
        for sentence in notes.open_transactions({key: (end, highs[key] - end) for key, end in due}):
            notes.logger.warning("%s", sentence)
