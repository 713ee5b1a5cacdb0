"""What the reader has marked, what of it was sent, and what the broker has confirmed. Pure.

An offset here is the committed one: that of the message to be read next, one past the marked one.
"""

from __future__ import annotations

import collections.abc as cabc

from framework.types import Partition

INTERVAL = 1.0
"""Seconds between commits in the background: what a process that is killed may have to read again."""


class Marks:
    """The marks of one run. The last mark of a partition wins, also when it goes back.

    Answers come late, and a mark may go back and forth meanwhile. So what counts is the last that was
    sent of a partition: the answer to an earlier commit says nothing about it, and where in doubt,
    what was marked is sent once more.
    """

    def __init__(self) -> None:
        """Nothing is marked."""
        self._marked: dict[Partition, int] = {}
        # The partitions whose mark was sent since it was made, and those of them that the broker has.
        self._sent: set[Partition] = set()
        self._confirmed: set[Partition] = set()
        self._sent_at = float("-inf")

    def mark(self, key: Partition, offset: int) -> None:
        """This is the offset to be committed for a partition; a mark made again is committed again."""
        self._marked[key] = offset
        self._sent.discard(key)
        self._confirmed.discard(key)

    def unconfirmed(self) -> dict[Partition, int]:
        """What has to be committed still, as far as we know."""
        # A copy, for the end of a process, which asks while a daemon thread may mark.
        marked = self._marked.copy().items()
        return {key: offset for key, offset in marked if key not in self._confirmed}

    def due(self, now: float) -> dict[Partition, int]:
        """What to send in the background now: what is new, when the interval since the last is over."""
        if now - self._sent_at < INTERVAL:
            return {}
        new = {key: offset for key, offset in self._marked.items() if key not in self._sent}
        if new:
            self._sent_at = now
            self.sent(new)
        return new

    def sent(self, keys: cabc.Iterable[Partition]) -> None:
        """The marks of these are on their way."""
        self._sent.update(keys)

    def confirm(self, offsets: cabc.Mapping[Partition, int]) -> None:
        """The broker took these: which counts for what is marked now, and was sent since."""
        self._confirmed.update(
            key for key, offset in offsets.items() if key in self._sent and self._marked[key] == offset
        )

    def refuse(self, keys: cabc.Iterable[Partition]) -> None:
        """The broker did not take these: they are sent again, at the next turn or at the end."""
        refused = set(keys)
        self._sent -= refused
        self._confirmed -= refused
