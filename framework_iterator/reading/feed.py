"""Where a pipeline gets admitted messages from: here, in the order in which they arrive."""

from __future__ import annotations

import collections.abc as cabc
from typing import Protocol

from framework.types import NativeMessage, TopicPartition
from framework_iterator.planning.growth import Growth
from framework_iterator.progress.delivery import Admitted
from framework_iterator.progress.progress import Progress
from framework_iterator.reading.patience import Patience
from framework_iterator.reading.reader import Reader
from framework_iterator.reading.source import Source


class Feed(Protocol):
    """Gives the messages of a run in some order."""

    @property
    def has_more(self) -> bool:
        """Whether another fetch may bring messages before `handle_events` is called."""
        ...

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to read."""
        ...

    def start(self) -> None:
        """Start to read."""

    def fetch(self, max_wait: float, count: int) -> Admitted[NativeMessage]:
        """Return up to `count` messages, after `max_wait` seconds at most."""
        ...

    def admit(self, messages: list[NativeMessage]) -> Admitted[NativeMessage]:
        """Return messages that were fetched before, without those of partitions that were stopped since."""
        ...

    def handle_events(self) -> None:
        """Handle events and act on the time that has passed; everything fetched has been given."""


class AsTheyArrive:
    """Gives messages as the source fetches them.

    Args:
        source: The source.
        progress: Admits what lies below the ends of running partitions.
        patience: Learns how long the run has waited.
        growth: The topics whose new partitions are read.
        at_end: Called once with the ends of partitions, where a run that follows has given what was there.
        follows: Whether the run has no end, so that its topics may be recreated meanwhile.
    """

    def __init__(
        self,
        source: Source,
        progress: Progress,
        patience: Patience,
        growth: Growth,
        at_end: cabc.Callable[[dict[TopicPartition, int]], object],
        *,
        follows: bool,
    ) -> None:
        """Nothing was fetched yet."""
        self._at_end = at_end if follows else None
        self._source = source
        self._progress = progress
        self._patience = patience
        self._reader = Reader(source, progress, patience, growth, follows=follows)

    @property
    def has_more(self) -> bool:
        """Whether another fetch may bring messages before the events that have arrived are handled."""
        return self._reader.has_more

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to read, and no partition may have been added in the last moment."""
        return self._reader.is_finished

    def start(self) -> None:
        """Assign the partitions, where they are."""
        self._source.assign(self._progress.positions())

    def fetch(self, max_wait: float, count: int) -> Admitted[NativeMessage]:
        """Return what has arrived, after `max_wait` seconds at most."""
        admitted = self.admit(self._reader.fetch(max_wait, count))
        if admitted.messages:
            self._patience.on_advance()
        return admitted

    def admit(self, messages: list[NativeMessage]) -> Admitted[NativeMessage]:
        """Return the messages below the ends of running partitions."""
        return self._progress.admit(messages)

    def handle_events(self) -> None:
        """Handle events, and end partitions whose end was reached."""
        self._reader.handle_events()
        if self._at_end is None:
            return
        ends = self._progress.waiting_at_end()
        if ends and len(ends) == len(self._progress.positions()):
            at_end, self._at_end = self._at_end, None
            at_end(ends)


class Nothing:
    """Gives nothing, and holds nothing: the feed of a run that is over."""

    has_more = False
    is_finished = True

    def start(self) -> None:
        """Do nothing."""

    def fetch(self, max_wait: float, count: int) -> Admitted[NativeMessage]:  # noqa: ARG002
        """Return nothing."""
        return Admitted([])

    def admit(self, messages: list[NativeMessage]) -> Admitted[NativeMessage]:  # noqa: ARG002
        """Return nothing."""
        return Admitted([])

    def handle_events(self) -> None:
        """Do nothing."""
