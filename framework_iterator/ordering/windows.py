"""Read partitions backwards: window after window, each from its first offset to its end. Pure."""

from __future__ import annotations

import dataclasses
from typing import Final

from framework.types import NativeMessage
from framework_iterator.ordering.merge import size_of
from framework_iterator.planning.plan import PlannedPartition

FIRST: Final = 16
"""Offsets of the first window, at least: about what a broker sends for one."""
_MOST: Final = 20_000
"""Offsets of a window, at most, after one that had messages."""


class BackwardReader:
    """The windows of one partition, from its end to its start. Each is twice as large as the one before.

    A window whose messages take more memory than it may keeps the last of them: the next window ends where
    they start.

    Args:
        planned: What is read of the partition.
        first: Offsets of the first window.
        most_bytes: How much memory the messages of a window may take, about.
    """

    def __init__(self, planned: PlannedPartition, first: int, most_bytes: int) -> None:
        """Nothing was read."""
        self._planned = planned
        self._most_bytes = most_bytes
        self._offsets = max(first, FIRST)
        self.edge = planned.start + planned.count
        """Everything from there on was read."""
        self.window: PlannedPartition | None = None
        self.last_count = 0
        """How many messages the last window had."""
        self._messages: list[NativeMessage] = []
        self._size = 0
        self._cut: int | None = None

    @property
    def is_done(self) -> bool:
        """Whether everything was read."""
        return self.edge <= self._planned.start

    def begin(self) -> PlannedPartition:
        """Return the next window, which is to be read from its start to its end."""
        start = max(self._planned.start, self.edge - self._offsets)
        self.window = dataclasses.replace(self._planned, start=start, stop=self.edge)
        return self.window

    def add(self, messages: list[NativeMessage]) -> None:
        """Add messages of the window, in the order of their offsets."""
        self._messages += messages
        self._size += size_of(messages)
        while self._size > self._most_bytes and len(self._messages) > 1:
            half = len(self._messages) // 2
            self._size -= size_of(self._messages[:half])
            del self._messages[:half]
            self._cut = self._messages[0].offset()

    def finish(self) -> list[NativeMessage]:
        """Return the messages of the window, the newest first; it was read to its end."""
        messages, size = self._messages[::-1], self._size
        start = self.edge if self.window is None else self.window.start
        self.edge = start if self._cut is None else self._cut
        self.last_count = len(messages)
        self._offsets = self._next_offsets(len(messages), size)
        self.window, self._cut = None, None
        self._messages, self._size = [], 0
        return messages

    def _next_offsets(self, count: int, size: int) -> int:
        if self._cut is not None:
            return max(1, count)
        if not count:
            return self._offsets * 2  # offsets without a message: soon past them, however many there are
        return max(1, min(self._offsets * 2, self._most_bytes * count // (2 * size), _MOST))
