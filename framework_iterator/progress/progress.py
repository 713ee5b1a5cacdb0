"""How far a run has come: which partitions are running, which ended and why. Pure.

A partition is at its pinned end in one of three ways: a message at or past `stop`, a message just
before it, or an end-of-partition event at or past it. The last offsets below `stop` may be markers,
aborted, or compacted away, so each of the three is needed. Events come repeatedly, also for
partitions that ended long ago: so the running partitions are a set, never a count.
"""

from __future__ import annotations

import collections.abc as cabc
from typing import TypeVar

from framework.types import Located, TopicPartition
from framework_iterator.planning.plan import Plan, PlannedPartition
from framework_iterator.progress.delivery import Admitted, Fate
from framework_iterator.progress.partition import NEVER, PartitionProgress
from framework_iterator.progress.slices import slices_of
from framework_iterator.report import Ended, Report

L = TypeVar("L", bound=Located)


class Progress:
    """The state of one run. Messages are first admitted, then, once the loop has them, counted.

    Between the two is the batch that is being given: leaving the loop in its middle must not count what
    the loop has not seen.
    """

    def __init__(self, plan: Plan) -> None:
        """Every partition is at its start; one with nothing to read has ended."""
        self._partitions = {each.key: PartitionProgress(each) for each in plan}
        self._running = {key: each for key, each in self._partitions.items() if each.ended is None}
        self._reached: set[TopicPartition] = set()
        self._to_drop: list[TopicPartition] = []
        self._moments = _moments(self._running)
        # A run of one topic needn't ask each message for its topic, which makes a new string each time.
        self._only_topic = plan.topics[0] if len(plan.topics) == 1 else None
        self._ended: Ended | None = None
        self._error: BaseException | None = None

    @property
    def is_running(self) -> bool:
        """Whether there is anything left to read."""
        return bool(self._running)

    def is_reading(self, key: TopicPartition) -> bool:
        """Whether a partition is running."""
        return key in self._running

    def add(self, planned: cabc.Iterable[PlannedPartition]) -> None:
        """Read further partitions, of the same topics."""
        added = {each.key: PartitionProgress(each) for each in planned}
        topics = list(dict.fromkeys(key.topic for key in self._partitions))
        both = (self._partitions | added).items()
        # A new dict: another thread may be making a report of the old one.
        self._partitions = dict(
            sorted(both, key=lambda each: (topics.index(each[0].topic), each[0].partition))
        )
        self._running |= {key: each for key, each in added.items() if each.ended is None}
        self._moments |= _moments(added)

    def positions(self) -> dict[TopicPartition, int]:
        """Return the next offset of each running partition."""
        return {key: each.position for key, each in self._running.items()}

    def waiting_at_end(self) -> dict[TopicPartition, int]:
        """Return the next offset of each running partition whose end was reported there."""
        return {key: each.position for key, each in self._running.items() if each.end_seen == each.position}

    def admit(self, messages: list[L]) -> Admitted[L]:
        """Return the messages that the loop may have: below the end of a running partition."""
        slices = slices_of(messages, self._only_topic)
        if self._moments:
            self._pin_by_timestamp(messages, slices)
        kept: list[L] = []
        is_whole = True
        for key, start, end in slices:
            partition = self._running.get(key)
            stop = 0 if partition is None else partition.stop
            last = messages[end - 1].offset()
            if partition is not None and last >= stop - 1:
                self._reached.add(key)
            if last < stop:
                kept += messages[start:end]
            else:
                is_whole = False
                kept += [each for each in messages[start:end] if each.offset() < stop]
        return Admitted(messages, slices) if is_whole else Admitted(kept)

    def is_complete_with(self, ends: cabc.Iterable[tuple[TopicPartition, int]]) -> bool:
        """Whether nothing more is to be fetched, given ends that were reported and not answered yet."""
        reached = {key for key, offset in ends if key in self._running and offset >= self._running[key].stop}
        return self._running.keys() <= self._reached | reached

    def count(self, admitted: Admitted[L], start: int = 0, end: int | None = None) -> None:
        """Count `admitted.messages[start:end]`: the loop has had them, or a stage has removed them.

        What was counted before isn't counted again: Ctrl-C may have ended that between two partitions.
        """
        messages, slices = admitted.messages, admitted.slices
        if start or (end is not None and end < len(messages)):
            messages, slices = messages[start:end], None
        if slices is None:
            slices = slices_of(messages, self._only_topic)
        fates = admitted.fates and admitted.fates[start:end]
        for key, first, after in slices:
            partition = self._partitions[key]
            while first < after and messages[first].offset() < partition.position:
                first += 1
            removed = [] if fates is None else [fate for fate in fates[first:after] if fate is not Fate.GIVEN]
            filtered = removed.count(Fate.FILTERED)
            partition.count(
                messages[after - 1].offset() + 1,
                after - first - len(removed),
                filtered,
                len(removed) - filtered,
            )
            self._advance(key, partition.position)

    def settle(self) -> None:
        """End the partitions whose end was reached: the loop has had everything that was admitted."""
        # Not those that were stopped: what was admitted of them was not all given.
        for key in self._reached & self._running.keys():
            self._advance(key, NEVER)
        self._reached.clear()

    def at_end(self, key: TopicPartition, offset: int) -> None:
        """Take an end-of-partition event; one below the pinned end is only the end of what has arrived."""
        partition = self._running.get(key)
        if partition is not None:
            partition.end_seen = max(partition.end_seen, offset)
            if offset >= partition.stop:
                self._advance(key, offset)

    def is_truncated(self, key: TopicPartition, end: int) -> bool:
        """Whether a log that ends there has become shorter than it was, and too short for the plan."""
        return key in self._running and self._running[key].is_truncated(end)

    def skip_to_available(self, key: TopicPartition, low: int, high: int) -> int | None:
        """Move a position that no longer exists; return where to continue, or None where nothing is left.

        Planned offsets before `low`, and past the `high` of a log that was truncated or recreated, are lost.
        """
        partition = self._running.get(key)
        if partition is None:
            return None
        partition.skip_to_available(low, high)
        self._advance(key, partition.position)
        return partition.position if key in self._running else None

    @property
    def has_moments(self) -> bool:
        """Whether a partition is to end at a moment that may be in the future."""
        return bool(self._moments)

    def due(self, now: int) -> dict[TopicPartition, int]:
        """Return the running partitions whose moment has come, and that moment in ms since 1970."""
        return {
            key: moment for key, moment in self._moments.items() if moment <= now and key in self._running
        }

    def pin(self, key: TopicPartition, stop: int) -> None:
        """Give a followed partition an end, which the position may have passed already."""
        self._moments.pop(key, None)
        if (partition := self._running.get(key)) is not None:
            partition.stop = max(stop, partition.position)
            # No further event reports the end of a partition to which nothing is written.
            self._advance(key, partition.end_seen)

    def stop(self, key: TopicPartition) -> None:
        """Read nothing more of this partition."""
        if key in self._running:
            self._end(key, Ended.STOPPED)

    def remaining(self) -> int:
        """Return how many offsets are left, of those that existed when the plan was made."""
        # A list, made at once: the loop's thread may end a partition while another thread sums.
        return sum(each.remaining for each in list(self._running.values()))

    def consumed(self) -> int:
        """Return how many offsets were passed, with a message or without: what a progress bar shows."""
        return sum(each.position - each.planned.start for each in self._partitions.values())

    def outcome(self) -> Ended:
        """Return why a run that wasn't stopped ends now: at its limit, if anything is left to read.

        With nothing left it was stopped, if every partition was.
        """
        if self._running:
            return Ended.LIMIT
        reasons = {each.ended for each in self._partitions.values() if each.planned.start < each.stop}
        return Ended.STOPPED if reasons == {Ended.STOPPED} else Ended.END

    def __contains__(self, key: TopicPartition) -> bool:
        """Whether a partition is part of this run."""
        return key in self._partitions

    def ends(self) -> dict[TopicPartition, int]:
        """Return the high watermarks, as they were planned, of the partitions that were read up to there."""
        return {
            key: each.planned.high
            for key, each in self._partitions.items()
            if each.ended is Ended.END and each.stop == each.planned.high
        }

    def take_ended(self) -> list[TopicPartition]:
        """Return the partitions that ended since the last call."""
        ended, self._to_drop = self._to_drop, []
        return ended

    def finish(self, ended: Ended, error: BaseException | None = None) -> None:
        """End the run and the partitions that are running. Only the first reason counts."""
        if self._ended is None:
            self._ended, self._error = ended, error
            for key in list(self._running):
                self._end(key, ended)

    def record_error(self, error: BaseException) -> None:
        """Keep an error that came after the run had ended; the first one counts."""
        if self._error is None:
            self._error = error

    def report(self) -> Report:
        """Return a snapshot."""
        return Report(tuple(each.report() for each in self._partitions.values()), self._ended, self._error)

    def _advance(self, key: TopicPartition, position: int) -> None:
        if self._partitions[key].advance(position) and key in self._running:
            self._end(key, Ended.END)

    def _pin_by_timestamp(
        self, messages: list[L], slices: cabc.Iterable[tuple[TopicPartition, int, int]]
    ) -> None:
        """End partitions at the first message at or after their moment, whatever the clock says."""
        for key, start, end in slices:
            for message in messages[start:end]:
                moment = self._moments.get(key)
                if moment is not None and message.timestamp()[1] >= moment:
                    self.pin(key, message.offset())

    def _end(self, key: TopicPartition, ended: Ended) -> None:
        self._running.pop(key).ended = ended
        self._to_drop.append(key)


def _moments(partitions: cabc.Mapping[TopicPartition, PartitionProgress]) -> dict[TopicPartition, int]:
    return {key: each.planned.until for key, each in partitions.items() if each.planned.until is not None}
