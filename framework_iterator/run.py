"""The whole life of one run: resolve, assign, fetch, hand out, count, close."""

from __future__ import annotations

import collections.abc as cabc
import logging
import operator
import time
from typing import Any, Generic, NamedTuple, TypeVar

from framework import BrokerTimeoutError, Message
from framework.deserializers import Decoders
from framework.types import Partition
from framework_iterator import plan, starts
from framework_iterator.plan import Plan
from framework_iterator.progress import Progress
from framework_iterator.report import Ended, Report
from framework_iterator.source import Event, Kind, Source
from framework_iterator.starts import Committed, Facts
from framework_iterator.subscription import Subscription

P = TypeVar("P")

logger = logging.getLogger(__name__)


class Options(NamedTuple):
    """What a run needs to know besides its plan; durations in seconds."""

    decoders: cabc.Mapping[str, Decoders]
    limit: int | None
    follow: bool
    yield_none: bool
    max_wait: float
    stall_timeout: float


def resolve(source: Source, subscription: Subscription, *, follow: bool, reset: str) -> Plan:
    """Make the plan: with the same few requests for one partition and for a thousand."""
    now = time.time_ns() // 1_000_000
    spans = subscription.over(source.partitions(subscription.topics))
    watermarks = source.watermarks(spans)
    start_moments = {key: starts.moment(span.start, now) for key, span in spans.items()}
    until_moments = {key: starts.moment(span.until, now) for key, span in spans.items()}
    at_start = source.offsets_at({key: moment for key, moment in start_moments.items() if moment is not None})
    at_until = source.offsets_at({key: moment for key, moment in until_moments.items() if moment is not None})
    committed = source.committed([key for key, span in spans.items() if span.start == Committed()])
    facts = {
        key: Facts(*watermarks[key], at_moment=at_start.get(key), committed=committed.get(key), reset=reset)
        for key in spans
    }
    return plan.resolve(spans, facts, at_until, follow=follow)


class Run(Generic[P]):
    """One run over a plan. All its state is here, and goes with it.

    A round: fetch, admit what lies below the ends, hand it out, count it, and only then look at the
    events that came with it. So a partition never ends before its last message was handed out, and
    a loop that is left in the middle of a batch counts what it has seen.
    """

    def __init__(self, source: Source, planned: Plan, options: Options) -> None:
        """Take over the source; the run closes it."""
        self._source = source
        self._options = options
        self._progress = Progress(planned)
        self._left = options.limit
        self._closed = False
        # The batch that is being handed out: a list's iterator knows how much of it is left, and
        # ends when the list is emptied.
        self._natives: list[Any] = []
        self._batch: list[Message[P]] = []
        self._cursor = iter(self._batch)
        self._counted = 0

    @property
    def is_closed(self) -> bool:
        """Whether it is over."""
        return self._closed

    @property
    def report(self) -> Report:
        """A snapshot, up to the message that was handed out last."""
        self._count()
        return self._progress.report()

    def messages(self) -> cabc.Generator[Message[P]]:
        """The messages; however this generator is left, the run is closed."""
        try:
            yield from self._rounds()
        except Exception as error:
            self._progress.over(Ended.ERROR, error)
            raise
        finally:
            self.close()

    def close(self) -> None:
        """Leave Kafka now. What is still running counts as closed by the reader."""
        if not self._closed:
            self._closed = True
            self._count()
            self._progress.over(Ended.CLOSED)
            # What was fetched and not handed out is nobody's any more.
            self._batch.clear()
            self._natives, self._counted = [], 0
            self._source.close()

    def _rounds(self) -> cabc.Generator[Message[P]]:
        source, progress, options = self._source, self._progress, self._options
        idle = 0.0
        if progress.is_running and self._left != 0:
            source.assign(progress.positions())
        while progress.is_running and self._left != 0:
            began = time.monotonic()
            messages, events = source.fetch(options.max_wait)
            idle += time.monotonic() - began
            if admitted := progress.admit(messages):
                idle = 0.0
                yield from self._hand_out(admitted)
                self._count()
            elif options.yield_none and not messages and not events:
                yield None  # type: ignore[misc]  # asked for; Message[P] keeps loops without it simple
            if self._closed:
                return
            if self._left == 0:
                break
            progress.finish_batch()
            self._answer(events)
            if ended := progress.take_ended():
                idle = 0.0
                if progress.is_running:
                    source.drop(ended)
            if idle > options.stall_timeout and not options.follow:
                raise BrokerTimeoutError(self._stalled())
        progress.over(Ended.LIMIT if progress.is_running else Ended.END)

    def _hand_out(self, natives: list[Any]) -> cabc.Iterator[Message[P]]:
        """The batch as messages, cut to the limit; to be followed by `_count`."""
        if self._left is not None:
            natives = natives[: self._left]
            self._left -= len(natives)
        decoders = self._options.decoders
        if len(decoders) == 1:
            # One topic: nothing to look up per message.
            [(topic, decoder)] = decoders.items()
            self._batch = [Message(native, topic, decoder) for native in natives]
        else:
            self._batch = [Message(native, topic := native.topic(), decoders[topic]) for native in natives]
        self._natives, self._counted, self._cursor = natives, 0, iter(self._batch)
        return self._cursor

    def _count(self) -> None:
        """Count what was handed out of the batch since the last time."""
        given = len(self._natives) - operator.length_hint(self._cursor)
        if given > self._counted:
            self._progress.count(self._natives[self._counted : given])
            self._counted = given

    def _answer(self, events: cabc.Sequence[Event]) -> None:
        # After damage librdkafka tells an end that isn't one: nothing was delivered before it.
        damaged = {event.partition for event in events if event.kind is Kind.DAMAGED}
        for event in events:
            match event.kind:
                case Kind.END if event.partition not in damaged:
                    self._progress.at_end(event.partition, event.offset)
                case Kind.GONE:
                    self._skip(event.partition)
                case Kind.UNKNOWN:
                    self._source.partitions([event.partition[0]])
        for partition in damaged & self._progress.positions().keys():
            self._source.move(partition, self._progress.positions()[partition])

    def _skip(self, partition: Partition) -> None:
        """Go on behind what Kafka has removed, and say so."""
        before = self._progress.report()[partition]
        low, high = self._source.watermarks([partition])[partition]
        resume = self._progress.gone(partition, low, high)
        if resume is not None:
            self._source.move(partition, resume)
        if lost := self._progress.report()[partition].lost - before.lost:
            logger.warning(
                "%s-%d: %d offsets from %d on were removed before they could be read; going on.",
                *(*partition, lost, before.position),
            )

    def _stalled(self) -> str:
        waiting = ", ".join(
            f"{topic}-{number}@{offset}" for (topic, number), offset in self._progress.positions().items()
        )
        return (
            f"Nothing came for {self._options.stall_timeout:g} s while waiting for {waiting}. "
            "Is the broker alive? What was read so far stands in the report; "
            "the stall_timeout of the App sets the time."
        )
