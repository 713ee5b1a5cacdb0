"""The checked arguments of an Iterator, and what each run makes of them: source, plan, pipeline."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import dataclasses
import functools
import logging
import math
from typing import Any

from framework import App, Topic, timestamps
from framework.partitioners import Partitioner
from framework.types import TopicPartition
from framework_iterator import notes
from framework_iterator.batch import ByTopic
from framework_iterator.options import Order
from framework_iterator.ordering.feed import Ordered
from framework_iterator.ordering.supplies import supply_for
from framework_iterator.planning.growth import growth_of
from framework_iterator.planning.narrowing import narrowed
from framework_iterator.planning.plan import Plan, by_topic
from framework_iterator.planning.planner import Choose, check_plan, make_plan
from framework_iterator.planning.saved import (
    ends_before_positions,
    misfits,
    new_partitions,
    nothing_committed,
    unused,
)
from framework_iterator.planning.subscription import Subscription
from framework_iterator.planning.unlikely import starts_beyond_the_end, unlikely_starts
from framework_iterator.progress.backward import BackwardProgress
from framework_iterator.progress.partition import PartitionProgress
from framework_iterator.progress.progress import Progress
from framework_iterator.reading.feed import AsTheyArrive, Feed
from framework_iterator.reading.open_transactions import offsets_behind
from framework_iterator.reading.patience import QUIET_AFTER, Patience
from framework_iterator.reading.pipeline import Pipeline
from framework_iterator.reading.reader import Reader
from framework_iterator.reading.settings import ReadSettings
from framework_iterator.reading.source import Source
from framework_iterator.report import Ended
from framework_iterator.selecting.filters import Filters
from framework_iterator.selecting.stages import Unreadable


@dataclasses.dataclass(frozen=True)
class Recipe:
    """The checked arguments of an Iterator.

    Args:
        app: The application.
        topics: What is read: topics with starts and ends, or a plan.
        settings: librdkafka's settings, the group, and whether a run follows.
        filters: What of the messages is wanted.
        order: In which order messages are given; None as they arrive.
        limit: How many messages a run gives, or None.
        yield_none: Whether None is given after `max_wait` seconds without a message.
        max_wait: Seconds.
        progress: Whether a progress bar is shown.
    """

    app: App
    topics: Subscription | Plan
    settings: ReadSettings
    filters: Filters
    order: Order | None
    limit: int | None
    yield_none: bool
    max_wait: float
    progress: bool

    @property
    def names(self) -> str:
        """The names of the topics, for messages."""
        return ", ".join(self.topics.topics)

    @property
    def stall_timeout(self) -> float | None:
        """Seconds of waiting after which a run has stalled; None when following."""
        return None if self.settings.follow else self.app.stall_timeout

    def deserializers(self) -> ByTopic:
        """Return the deserializers of each topic: looked up once per run, not per message."""
        return {each.name: self.app.compile_deserializers(each) for each in self._declared()}

    def _declared(self) -> list[Topic[Any]]:
        """Return the topics: as they were written, else as the app declares them."""
        written = (
            {each.topic: each.declared for each in self.topics.selections}
            if isinstance(self.topics, Subscription)
            else {}
        )
        return [written.get(name) or self.app.routes.find_or_default(name) for name in self.topics.topics]

    @property
    def silence(self) -> float:
        """Seconds without a message after which None is given; infinite without `yield_none`."""
        return self.max_wait if self.yield_none else math.inf

    @property
    def quiet_after(self) -> float:
        """Seconds after which partitions are probed that gave nothing while others were busy."""
        return min(QUIET_AFTER, self.app.stall_timeout / 4)

    def commit_timeout(self, error: BaseException | None) -> float | None:
        """Return the seconds that the last commit may take after this exception; None is the usual time.

        Ctrl-C in the loop's body, or the end of its task, arrives as GeneratorExit, like `break`.
        """
        usual = Exception | GeneratorExit | SystemExit | None
        return None if isinstance(error, usual) else self.hasty_timeout

    @property
    def hasty_timeout(self) -> float:
        """Seconds for the last commit of a run that was interrupted while it waited."""
        return max(0.2, self.max_wait)

    def total(self, plan: Plan) -> int | None:
        """Return the total of a progress bar: messages where there is a limit, else offsets, or None."""
        if self.settings.follow:
            return self.limit
        return plan.count if self.limit is None else min(plan.count, self.limit)

    def track(self, plan: Plan) -> Progress:
        """Return the progress of a run over a plan."""
        return Progress(plan, BackwardProgress if self.order == "newest" else PartitionProgress)

    def pipeline(self, source: Source, progress: Progress, plan: Plan, deserializers: ByTopic) -> Pipeline:
        """Return what leads from the source of a run to deliveries."""
        stages = self.filters.stages(deserializers)
        patience = functools.partial(Patience, self.stall_timeout, quiet_after=self.quiet_after)
        feed: Feed
        if self.order is None:
            waiting = patience(progress.positions)
            keys, follows = [each.key for each in progress.report()], self.settings.follow
            growth = growth_of(self.topics, keys) if follows else {}
            at_end = functools.partial(self._log_gaps, progress)
            feed = AsTheyArrive(source, progress, waiting, growth, at_end, follows=follows)
        else:
            wanted = None if any(stages) else self.limit
            supply, merge = supply_for(self.order, source, plan, wanted)
            waiting = patience(supply.arrivals.positions)
            reader = Reader(source, supply.arrivals, waiting)
            feed = Ordered(progress, reader, waiting, merge, supply)
        return Pipeline(feed, waiting, stages=stages, deserializers=deserializers, max_wait=self.max_wait)

    def connect(self) -> Source:
        """Open the clients of a run."""
        return Source(self.settings.kafka, self.app.broker_timeout, self.stall_timeout)

    @contextlib.contextmanager
    def connected(self) -> cabc.Generator[Source]:
        """Open the clients without a run; the end of the block closes them."""
        source = self.connect()
        try:
            yield source
        finally:
            source.close()

    def make_plan(self, source: Source) -> Plan:
        """Return what a run would read if it started now."""
        if isinstance(self.topics, Plan):
            return check_plan(source.queries, self.topics)
        settings = self.settings
        plan, committed, asked = make_plan(
            source.queries,
            self.topics,
            follow=settings.follow,
            reset=settings.reset,
            choose=self._partitions_of_key(),
        )
        beyond = ends_before_positions(asked, plan, committed)
        behind = self._offsets_behind(source, beyond, fetch=True) if beyond else {}
        notes.log(
            logging.WARNING,
            unlikely_starts(asked, plan, timestamps.now()),
            misfits(asked, plan, committed, behind),
            unused(asked, plan),
        )
        # A run that follows gives what comes before such a start.
        level = logging.WARNING if settings.follow else logging.INFO
        notes.log(level, starts_beyond_the_end(asked, plan))
        notes.log(
            logging.INFO,
            new_partitions(asked, plan),
            nothing_committed(plan, committed, settings.group_id),
        )
        return plan

    def _partitions_of_key(self) -> Choose:
        """Return which partitions may have the wanted key."""
        # A topic that gets partitions while it is followed has the key in another one from then on.
        if self.settings.follow or "key" not in self.filters.names:
            return lambda _topic, _count: None
        deserializers = self.deserializers()
        partitioners: dict[str, Partitioner | None] = {
            each.name: each.partitioner for each in self._declared()
        }
        return lambda topic, count: self.filters.partitions(topic, partitioners[topic], deserializers, count)

    def log_notes_of_plan(self, source: Source, plan: Plan) -> None:
        """Log which open transactions hold everything back, where a plan that is only shown has nothing."""
        if not (isinstance(self.topics, Plan) or any(each.count for each in plan)):
            ends = {each.key: each.high for each in plan if each.stop in (None, each.high)}
            behind = self._offsets_behind(source, ends, fetch=True)
            notes.log(logging.WARNING, notes.open_transactions(behind))

    def log_notes(self, source: Source, progress: Progress, unreadable: Unreadable) -> None:
        """Log why a run gave less than was asked for, and what lies beyond its end; it has just ended.

        Args:
            source: Has read it.
            progress: What was read.
            unreadable: Why what can't be read was left out.
        """
        report = progress.report()
        level = logging.INFO if report.messages else logging.WARNING
        notes.log(level, notes.unreadable_in(report, unreadable.message))
        notes.log(level, notes.unreadable_key(unreadable.key))
        if self.settings.follow or self.limit == 0 or report.ended is not Ended.END:
            return
        gave_nothing = not report.messages + report.filtered + report.unreadable
        topics = self.topics
        if isinstance(topics, Subscription):  # no notes on partitions that can't have the key
            topics = narrowed(topics, {name: by_topic(report).get(name, {}) for name in topics.topics})
        sentences = list(notes.gaps_in(topics, report, read_committed=self.settings.is_read_committed))
        if not isinstance(topics, Plan):  # which says what is read, and needs no watermarks
            behind = self._offsets_behind(source, progress.ends(), fetch=gave_nothing)
            sentences += notes.open_transactions(behind)
            waiting = {key.topic for key in behind}
            notes.log(logging.INFO, notes.nothing_in(topics, report, waiting, timestamps.now()))
        notes.log(logging.WARNING if gave_nothing else logging.INFO, sentences)
        notes.log(logging.INFO, notes.nothing_passed(report))

    def _log_gaps(self, progress: Progress, ends: cabc.Mapping[TopicPartition, int]) -> None:
        """Log which offsets held no message, where a run that follows waits for new ones."""
        report = notes.waiting_at(ends, progress.report())
        gaps = notes.gaps_in(self.topics, report, read_committed=self.settings.is_read_committed)
        notes.log(logging.INFO if report.messages else logging.WARNING, gaps)

    def _offsets_behind(
        self, source: Source, ends: cabc.Mapping[TopicPartition, int], *, fetch: bool
    ) -> dict[TopicPartition, tuple[int, int]]:
        return offsets_behind(source, ends, fetch=fetch) if self.settings.is_read_committed else {}
