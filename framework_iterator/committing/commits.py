"""Brings the reader's marks to the broker: in the background, at once, and at the end of a run."""

from __future__ import annotations

import time

from framework import CommitError
from framework.types import Partition
from framework_iterator.committing.committer import Committer
from framework_iterator.committing.marks import Marks


class Commits:
    """The marks of one run, and who commits them; nothing is sent where nothing was marked."""

    def __init__(self, committer: Committer) -> None:
        """Nothing is marked."""
        self._committer = committer
        self._marks = Marks()

    def mark(self, partition: Partition, offset: int, *, blocking: bool) -> None:
        """Have this offset committed: now, or with the next turn in the background."""
        self._marks.mark(partition, offset)
        if blocking:
            self.flush()
        else:
            self.turn()

    @property
    def are_pending(self) -> bool:
        """Whether the broker doesn't have all marks yet, as far as we know."""
        return bool(self._marks.unconfirmed())

    def turn(self) -> None:
        """Learn what came of commits in the background, and send what is due."""
        for confirmed, refused in self._committer.take():
            self._marks.confirm(confirmed)
            self._marks.refuse(refused)
        if due := self._marks.due(time.monotonic()):
            self._committer.send(due)

    def flush(self, within: float | None = None) -> None:
        """Return when the broker has all marks, or raise CommitError."""
        if unconfirmed := self._marks.unconfirmed():
            self._marks.sent(unconfirmed)
            try:
                self._committer.commit(unconfirmed, within)
            except CommitError:
                self._marks.refuse(unconfirmed)
                raise
            self._marks.confirm(unconfirmed)
