"""How far a run has come: which partitions are running, which ended and why. Pure.

A partition is at its pinned end in one of three ways: a message at or past `stop`, a message just
before it, or an end-of-partition event at or past it. The last offsets below `stop` may be markers,
aborted, or compacted away, so none of the three is enough alone. Events come again, and for
partitions that ended long ago; so what runs is a set, never a count.
"""

from __future__ import annotations

import collections.abc as cabc
import itertools
from typing import Any, Protocol, TypeVar

from framework.types import Partition
from framework_iterator.planning.plan import Plan, PlannedPartition
from framework_iterator.report import Ended, PartitionReport, Report

_NEVER = 1 << 63


class Located(Protocol):
    """A message, as far as its place goes."""

    def topic(self) -> str | None: ...  # noqa: D102
    def partition(self) -> int | None: ...  # noqa: D102
    def offset(self) -> int | None: ...  # noqa: D102
    def timestamp(self) -> tuple[int, int]: ...  # noqa: D102


L = TypeVar("L", bound=Located)


class _Track:
    """One partition's way from start to stop."""

    __slots__ = ("end_seen", "ended", "lost", "messages", "planned", "position", "stop")

    def __init__(self, planned: PlannedPartition) -> None:
        self.planned = planned
        self.position = planned.start
        self.stop = _NEVER if planned.stop is None else planned.stop
        self.end_seen = 0
        self.messages = 0
        self.lost = 0
        self.ended = Ended.END if self.position >= self.stop else None

    def report(self) -> PartitionReport:
        planned = self.planned
        return PartitionReport(
            planned.topic,
            planned.partition,
            planned.start,
            None if self.stop == _NEVER else self.stop,
            self.position,
            self.messages,
            self.lost,
            self.ended,
        )


class Progress:
    """The state of one run. Messages are first admitted, then, once the reader has them, counted.

    Between the two stands the batch that is being handed out: leaving the loop in its middle must
    not count what nobody saw.
    """

    def __init__(self, plan: Plan) -> None:
        """Everything at its start; a partition with nothing to read has ended."""
        self._tracks = {(each.topic, each.partition): _Track(each) for each in plan}
        self._running = {key: track for key, track in self._tracks.items() if track.ended is None}
        self._reached: set[Partition] = set()
        self._to_drop: list[Partition] = []
        moments = {key: each.planned.until for key, each in self._running.items()}
        self._moments = {key: moment for key, moment in moments.items() if moment is not None}
        topics = {topic for topic, _ in self._tracks}
        # A run of one topic needn't ask each message for its topic, which makes a new string each time.
        self._only_topic = topics.pop() if len(topics) == 1 else None
        self._looked_at: object = None
        self._stretches_of_it: list[tuple[Partition, int, int]] = []
        self._ended: Ended | None = None
        self._error: BaseException | None = None

    @property
    def is_running(self) -> bool:
        """Whether there is anything left to read."""
        return bool(self._running)

    def positions(self) -> dict[Partition, int]:
        """The next offset of each running partition."""
        return {key: track.position for key, track in self._running.items()}

    def admit(self, messages: list[L]) -> list[L]:
        """Those that the reader may have: below the end of a running partition."""
        if self._moments:
            self._pin_by(messages)
        admitted: list[L] = []
        is_whole = True
        for key, start, end in self._stretches(messages):
            track = self._running.get(key)
            last = -1 if track is None else messages[end - 1].offset() or 0
            if track is not None and last >= track.stop - 1:
                self._reached.add(key)
            if track is not None and last < track.stop:
                admitted += messages[start:end]
            else:
                is_whole = False
                stop = 0 if track is None else track.stop
                admitted += [each for each in messages[start:end] if (each.offset() or 0) < stop]
        # The same list, where it is whole: `count` then knows its stretches.
        return messages if is_whole else admitted

    def count(self, messages: list[L]) -> None:
        """The reader has had these, which were admitted."""
        for key, start, end in self._stretches(messages):
            self._tracks[key].messages += end - start
            self._advance(key, (messages[end - 1].offset() or 0) + 1)

    def finish_batch(self) -> None:
        """The reader has had all that was admitted: partitions whose end was seen meanwhile are over."""
        # Not those that were left meanwhile: what was admitted of them was not all handed out.
        for key in self._reached & self._running.keys():
            self._advance(key, _NEVER)
        self._reached.clear()

    def at_end(self, key: Partition, offset: int) -> None:
        """An end-of-partition event; one below the pinned end is only the end of what has arrived."""
        track = self._running.get(key)
        if track is not None:
            track.end_seen = max(track.end_seen, offset)
            if offset >= track.stop:
                self._advance(key, offset)

    def is_cut(self, key: Partition, end: int) -> bool:
        """Whether a log that ends there has become shorter than it was, and too short for the plan."""
        track = self._running.get(key)
        return track is not None and end < track.stop <= track.planned.high

    def gone(self, key: Partition, low: int, high: int) -> int | None:
        """The position no longer exists: where to go on, or None where nothing is left to read.

        What was planned and lies before `low`, or past the `high` of a log that was cut or made
        anew, is lost.
        """
        track = self._running.get(key)
        if track is None:
            return None
        if track.position > high:
            # Following has no end to count to; it goes on with whatever comes next.
            resume = high if track.stop == _NEVER else track.stop
            track.lost += max(0, resume - track.position)
            track.position = resume
            # The end that was told before is gone as well: what comes next must not pass for read.
            track.end_seen = high
        elif track.position < low:
            resume = min(low, track.stop)
            track.lost += resume - track.position
            track.position = resume
        elif self.is_cut(key, high) and track.end_seen >= high:
            track.lost += track.stop - high
            track.position = track.stop
        self._advance(key, track.position)
        return track.position if key in self._running else None

    @property
    def has_moments(self) -> bool:
        """Whether a partition is to end at a moment that may still lie ahead."""
        return bool(self._moments)

    def due(self, now: int) -> dict[Partition, int]:
        """The running partitions whose moment to end has come, and that moment, in milliseconds."""
        return {
            key: moment for key, moment in self._moments.items() if moment <= now and key in self._running
        }

    def pin(self, key: Partition, stop: int) -> None:
        """From now on a followed partition has an end, which may be behind us already."""
        self._moments.pop(key, None)
        if (track := self._running.get(key)) is not None:
            track.stop = max(stop, track.position)
            # No further event tells the end of a partition to which nothing more is written.
            self._advance(key, track.end_seen)

    def stop(self, key: Partition) -> None:
        """Nothing more from this partition."""
        if key in self._running:
            self._end(key, Ended.STOPPED)

    def remaining(self) -> int:
        """Offsets still to come, as far as they were there when the plan was made."""
        return sum(max(0, self._target(track) - track.position) for track in self._running.values())

    def behind(self) -> int:
        """Offsets that are behind us, read or not: what a progress bar counts."""
        return sum(track.position - track.planned.start for track in self._tracks.values())

    def outcome(self) -> Ended:
        """Why a run with nothing left to read is over: stopped, if all that it could read was."""
        reasons = {track.ended for track in self._tracks.values() if track.planned.start < track.stop}
        return Ended.STOPPED if reasons == {Ended.STOPPED} else Ended.END

    def __contains__(self, key: Partition) -> bool:
        """Whether a partition is part of this run."""
        return key in self._tracks

    def take_ended(self) -> list[Partition]:
        """The partitions that ended since this was last asked."""
        ended, self._to_drop = self._to_drop, []
        return ended

    def over(self, ended: Ended, error: BaseException | None = None) -> None:
        """The run is over; what is still running ended with it. Only the first reason counts."""
        if self._ended is None:
            self._ended, self._error = ended, error
            self._looked_at = None
            for key in list(self._running):
                self._end(key, ended)

    def failed(self, error: BaseException) -> None:
        """Something failed when the run was over already."""
        if self._error is None:
            self._error = error

    def report(self) -> Report:
        """A snapshot."""
        return Report(tuple(track.report() for track in self._tracks.values()), self._ended, self._error)

    def _advance(self, key: Partition, position: int) -> None:
        track = self._tracks[key]
        track.position = max(track.position, min(position, track.stop))
        if track.position >= track.stop and key in self._running:
            self._end(key, Ended.END)

    def _pin_by(self, messages: list[L]) -> None:
        """The first message at or after a partition's moment is its end, whatever the clock says."""
        for key, start, end in self._stretches(messages):
            for message in messages[start:end]:
                moment = self._moments.get(key)
                if moment is not None and message.timestamp()[1] >= moment:
                    self.pin(key, message.offset() or 0)

    def _target(self, track: _Track) -> int:
        return track.planned.high if track.stop == _NEVER else track.stop

    def _end(self, key: Partition, ended: Ended) -> None:
        self._running.pop(key).ended = ended
        self._to_drop.append(key)

    def _stretches(self, messages: list[L]) -> list[tuple[Partition, int, int]]:
        """Where messages of one partition stand in a row: key, first index, index after the last.

        Some 50 ns a message, all of it in C; to look at each message in Python costs ten times that.
        """
        if messages is not self._looked_at:
            self._looked_at, self._stretches_of_it = messages, _stretches(messages, self._only_topic)
        return self._stretches_of_it


def _stretches(messages: list[L], only_topic: str | None) -> list[tuple[Partition, int, int]]:
    if not messages:
        return []
    kind = type(messages[0])
    numbers = list(map(kind.partition, messages))
    # Most batches are of one partition.
    if only_topic and numbers.count(numbers[0]) == len(numbers):
        return [((only_topic, numbers[0] or 0), 0, len(numbers))]
    keys: cabc.Iterable[Any] = numbers if only_topic else zip(map(kind.topic, messages), numbers, strict=True)
    stretches = []
    start = 0
    for key, row in itertools.groupby(keys):
        end = start + len(list(row))
        stretches.append(((only_topic, key) if only_topic else key, start, end))
        start = end
    return stretches
