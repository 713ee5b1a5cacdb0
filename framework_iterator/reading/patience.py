"""When to probe, when a run has stalled, when a partition has been quiet for too long. Pure.

Only the time spent waiting for the broker counts; the time in the loop's body doesn't.
"""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import enum
import time
from typing import Final

from framework.retry import Clock
from framework.types import TopicPartition

PROBE_AFTER: Final = 2.0
"""Seconds without messages before the topics are probed; then twice as many, and so on."""
PROBE_AT_MOST: Final = 30.0
"""Seconds from one probe to the next, at most."""
QUIET_AFTER: Final = 15.0
"""Seconds after which partitions are probed that gave nothing while others were busy, at most."""
_LEAST_WAIT: Final = 0.001


Positions = cabc.Callable[[], cabc.Mapping[TopicPartition, int]]


class Verdict(enum.Enum):
    """What to do after a wait."""

    WAIT = enum.auto()
    """Fetch again."""
    PROBE = enum.auto()
    """Check whether the topics and partitions still exist."""
    STALLED = enum.auto()
    """End the run, unless librdkafka skips aborted messages meanwhile."""


class Patience:
    """How long a run has waited, and for what.

    Args:
        stall_timeout: Seconds of waiting after which a run has stalled; None for a run that follows.
        positions: Returns the next offset of each running partition, for `take_quiet` to compare with.
        clock: A monotonic clock in seconds. A test passes its own.
        quiet_after: Seconds after which `take_quiet` compares.
    """

    def __init__(
        self,
        stall_timeout: float | None,
        positions: Positions,
        clock: Clock = time.monotonic,
        quiet_after: float = QUIET_AFTER,
    ) -> None:
        """Nothing was waited for yet."""
        self._stall_timeout = stall_timeout
        self._clock = clock
        self._quiet_after = quiet_after
        # Seconds of waiting: since a message or an end arrived, and since the loop was given anything.
        self._idle = self._silent = 0.0
        self._probe_at = PROBE_AFTER
        self._compared_at = clock()
        self._compared = dict(positions())

    @property
    def stall_timeout(self) -> float | None:
        """Seconds after which a run has stalled, or None."""
        return self._stall_timeout

    @contextlib.contextmanager
    def waiting(self) -> cabc.Generator[None]:
        """Count the time of the block as waiting for the broker."""
        started = self._clock()
        try:
            yield
        finally:
            waited = self._clock() - started
            self._idle += waited
            self._silent += waited

    @contextlib.contextmanager
    def testing(self) -> cabc.Generator[None]:
        """Count the time of the block as silence, but not as waiting: stages test messages."""
        started = self._clock()
        try:
            yield
        finally:
            self._silent += self._clock() - started

    def next_wait(self, max_wait: float) -> float:
        """Return how long to wait for messages: not past the moment when silence is reported."""
        max_wait = max(_LEAST_WAIT, max_wait)
        return max(_LEAST_WAIT, max_wait - self._silent % max_wait)

    def on_advance(self) -> None:
        """Messages arrived, a partition ended, or a fetch advanced: the run is alive."""
        self._idle, self._probe_at = 0.0, PROBE_AFTER

    def on_given(self) -> None:
        """The loop was given something."""
        self._silent = 0.0

    def take_silence(self, seconds: float) -> bool:
        """Return whether the loop was given nothing for so long; if so, start to count again."""
        if self._silent < seconds:
            return False
        self._silent = 0.0
        return True

    def verdict(self) -> Verdict:
        """Return what to do now. A probe is returned once, and then only after the next interval."""
        if self._stall_timeout is not None and self._idle > self._stall_timeout:
            return Verdict.STALLED
        if self._idle > self._probe_at:
            self._probe_at = self._idle + min(self._idle, PROBE_AT_MOST)
            return Verdict.PROBE
        return Verdict.WAIT

    def take_quiet(self, positions: Positions) -> list[TopicPartition]:
        """Return the partitions that have not moved for `quiet_after` seconds; empty before that.

        Not by topic: one that was recreated with fewer partitions may be busy in those that it has.

        Args:
            positions: Returns the next offset of each running partition; called when the time has come.
        """
        if self._clock() - self._compared_at <= self._quiet_after:
            return []
        before, self._compared = self._compared, dict(positions())
        self._compared_at = self._clock()
        return [key for key, position in self._compared.items() if before.get(key) == position]
