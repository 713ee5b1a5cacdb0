"""A clock for tests of what depends on time."""

from __future__ import annotations

import functools

import pytest

from framework.retry import Clock as AnyClock
from framework_iterator import recipe
from framework_iterator.reading.patience import Patience


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


def wait_by(clock: AnyClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have runs of the test count by this clock how long they wait for messages."""
    monkeypatch.setattr(recipe, "Patience", functools.partial(Patience, clock=clock))
