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
from framework_iterator.progress.delivery import Admitted
from framework_iterator.progress.moments import Moments
from framework_iterator.progress.partition import NEVER, Loss, PartitionProgress
from framework_iterator.progress.slices import slices_of, tallies_of
from framework_iterator.report import Ended, Report

L = TypeVar("L", bound=Located)


class Progress:
    """The state of one run. Messages are first admitted, then, once the loop has them, counted.

    Between the two is the batch that is being given: leaving the loop in its middle must not count what
    the loop has not seen.
    """

    def __init__(self, plan: Plan, kind: type[PartitionProgress] = PartitionProgress) -> None:
        """Every partition is at its start; one with nothing to read has ended."""
        self._kind = kind
        self._partitions = {each.key: kind(each) for each in plan}
        self._running = {key: each for key, each in self._partitions.items() if each.ended is None}
        self._reached: set[TopicPartition] = set()
        self._to_drop: list[TopicPartition] = []
        self._losses: list[Loss] = []
        self._moments = Moments()
        self._moments.add(each.planned for each in self._running.values())
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
        added = {each.key: self._kind(each) for each in planned}
        topics = list(dict.fromkeys(key.topic for key in self._partitions))
        both = (self._partitions | added).items()
        # A new dict: another thread may be making a report of the old one.
        ordered = sorted(both, key=lambda each: (topics.index(each[0].topic), each[0].partition))
        self._partitions = dict(ordered)
        self._running |= {key: each for key, each in added.items() if each.ended is None}
        self._moments.add(each.planned for each in added.values())

    def positions(self) -> dict[TopicPartition, int]:
        """Return the next offset of each running partition."""
        return {key: each.position for key, each in self._running.items()}

    def waiting_at_end(self) -> dict[TopicPartition, int]:
        """Return the reported ends of running partitions, up to which nothing is left but gaps."""
        return {key: each.end_seen for key, each in self._running.items() if each.end_seen >= each.position}

    def admit(self, messages: list[L]) -> Admitted[L]:
        """Return the messages that the loop may have: below the end of a running partition."""
        slices = slices_of(messages, self._only_topic)
        if self._moments:
            for key, offset in self._moments.reached(messages, slices):
                self.pin(key, offset)
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

    def count(
        self, admitted: Admitted[L], start: int = 0, end: int | None = None, *, may_repeat: bool = True
    ) -> None:
        """Count `admitted.messages[start:end]`: the loop has had them, or a stage has removed them.

        With `may_repeat`, what was counted before Ctrl-C ended that isn't counted again.
        """
        messages, slices, fates = admitted.messages, admitted.slices, admitted.fates
        if start or (end is not None and end < len(messages)):
            messages, slices, fates = messages[start:end], None, fates and fates[start:end]
        if slices is None and may_repeat:
            slices = slices_of(messages, self._only_topic)
        if slices is not None:
            for key, first, after in slices:
                self._partitions[key].count_messages(messages, range(first, after), fates)
                self.advance(key, self._partitions[key].position)
            return
        for key, last, counts in tallies_of(messages, self._only_topic, fates):
            partition = self._partitions[key]
            partition.count(partition.after(last.offset()), *counts)
            self.advance(key, partition.position)

    def settle(self) -> None:
        """End the partitions whose end was reached: the loop has had everything that was admitted."""
        # Not those that were stopped: what was admitted of them was not all given.
        for key in self._reached & self._running.keys():
            self.advance(key, NEVER)
        self._reached.clear()

    def at_end(self, key: TopicPartition, offset: int) -> None:
        """Take an end-of-partition event; one below the pinned end is only the end of what has arrived."""
        partition = self._running.get(key)
        if partition is not None:
            partition.end_seen = max(partition.end_seen, offset)
            if offset >= partition.stop:
                self.advance(key, offset)

    def restart(self, planned: PlannedPartition) -> None:
        """Read another part of a partition whose part has ended."""
        self._partitions[planned.key] = partition = self._kind(planned)
        if partition.ended is None:
            self._running[planned.key] = partition

    def position(self, key: TopicPartition) -> int:
        """Return the next offset of a partition, also of one that has ended."""
        return self._partitions[key].position

    def advance(self, key: TopicPartition, position: int) -> None:
        """Move a partition past offsets without a message, or past all that was admitted of it."""
        if self._partitions[key].advance(position) and key in self._running:
            self._end(key, Ended.END)

    def lose(self, loss: Loss) -> None:
        """Count offsets as lost once their partition has passed them."""
        self._partitions[loss.partition].lose(loss)

    def take_losses(self) -> list[Loss]:
        """Return what was lost since the last call."""
        return [self._losses.pop(0) for _ in range(len(self._losses))]

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
        lost = partition.lost
        partition.skip_to_available(low, high)
        if partition.lost > lost:
            self._losses.append(Loss(key, partition.position, partition.lost - lost))
        self.advance(key, partition.position)
        return partition.position if key in self._running else None

    def rewind(self, key: TopicPartition) -> None:
        """Read a running partition from offset 0 on: its topic was recreated."""
        self._running[key].rewind()

    def due(self, now: int) -> dict[TopicPartition, int]:
        """Return the running partitions whose moment has come, and that moment in ms since 1970."""
        return {key: moment for key, moment in self._moments.due(now).items() if key in self._running}

    def pin(self, key: TopicPartition, stop: int) -> None:
        """Give a followed partition an end, which the position may have passed already."""
        self._moments.remove(key)
        if (partition := self._running.get(key)) is not None:
            partition.stop = max(stop, partition.position)
            # No further event reports it where nothing is written.
            self.advance(key, partition.end_seen)

    def stop(self, key: TopicPartition) -> None:
        """Read nothing more of this partition."""
        if key in self._running:
            self._end(key, Ended.STOPPED)

    def remaining(self) -> int:
        """Return how many offsets are left, of those that existed when the plan was made."""
        # A list: the loop's thread may end a partition while another one sums.
        return sum(each.remaining for each in list(self._running.values()))

    def consumed(self) -> int:
        """Return how many offsets were passed, with a message or without: what a progress bar shows."""
        return sum(each.consumed for each in self._partitions.values())

    def outcome(self) -> Ended:
        """Return why a run ends now: at its limit if anything is left, stopped if each partition was."""
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
        return [self._to_drop.pop(0) for _ in range(len(self._to_drop))]

    def finish(self, ended: Ended, error: BaseException | None = None) -> None:
        """End the run and the partitions that are running. Only the first reason counts."""
        if self._ended is None:
            self._ended, self._error = ended, error
            for key in list(self._running):
                self._end(key, ended)

    def record_error(self, error: BaseException) -> None:
        """Keep an error that came after the run had ended; the first one counts."""
        self._error = self._error or error

    def report(self) -> Report:
        """Return a snapshot."""
        return Report(tuple(each.report() for each in self._partitions.values()), self._ended, self._error)

    def _end(self, key: TopicPartition, ended: Ended) -> None:
        self._running.pop(key).ended = ended
        self._to_drop.append(key)
