"""A clock for tests of what depends on time."""

from __future__ import annotations


class Clock:
    """A clock that stands still unless a test moves it, or `sleep` does."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
