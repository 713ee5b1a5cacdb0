"""The rounds of a run: fetch, and answer what comes besides messages: ends, gaps, damage, silence."""

from __future__ import annotations

import collections.abc as cabc
import logging
import time
from typing import Any

from framework import BrokerError, BrokerTimeoutError, BrokerUnavailableError, moments
from framework.clients import WORTH_ASKING_AGAIN
from framework.types import Partition
from framework_iterator.progress import Progress
from framework_iterator.reading.source import Event, Kind, Source
from framework_iterator.planning.subscription import no_such_partition

logger = logging.getLogger(__name__)

_TO_LOOK_UP = frozenset({Kind.GONE, Kind.UNKNOWN})
_PAUSE = 0.05
"""Seconds before the same is asked for again, where nothing has changed: or a bad disk is read in circles."""
_DOUBT = 2.0
"""Seconds of silence before the broker is asked whether all is still there; then twice as many, and so on."""
_DOUBT_AT_MOST = 30.0
"""Seconds from one such question to the next."""
_QUIET = 15.0
"""Seconds after which the same is asked about partitions of which nothing came, while others were busy."""


class Rounds:
    """Brings a source and a run's progress together; one round is `fetch`, then `finish`."""

    def __init__(self, source: Source, progress: Progress, stall_timeout: float | None) -> None:
        """`stall_timeout` is in seconds; None for a run that waits for ever."""
        self._source = source
        self._lookups = source.lookups
        self._progress = progress
        self._stall_timeout = stall_timeout
        self._events: list[Event] = []
        # Seconds of waiting: since a message or an end came, and since the reader was given anything.
        self._idle = self._silent = 0.0
        self._doubt_at = _DOUBT
        self._looked_at, self._seen = time.monotonic(), progress.positions()

    def fetch(self, max_wait: float) -> list[Any]:
        """The native messages that have arrived; the events that came with them wait for `finish`."""
        began = time.monotonic()
        # Not past the moment when the reader may want to be told of the silence.
        max_wait -= self._silent % max_wait
        messages, events = self._source.fetch(max(0.001, max_wait))
        self._events += events
        waited = time.monotonic() - began
        self._idle += waited
        self._silent += waited
        return messages

    def came(self) -> None:
        """Messages were there for the reader."""
        self._idle = self._silent = 0.0
        self._doubt_at = _DOUBT

    def take_silence(self, seconds: float) -> bool:
        """Whether so much time has passed without anything for the reader; if so, it begins anew."""
        if self._silent < seconds:
            return False
        self._silent = 0.0
        return True

    def finish(self) -> None:
        """All that was admitted is handed out: now the ends and events that came with it count."""
        self._progress.finish_batch()
        began = time.monotonic()
        try:
            self._answer()
            self._pin_what_is_due()
        except BrokerError as error:
            if not _may_pass(error):
                raise
            # What could not be answered is tried again in the next round, until a finite run has stalled.
            logger.warning("%s Trying on.", error)
        took = time.monotonic() - began
        self._idle += took
        self._silent += took
        if ended := self._progress.take_ended():
            self._idle, self._doubt_at = 0.0, _DOUBT
            if self._progress.is_running:
                self._source.drop(ended)
        if self._stall_timeout is not None and self._idle > self._stall_timeout:
            if not self._source.headway.is_made(self._progress.positions()):
                raise BrokerTimeoutError(self._stalled(self._stall_timeout))
            self._idle, self._doubt_at = 0.0, _DOUBT
        if self._idle > self._doubt_at:
            self._doubt_at = self._idle + min(self._idle, _DOUBT_AT_MOST)
            self._lookups.check_exists(self._progress.positions())
        elif began - self._looked_at > _QUIET:
            self._make_sure_of_the_quiet()

    def _make_sure_of_the_quiet(self) -> None:
        before, self._seen = self._seen, self._progress.positions()
        self._looked_at = time.monotonic()
        # Not by topic: one that was made anew with fewer partitions may be busy in those that it has.
        if quiet := [key for key, position in self._seen.items() if position == before[key]]:
            self._lookups.check_exists(quiet)

    def _answer(self) -> None:
        if not self._events:
            return
        # After damage librdkafka tells an end or a gap that isn't one: nothing was delivered before it.
        damaged = {event.partition for event in self._events if event.kind is Kind.DAMAGED}
        to_look_up: dict[tuple[Kind, Partition], Event] = {}
        for event in self._events:
            if event.kind is Kind.END and event.partition not in damaged:
                self._progress.at_end(event.partition, event.offset)
                if self._progress.is_cut(event.partition, event.offset):
                    to_look_up[Kind.GONE, event.partition] = event._replace(kind=Kind.GONE)
        positions = self._progress.positions() if damaged else {}
        for partition in damaged & positions.keys():
            self._source.move(partition, positions[partition])
        # The others need the broker, and are told only once: each stays until it is answered.
        to_look_up |= {
            (event.kind, event.partition): event
            for event in self._events
            if event.kind in _TO_LOOK_UP and event.partition not in damaged
        }
        # Of what has ended or was stopped meanwhile, nothing needs to be known.
        running = self._progress.positions() if to_look_up else {}
        self._events = [event for event in to_look_up.values() if event.partition in running]
        self._look_up()
        if damaged:
            time.sleep(_PAUSE)

    def _look_up(self) -> None:
        # As few questions for a hundred partitions as for one: each may wait for a fetch that is held back.
        for topic in sorted({event.partition[0] for event in self._events if event.kind is Kind.UNKNOWN}):
            self._look_for(topic)
        self._events = [event for event in self._events if event.kind is Kind.GONE]
        if gone := [event.partition for event in self._events]:
            self._skip(self._lookups.watermarks(gone))
            self._events = []

    def _look_for(self, topic: str) -> None:
        existing = self._lookups.partitions([topic])[topic]
        for name, number in self._progress.positions():
            if name == topic and number not in existing:
                raise no_such_partition(topic, number, existing)

    def _skip(self, watermarks: cabc.Mapping[Partition, tuple[int, int]]) -> None:
        """Go on behind what Kafka has removed, and say so."""
        before = self._progress.report()
        resumes = {each: self._progress.gone(each, low, high) for each, (low, high) in watermarks.items()}
        after = self._progress.report()
        for partition, resume in resumes.items():
            if resume is not None:
                self._source.move(partition, resume)
                if resume < before[partition].position:
                    logger.warning(
                        "%s-%d: the log is another, or was cut: it ends before %d. "
                        "Going on from its end, %d.",
                        *(*partition, before[partition].position, resume),
                    )
            if lost := after[partition].lost - before[partition].lost:
                logger.warning(
                    "%s-%d: %d offsets from %d on were removed before they could be read; going on.",
                    *(*partition, lost, before[partition].position),
                )
        if any(resume == before[partition].position for partition, resume in resumes.items()):
            time.sleep(_PAUSE)

    def _pin_what_is_due(self) -> None:
        """Following ends a partition when the clock passes its moment: there, or where the log ends then."""
        if self._progress.has_moments and (due := self._progress.due(timestamps.now())):
            # In this order: what is written between the two is found by its time, and stays outside.
            watermarks = self._lookups.watermarks(due)
            offsets = self._lookups.offsets_at(due)
            for partition, offset in offsets.items():
                self._progress.pin(partition, watermarks[partition][1] if offset is None else offset)

    def _stalled(self, seconds: float) -> str:
        positions = self._progress.positions().items()
        waiting = ", ".join(f"{topic}-{number}@{offset}" for (topic, number), offset in positions)
        return (
            f"Nothing came for {seconds:g} s while waiting for {waiting}. Is the broker alive? "
            "What was read so far stands in the report; the stall_timeout of the App sets the time."
        )


def _may_pass(error: BrokerError) -> bool:
    """Whether the same question may be answered in a later round."""
    if isinstance(error, BrokerUnavailableError | BrokerTimeoutError):
        return True
    return type(error) is BrokerError and error.code in WORTH_ASKING_AGAIN
