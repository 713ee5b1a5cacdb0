"""Give the messages of a run in an order: two of them, by time and newest first.

Two progresses work together. `arrivals` says how far the source has read: events are handled there, at once.
The progress of the run says how far the loop has come; between the two lie the messages that wait.
"""

from __future__ import annotations

import collections.abc as cabc
from typing import Protocol

from framework.retry import Deadline
from framework.types import NativeMessage, TopicPartition
from framework_iterator.ordering.merge import Merge
from framework_iterator.progress.delivery import Admitted, key_of
from framework_iterator.progress.partition import Loss
from framework_iterator.progress.progress import Progress
from framework_iterator.progress.slices import slices_of
from framework_iterator.reading.patience import Patience
from framework_iterator.reading.reader import Reader
from framework_iterator.reading.source import FETCH_SIZE


class Supply(Protocol):
    """Decides what the source reads, and brings it to the merge."""

    arrivals: Progress

    def start(self) -> None:
        """Start to read."""

    def add(self, key: TopicPartition, messages: list[NativeMessage]) -> None:
        """Take messages that have arrived."""

    def settle(self, losses: cabc.Iterable[Loss]) -> list[Loss]:
        """Bring what is complete to the merge; return what is known to be lost."""
        ...

    def refill(self) -> None:
        """Have the source read what the merge waits for."""

    def edge(self, key: TopicPartition) -> int:
        """Return up to where a partition was read, with everything brought to the merge."""
        ...


class Ordered:
    """Gives the messages of a supply in the order of a merge.

    Args:
        progress: How far the loop has come.
        reader: Reads for the arrivals of the supply.
        patience: Learns how long the run has waited.
        merge: Puts the messages in order.
        supply: Brings them.
    """

    def __init__(
        self, progress: Progress, reader: Reader, patience: Patience, merge: Merge, supply: Supply
    ) -> None:
        """Nothing was fetched yet."""
        self._progress = progress
        self._reader = reader
        self._patience = patience
        self._merge = merge
        self._supply = supply
        self._arrivals = supply.arrivals

    @property
    def has_more(self) -> bool:
        """Whether another fetch may bring messages."""
        return not self._merge.is_drained or self._arrivals.is_running or bool(self._merge.open_partitions())

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to read."""
        return not self._progress.is_running

    def start(self) -> None:
        """Start to read."""
        self._supply.start()

    def fetch(self, max_wait: float, count: int) -> Admitted[NativeMessage]:
        """Return the next messages in order, after `max_wait` seconds at most."""
        self._drop_stopped()
        deadline = Deadline(max_wait)
        while not (messages := self._merge.take(count)):
            self._supply.refill()
            if not self._arrivals.is_running:
                break
            self._read(deadline.remaining)
            if deadline.has_passed:
                messages = self._merge.take(count)
                break
        return Admitted(messages)

    def admit(self, messages: list[NativeMessage]) -> Admitted[NativeMessage]:
        """Return the messages of partitions that are running."""
        return Admitted([each for each in messages if self._progress.is_reading(key_of(each))])

    def handle_events(self) -> None:
        """End partitions of which everything was given; events were handled when they arrived."""
        if not self._merge.is_drained:
            return
        for key in self._progress.positions():
            if self._merge.is_empty(key):
                self._progress.advance(key, self._supply.edge(key))
                if not self._progress.is_reading(key):
                    self._merge.forget(key)

    def _read(self, max_wait: float) -> None:
        """Bring to the supply what has arrived, and handle the events that came with it."""
        admitted = self._arrivals.admit(self._reader.fetch(max_wait, FETCH_SIZE))
        if messages := admitted.messages:
            self._patience.on_advance()
            for key, start, end in admitted.slices or slices_of(messages, None):
                self._supply.add(key, messages[start:end])
            self._arrivals.count(admitted)
        self._reader.handle_events()
        for loss in self._supply.settle(self._arrivals.take_losses()):
            self._progress.lose(loss)

    def _drop_stopped(self) -> None:
        for key in self._merge.partitions():
            if not self._progress.is_reading(key):
                self._arrivals.stop(key)
                self._merge.drop(key)
