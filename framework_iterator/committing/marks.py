"""What the loop has marked, what of it was sent, and what the broker has confirmed. Pure.

An offset here is the one to commit: that of the next message to read, one past the marked one.
"""

from __future__ import annotations

import collections.abc as cabc

from framework.types import TopicPartition

INTERVAL = 1.0
"""Seconds between commits in the background: how much a process that is killed may read again."""


class Marks:
    """The marks of one run. The last mark of a partition wins, also when it goes back.

    Answers arrive late, and a mark may go back and forth meanwhile. So only the answer to the commit that
    was sent last counts for a partition; where that is not certain, the mark is sent once more.
    """

    def __init__(self) -> None:
        """Nothing is marked."""
        self._marked: dict[TopicPartition, int] = {}
        # The partitions whose mark was sent since it was made, and those of them that the broker has.
        self._sent: set[TopicPartition] = set()
        self._confirmed: set[TopicPartition] = set()
        self._sent_at = float("-inf")

    def mark(self, key: TopicPartition, offset: int) -> None:
        """Keep the offset to commit for a partition; the same mark again is committed again."""
        self._marked[key] = offset
        self._sent.discard(key)
        self._confirmed.discard(key)

    def unconfirmed(self) -> dict[TopicPartition, int]:
        """Return the marks that the broker may not have yet."""
        # A copy: at the end of a process this is called while a daemon thread may mark.
        marked = self._marked.copy().items()
        return {key: offset for key, offset in marked if key not in self._confirmed}

    def due(self, now: float) -> dict[TopicPartition, int]:
        """Return what to send in the background now: new marks, once the interval has passed."""
        if now - self._sent_at < INTERVAL:
            return {}
        new = {key: offset for key, offset in self._marked.items() if key not in self._sent}
        if new:
            self._sent_at = now
            self.sent(new)
        return new

    def sent(self, keys: cabc.Iterable[TopicPartition]) -> None:
        """Note that the marks of these partitions were sent."""
        self._sent.update(keys)

    def confirm(self, offsets: cabc.Mapping[TopicPartition, int]) -> None:
        """Note what the broker has committed; it counts where that is the current mark and was sent."""
        self._confirmed.update(
            key for key, offset in offsets.items() if key in self._sent and self._marked[key] == offset
        )

    def refuse(self, keys: cabc.Iterable[TopicPartition]) -> None:
        """Note what was not committed: it is sent again, with the next commit or at the end."""
        refused = set(keys)
        self._sent -= refused
        self._confirmed -= refused
