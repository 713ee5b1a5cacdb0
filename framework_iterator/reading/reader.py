"""Fetch messages, handle events, and end a run that waits in vain: one source and one progress."""

from __future__ import annotations

import logging
import types
from typing import Final

from framework import (
    BrokerError,
    BrokerTimeoutError,
    BrokerUnavailableError,
    PartitionNotFoundError,
    timestamps,
)
from framework.kafka_errors import RETRIABLE
from framework.types import NativeMessage
from framework_iterator.planning.growth import Growth
from framework_iterator.progress.progress import Progress
from framework_iterator.reading.discovery import Discovery
from framework_iterator.reading.events import EventHandler
from framework_iterator.reading.open_transactions import Watch
from framework_iterator.reading.patience import Patience, Verdict
from framework_iterator.reading.recreations import Recreations
from framework_iterator.reading.source import Source

logger = logging.getLogger(__name__)

_NO_GROWTH: Final[Growth] = types.MappingProxyType({})


class Reader:
    """Brings a source and the progress of a run together: `fetch`, give, `handle_events`, and again.

    Events wait for `handle_events`, which is called when everything that was fetched before them has been
    given: a partition never ends before its last message was given.
    """

    def __init__(
        self,
        source: Source,
        progress: Progress,
        patience: Patience,
        growth: Growth = _NO_GROWTH,
        *,
        follows: bool = False,
    ) -> None:
        """Start with what was assigned."""
        self._source = source
        self._queries = source.queries
        self._probes = source.probes
        self._progress = progress
        self._patience = patience
        self._discovery = Discovery(source, progress, growth)
        self._recreations = Recreations(source, progress, is_watching=follows)
        self._events = EventHandler(source, progress, self._recreations, self._discovery.is_young)
        self._transactions = Watch(source)

    def fetch(self, max_wait: float, count: int) -> list[NativeMessage]:
        """Return up to `count` messages that have arrived, after `max_wait` seconds at most."""
        with self._patience.waiting():
            messages, events = self._source.fetch(self._patience.next_wait(max_wait), count)
        self._events.add(events)
        return messages

    @property
    def has_more(self) -> bool:
        """Whether another fetch may bring messages before the events that have arrived are handled."""
        ends = self._events.ends()
        return ends is not None and not self._progress.is_complete_with(ends)

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to read, and no partition may have been added in the last moment."""
        return not (self._progress.is_running or self._discovery.may_find_more)

    def handle_events(self) -> None:
        """Handle events and act on the time that has passed; everything fetched has been given."""
        self._progress.settle()
        with self._patience.waiting():
            try:
                self._events.handle()
                self._pin_due_partitions()
            except BrokerError as error:
                if not _is_retriable(error):
                    raise
                # A later call retries it, until a finite run has stalled.
                logger.warning("%s Retrying.", error)
        self._recreations.handle()
        self._discovery.handle()
        if ended := self._progress.take_ended():
            self._patience.on_advance()
            if not self.is_finished:
                self._source.drop(ended)
        self._act_on_patience()

    def _act_on_patience(self) -> None:
        verdict = self._patience.verdict()
        if verdict is Verdict.STALLED:
            if not self._source.fetch_stats.has_advanced(self._progress.positions()):
                raise BrokerTimeoutError(self._stalled())
            self._patience.on_advance()
        positions = self._progress.positions
        silent = positions() if verdict is Verdict.PROBE else self._patience.take_quiet(positions)
        if silent:
            self._probes.check_exists(silent)
            self._transactions.check(self._progress.waiting_at_end())

    def _pin_due_partitions(self) -> None:
        """End followed partitions whose moment has passed: there, or at the end of the log."""
        if due := self._progress.due(timestamps.now()):
            # In this order: a message that is written between the two is found by its time, and excluded.
            watermarks = self._queries.watermarks(due)
            offsets = self._queries.offsets_at(due)
            for key, offset in offsets.items():
                self._progress.pin(key, watermarks[key][1] if offset is None else offset)

    def _stalled(self) -> str:
        waiting = ", ".join(f"{key}@{offset}" for key, offset in self._progress.positions().items())
        return (
            f"No message for {self._patience.stall_timeout:g} s while waiting for {waiting}. "
            "Is the broker alive? The report says what was read; the App's stall_timeout sets the time."
        )


def _is_retriable(error: BrokerError) -> bool:
    if isinstance(error, BrokerUnavailableError | BrokerTimeoutError):
        return True
    # A client that has just lost its broker knows no partition. A missing one has no code, and is final.
    return type(error) in (BrokerError, PartitionNotFoundError) and error.code in RETRIABLE
