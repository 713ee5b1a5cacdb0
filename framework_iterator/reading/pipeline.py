"""Fetch, admit, run the stages: what leads from the source to a delivery."""

from __future__ import annotations

import collections.abc as cabc
from typing import Final

from framework.retry import Deadline
from framework_iterator.batch import Batch, ByTopic
from framework_iterator.control import Control
from framework_iterator.planning.growth import Growth
from framework_iterator.progress.delivery import Delivery
from framework_iterator.progress.progress import Progress
from framework_iterator.reading.patience import Patience
from framework_iterator.reading.reader import Reader
from framework_iterator.reading.source import FETCH_SIZE, Source
from framework_iterator.reading.stages import SkipUnreadable, Stage, run_stages

_MOST_ADMITTED: Final = 10_000
"""Messages that are fetched for one delivery at most, where stages remove nearly all of them."""


class Pipeline:
    """Makes deliveries of what a source fetches, and has events answered between them.

    Args:
        source: Assigned, or about to be.
        progress: Admits what lies below the ends of running partitions.
        patience: Learns how long the run has waited.
        stages: What the messages have to pass.
        deserializers: Of each topic.
        max_wait: Seconds that a fetch waits for a message, and a delivery for more once it has one.
        growth: The topics whose new partitions are read.
    """

    def __init__(
        self,
        source: Source,
        progress: Progress,
        patience: Patience,
        *,
        stages: cabc.Sequence[Stage],
        deserializers: ByTopic,
        max_wait: float,
        growth: Growth,
    ) -> None:
        """Nothing was fetched yet."""
        self.patience = patience
        self.deserializers = deserializers
        self._progress = progress
        self._reader = Reader(source, progress, patience, growth)
        self._stages = stages
        self._max_wait = max_wait

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to read."""
        return self._reader.is_finished

    @property
    def first_unreadable(self) -> str | None:
        """Why the first message was skipped that can't be read; None where none was."""
        return next((each.first for each in self._stages if isinstance(each, SkipUnreadable)), None)

    def handle_events(self) -> None:
        """Handle events, and end partitions whose end was reached: everything fetched has been given."""
        self._reader.handle_events()

    def gather(self, least: int, most: int, control: Control) -> Delivery:
        """Return what has arrived; empty where nothing has after `max_wait` seconds.

        Args:
            least: It fetches until there are so many messages, `max_wait` seconds after the first, or
                until an event has to be answered first.
            most: How many messages there are at most.
            control: Says whether the run was stopped meanwhile.
        """
        gathered = self._fetch(self._max_wait, most)
        deadline = Deadline(self._max_wait)
        while 0 < len(gathered) < least and self._reader.has_more and not control.stop_requested:
            if deadline.has_passed or len(gathered.admitted.messages) >= _MOST_ADMITTED:
                break
            gathered += self._fetch(deadline.remaining, most - len(gathered))
        return gathered

    def _fetch(self, max_wait: float, count: int) -> Delivery:
        admitted = self._progress.admit(self._reader.fetch(max_wait, min(count, FETCH_SIZE)))
        if admitted.messages:
            self.patience.on_advance()
        if not self._stages:
            return Delivery(admitted)
        batch, admitted.fates = run_stages(self._stages, Batch(admitted.messages, self.deserializers))
        admitted.free_removed()
        return Delivery(admitted, batch)
