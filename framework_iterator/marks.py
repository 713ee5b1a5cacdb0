"""What the reader has marked, what of it was sent, and what the broker has confirmed. Pure.

An offset here is the committed one: that of the message to be read next, one past the marked one.
"""

from __future__ import annotations

import collections.abc as cabc

from framework.types import Partition

INTERVAL = 1.0
"""Seconds between commits in the background: what a process that is killed may have to read again."""


class Marks:
    """The marks of one run. The last mark of a partition wins, also when it goes back."""

    def __init__(self) -> None:
        """Nothing is marked."""
        self._marked: dict[Partition, int] = {}
        self._confirmed: dict[Partition, int] = {}
        self._sent: dict[Partition, int] = {}
        self._sent_at = float("-inf")

    def mark(self, key: Partition, offset: int) -> None:
        """This is the offset to be committed for a partition."""
        self._marked[key] = offset

    def unconfirmed(self) -> dict[Partition, int]:
        """What has to be committed still, as far as we know."""
        return {key: offset for key, offset in self._marked.items() if self._confirmed.get(key) != offset}

    def due(self, now: float) -> dict[Partition, int]:
        """What to send in the background now: what is new, when the interval since the last is over."""
        if now - self._sent_at < INTERVAL:
            return {}
        new = {key: offset for key, offset in self.unconfirmed().items() if self._sent.get(key) != offset}
        if new:
            self._sent_at = now
            self._sent |= new
        return new

    def confirm(self, offsets: cabc.Mapping[Partition, int]) -> None:
        """The broker has these."""
        self._confirmed |= offsets

    def refuse(self, keys: cabc.Iterable[Partition]) -> None:
        """The broker did not take these: they are sent again, at the next turn or at the end."""
        for key in keys:
            self._sent.pop(key, None)
