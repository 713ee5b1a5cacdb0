"""Commit the marks of a run: in the background, at once, and at its end."""

from __future__ import annotations

import collections.abc as cabc
import time
from typing import Any

from framework import CommitError, Message
from framework.retry import Clock
from framework.types import TopicPartition
from framework_iterator.committing.committer import Committer
from framework_iterator.committing.marks import Marks


class Commits:
    """The marks of one run, and the committer that sends them; without marks nothing is sent."""

    def __init__(self, committer: Committer, clock: Clock = time.monotonic) -> None:
        """Nothing is marked."""
        self._committer = committer
        self._clock = clock
        self._marks = Marks()

    def mark(self, offsets: cabc.Mapping[TopicPartition, int], *, blocking: bool) -> None:
        """Have these offsets committed: at once when blocking, else in the background."""
        for partition, offset in offsets.items():
            self._marks.mark(partition, offset)
        if blocking:
            self.flush()
        else:
            self.poll()

    @property
    def are_pending(self) -> bool:
        """Whether the broker may not have all marks yet."""
        return bool(self._marks.unconfirmed())

    def poll(self) -> None:
        """Take the results of commits in the background, and send what is due."""
        for confirmed, refused in self._committer.take_results():
            self._marks.confirm(confirmed)
            self._marks.refuse(refused)
        if due := self._marks.due(self._clock()):
            self._committer.send(due)

    def flush(self, timeout: float | None = None) -> None:
        """Return when the broker has committed all marks, or raise CommitError; CallbackError if it has."""
        if unconfirmed := self._marks.unconfirmed():
            self._marks.sent(unconfirmed)
            try:
                self._committer.commit(unconfirmed, timeout)
            except CommitError:
                self._marks.refuse(unconfirmed)
                raise
            self._marks.confirm(unconfirmed)
        self._committer.raise_failure()


def next_offsets(messages: cabc.Iterable[Message[Any]]) -> dict[TopicPartition, int]:
    """Return the offset after the highest message of each partition: what to commit for all of them."""
    offsets: dict[TopicPartition, int] = {}
    for each in messages:
        key = TopicPartition(each.topic, each.partition)
        offsets[key] = max(offsets.get(key, 0), each.offset + 1)
    return offsets
