"""Deadlines, retries and polling."""

from __future__ import annotations

import collections.abc as cabc
import time
from typing import TypeVar

T = TypeVar("T")

Clock = cabc.Callable[[], float]
"""A monotonic clock in seconds, such as `time.monotonic`."""

PAUSE = 0.05
"""Seconds between two tries."""


class Deadline:
    """A point in time after which nothing is waited for any more.

        deadline = Deadline(10.0)
        while not deadline.has_passed:
            answer = ask(timeout=deadline.remaining)

    Args:
        seconds: How long from now; kept as `deadline.seconds`, for error messages.
        clock: Where the time comes from. A test passes its own.
    """

    __slots__ = ("_clock", "_end", "seconds")

    def __init__(self, seconds: float, clock: Clock = time.monotonic) -> None:
        """Start to count."""
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    @property
    def remaining(self) -> float:
        """Seconds that are left, never negative."""
        return max(0.0, self._end - self._clock())

    @property
    def has_passed(self) -> bool:
        """Whether the time is up."""
        return self._clock() >= self._end


def retry(
    call: cabc.Callable[[], T],
    deadline: Deadline,
    *,
    on: cabc.Callable[[Exception], bool],
    pause: cabc.Callable[[float], object] = time.sleep,
) -> T:
    """Return what `call` returns, and call it again while it fails with an error worth a retry.

    The last error is raised once the deadline has passed. `call` runs at least once.

    Args:
        call: What to do. It limits its own time, by `deadline.remaining`.
        deadline: When to give up.
        on: Whether an exception is worth a retry; any other is raised at once.
        pause: Waits the seconds it is given. A client's `poll` serves callbacks meanwhile.
    """
    while True:
        try:
            return call()
        except Exception as error:
            if not on(error):
                raise
            pause(PAUSE)
            # Asked again: the pause may have served a callback that says why a retry is of no use.
            if deadline.has_passed or not on(error):
                raise


def wait_until(
    condition: cabc.Callable[[], bool],
    deadline: Deadline,
    *,
    pause: cabc.Callable[[float], object] = time.sleep,
) -> bool:
    """Return True as soon as the condition holds, or False once the deadline has passed."""
    while not condition():
        if deadline.has_passed:
            return False
        pause(PAUSE)
    return True
