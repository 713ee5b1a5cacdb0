"""Fetch, admit, run the stages: what leads from the source to a delivery."""

from __future__ import annotations

from typing import Any, Final, Generic

from typing_extensions import TypeVar  # the one with defaults

from framework.retry import Deadline
from framework_iterator.batch import Batch
from framework_iterator.control import Control
from framework_iterator.progress import Progress
from framework_iterator.reading.delivery import Delivery
from framework_iterator.reading.patience import Patience
from framework_iterator.reading.reader import Reader
from framework_iterator.reading.source import FETCH_SIZE, Source
from framework_iterator.reading.stages import run_stages
from framework_iterator.recipe import Recipe

P = TypeVar("P")
K = TypeVar("K", default=Any)

_MOST_ADMITTED: Final = 10_000
"""Messages that are fetched for one delivery at most, where stages remove nearly all of them."""
_LEAST_WAIT: Final = 0.001


class Pipeline(Generic[P, K]):
    """Makes deliveries of what a source fetches, and has events answered between them.

    Args:
        source: Assigned, or about to be.
        progress: Admits what lies below the ends of running partitions.
        recipe: Says which stages messages have to pass, and how long to wait for them.

    Attributes:
        patience: How long the run has waited.
        deserializers: Of each topic.
    """

    def __init__(self, source: Source, progress: Progress, recipe: Recipe) -> None:
        """Nothing was fetched yet."""
        self.patience = Patience(recipe.stall_timeout, progress.positions)
        self.deserializers = recipe.deserializers()
        self._progress = progress
        self._reader = Reader(source, progress, self.patience)
        self._stages = recipe.stages()
        self._max_wait = recipe.max_wait

    def answer(self) -> None:
        """Answer events, and end partitions whose end was reached: everything fetched has been given."""
        self._reader.answer()

    def gather(self, least: int, most: int, control: Control) -> Delivery[P, K]:
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
            gathered += self._fetch(max(_LEAST_WAIT, deadline.remaining), most - len(gathered))
        return gathered

    def _fetch(self, max_wait: float, count: int) -> Delivery[P, K]:
        admitted = self._progress.admit(self._reader.fetch(max_wait, min(count, FETCH_SIZE)))
        if admitted.messages:
            self.patience.on_advance()
        if not self._stages:
            return Delivery(admitted)
        batch, admitted.fates = run_stages(self._stages, Batch(admitted.messages, self.deserializers))
        return Delivery(admitted, batch)
