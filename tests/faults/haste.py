"""A clock by which runs wait, so that a test decides when time passes for them, and nothing else does."""

from __future__ import annotations

import time

SPEED = 30
"""A minute without messages, after which runs stall, passes in two seconds."""


class Haste:
    """Goes as every clock does, but in a hurry from `begin` to `end`, and may be put forward."""

    def __init__(self) -> None:
        self._gained = 0.0
        self._began: float | None = None

    def __call__(self) -> float:
        now = time.monotonic()
        hurried = 0.0 if self._began is None else (now - self._began) * (SPEED - 1)
        return now + hurried + self._gained

    def begin(self) -> None:
        """Hurry: whatever is waited for from now on won't come."""
        self._began = time.monotonic()

    def end(self) -> None:
        """Go on as usual."""
        self._gained, self._began = self() - time.monotonic(), None

    def put_forward(self, seconds: float) -> None:
        """So much has passed at once."""
        self._gained += seconds
