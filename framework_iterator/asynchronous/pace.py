"""How often a loop over messages that have arrived lets the event loop run. Pure."""

from __future__ import annotations

import time
from typing import Final

from framework.retry import Clock

MOST: Final = 16
"""Messages between two looks at the clock, at most: a body of 1 ms per message delays others by no more."""
_LOOK_EVERY: Final = 0.001
_YIELD_EVERY: Final = 0.004


class Pace:
    """Looks at the clock once in a few messages, which costs 15 ns per message: at each it would cost 60.

    Args:
        clock: A monotonic clock in seconds. A test passes its own.
    """

    __slots__ = ("_clock", "_looked", "_yielded", "count")

    def __init__(self, clock: Clock = time.monotonic) -> None:
        """Look after the first message, since nobody knows how long the body of the loop takes."""
        self.count = 1
        """How many messages to give before `is_due` is asked."""
        self._clock = clock
        self._looked = self._yielded = clock()

    def restart(self) -> None:
        """The event loop has just run."""
        self._looked = self._yielded = self._clock()

    def is_due(self) -> bool:
        """Return whether others have waited for 4 ms; if so, let the event loop run, and `restart`."""
        now = self._clock()
        is_slow = now - self._looked > _LOOK_EVERY
        self.count = max(1, self.count // 2) if is_slow else min(MOST, self.count * 2)
        self._looked = now
        return now - self._yielded > _YIELD_EVERY
