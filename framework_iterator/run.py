"""The whole life of one run: resolve, assign, fetch, hand out, count, commit, close."""

from __future__ import annotations

import collections.abc as cabc
import logging
import operator
import os
import time
import weakref
from typing import Any, Generic, NamedTuple, TypeVar

from framework import BrokerTimeoutError, CommitError, Message
from framework.deserializers import Decoders
from framework.types import Partition
from framework_iterator import plan, starts
from framework_iterator.bar import Bar
from framework_iterator.errors import NotIteratingError
from framework_iterator.marks import Marks
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
    progress: bool


def resolve(source: Source, subscription: Subscription, *, follow: bool, reset: str) -> Plan:
    """Make the plan: with the same few requests for one partition and for a thousand."""
    now = _now()
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
    return plan.resolve(spans, facts, at_until, until_moments=until_moments, follow=follow)


class Run(Generic[P]):
    """One run over a plan. All its state is here, and goes with it.

    A round: fetch, admit what lies below the ends, hand it out, count it, and only then look at the
    events that came with it. So a partition never ends before its last message was handed out, and
    a loop that is left in the middle of a batch counts what it has seen.

    `stop` may be called from any thread and from a signal handler: it sets a flag, at which the
    loop looks after each message. Everything else belongs to the loop's thread.
    """

    def __init__(self, options: Options) -> None:
        """Nothing happens yet; `begin` follows with the first message."""
        self._options = options
        self._marks = Marks()
        self._generator: weakref.ref[Any] | None = None
        # The batch that is being handed out; a list's iterator knows how much of it is left.
        self._natives: list[Any] = []
        self._events: cabc.Sequence[Event] = ()
        self._cursor: cabc.Iterator[Message[P]] = iter(())
        self._counted = 0
        self._handed_out = 0
        # Seconds of waiting: since a message or an end came, and since the reader was given anything.
        self._idle = self._quiet = 0.0
        self._stopped = self._closed = self._orphaned = False
        # The loop looks at it after each message: something was asked that can't wait for the next batch.
        self._interrupted = False

    def begin(self, source: Source, planned: Plan) -> None:
        """Take over the source, which the run will close, and start reading."""
        self._source = source
        self._progress = Progress(planned)
        self._bar = Bar("reading", None if self._options.follow else planned.count, self._options.progress)
        _live.add(self)
        if self._progress.is_running and self._options.limit != 0:
            source.assign(self._progress.positions())

    def messages(self, begin: cabc.Callable[[Run[P]], None]) -> cabc.Generator[Message[P]]:
        """The messages; however this generator is left, the run is closed."""
        begin(self)
        try:
            while (batch := self._next_batch()) is not None:
                # A look at a flag costs 3 ns a message, and with one generator less in the chain
                # this loop is as fast as `yield from`.
                for message in batch:
                    yield message
                    if self._interrupted:
                        break
        except GeneratorExit:
            self.close(quietly=self._is_dropped)
            raise
        except BaseException as error:
            self._fail(error)
            raise
        self.close()

    def watch(self, generator: cabc.Generator[Message[P]]) -> None:
        """Know the generator of `messages`, without keeping it alive."""
        self._generator = weakref.ref(generator)

    # What the reader may ask

    @property
    def is_closed(self) -> bool:
        """Whether it is over."""
        return self._closed

    @property
    def report(self) -> Report:
        """A snapshot, up to the message that was handed out last."""
        self._count()
        return self._progress.report()

    @property
    def remaining(self) -> int:
        """How many offsets are still to come, as far as they were there when the plan was made."""
        self._count()
        return self._progress.remaining()

    def stop(self) -> None:
        """End after the current message, or within `max_wait` when idle."""
        self._stopped = self._interrupted = True

    def stop_partition(self, partition: Partition) -> None:
        """Hand out nothing more of a partition, of what was fetched already neither."""
        if partition not in self._progress:
            raise NotIteratingError(f"{partition[0]}-{partition[1]} isn't read by this run.")
        self._count()
        self._progress.stop(partition)
        self._interrupted = True

    def current_partition(self) -> Partition:
        """The partition of the message that was handed out last."""
        self._count()
        if not self._counted:
            raise NotIteratingError("There is no current message, and so no current partition.")
        native = self._natives[self._counted - 1]
        return native.topic(), native.partition()

    def mark(self, message: Message[Any], *, blocking: bool) -> None:
        """This message and those before it are done with: commit the offset behind it for the group."""
        partition = message.topic, message.partition
        if partition not in self._progress:
            raise NotIteratingError(f"{message} isn't of this run, so it can't be marked here.")
        self._marks.mark(partition, message.offset + 1)
        if blocking:
            self._commit()
        else:
            self._commit_soon()

    def close(self, *, quietly: bool = False, within: float | None = None) -> None:
        """Commit the marks and leave Kafka now; what is still running counts as closed by the reader.

        What fails in the commit is raised, or logged where nobody could catch it (`quietly`).
        """
        if self._closed:
            return
        self._closed = self._interrupted = True
        self._count()
        self._progress.over(Ended.CLOSED)
        try:
            self._commit(within)
        except CommitError as error:
            self._progress.failed(error)
            if not quietly:
                raise
            logger.error("%s", error)
        finally:
            # What was fetched and not handed out is nobody's any more.
            self._natives, self._cursor, self._counted = [], iter(()), 0
            self._bar.close(self._progress.behind(), self._handed_out)
            self._source.close()
            _live.discard(self)

    def orphan(self) -> None:
        """In a forked child: the run is the parent's, who goes on unharmed."""
        self._orphaned = self._closed = self._interrupted = True
        self._source.abandon()

    # The rounds

    def _next_batch(self) -> cabc.Iterator[Message[P]] | None:
        """The next messages to hand out, or None when the run is over."""
        if self._orphaned:
            raise NotIteratingError(
                f"This run is of the process that forked this one ({os.getpid()}). Start a new run here."
            )
        self._count()
        rest = self._natives[self._counted :]
        self._interrupted = False
        while not (self._closed or self._stopped or self._handed_out == self._options.limit):
            if admitted := self._progress.admit(rest):
                return self._hand_out(admitted)
            self._finish_round()
            if not self._progress.is_running:
                break
            if self._options.yield_none and self._quiet >= self._options.max_wait:
                self._quiet = 0.0
                nothing: list[Any] = [None]
                return iter(nothing)
            rest = self._fetch()
        self._progress.over(self._outcome())
        return None

    def _outcome(self) -> Ended:
        if self._stopped:
            return Ended.STOPPED
        return Ended.LIMIT if self._progress.is_running else self._progress.outcome()

    def _fetch(self) -> list[Any]:
        options = self._options
        began = time.monotonic()
        max_wait = options.max_wait - self._quiet if options.yield_none else options.max_wait
        messages, self._events = self._source.fetch(max_wait)
        waited = time.monotonic() - began
        self._idle += waited
        self._quiet += waited
        return messages

    def _hand_out(self, natives: list[Any]) -> cabc.Iterator[Message[P]]:
        """The batch as messages, cut to the limit."""
        if self._options.limit is not None:
            natives = natives[: self._options.limit - self._handed_out]
        decoders = self._options.decoders
        batch: list[Message[P]]
        if len(decoders) == 1:
            # One topic: nothing to look up per message.
            [(topic, decoder)] = decoders.items()
            batch = [Message(native, topic, decoder) for native in natives]
        else:
            batch = [Message(native, topic := native.topic(), decoders[topic]) for native in natives]
        self._natives, self._counted, self._cursor = natives, 0, iter(batch)
        self._idle = self._quiet = 0.0
        return self._cursor

    def _count(self) -> None:
        """Count what was handed out of the batch since the last time."""
        given = len(self._natives) - operator.length_hint(self._cursor)
        if given > self._counted:
            self._progress.count(self._natives[self._counted : given])
            self._handed_out += given - self._counted
            self._counted = given

    def _finish_round(self) -> None:
        """All that was admitted is handed out: now the ends and events that came with it count."""
        progress = self._progress
        progress.finish_batch()
        events, self._events = self._events, ()
        self._answer(events)
        self._pin_what_is_due()
        if ended := progress.take_ended():
            self._idle = 0.0
            if progress.is_running:
                self._source.drop(ended)
        self._bar.show(progress.behind(), self._handed_out)
        self._commit_soon()
        if self._idle > self._options.stall_timeout and not self._options.follow:
            raise BrokerTimeoutError(self._stalled())

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

    def _pin_what_is_due(self) -> None:
        """Following ends a partition when the clock passes its moment: there, or where the log ends then."""
        if due := self._progress.due(_now()):
            offsets = self._source.offsets_at(due)
            watermarks = self._source.watermarks(due)
            for partition, offset in offsets.items():
                self._progress.pin(partition, watermarks[partition][1] if offset is None else offset)

    # Commits

    def _commit_soon(self) -> None:
        for confirmed, refused in self._source.take_commits():
            self._marks.confirm(confirmed)
            self._marks.refuse(refused)
        if due := self._marks.due(time.monotonic()):
            self._source.commit_soon(due)

    def _commit(self, within: float | None = None) -> None:
        """Commit all marks that the broker hasn't confirmed; nothing is sent where nothing was marked."""
        if unconfirmed := self._marks.unconfirmed():
            self._source.commit(unconfirmed, within)
            self._marks.confirm(unconfirmed)

    # The ways out

    def _fail(self, error: BaseException) -> None:
        """Close after an exception of the run's own, or one that was thrown into it."""
        self._count()
        if isinstance(error, Exception):
            self._progress.over(Ended.ERROR, error)
        # Ctrl-C waits for no broker.
        self.close(
            quietly=True, within=self._options.max_wait if isinstance(error, KeyboardInterrupt) else None
        )

    @property
    def _is_dropped(self) -> bool:
        # Python clears weak references to an object before it finalises it: so where ours is dead,
        # nobody holds the generator any more, and nobody could catch what is raised in it.
        return self._generator is not None and self._generator() is None

    def _stalled(self) -> str:
        waiting = ", ".join(
            f"{topic}-{number}@{offset}" for (topic, number), offset in self._progress.positions().items()
        )
        return (
            f"Nothing came for {self._options.stall_timeout:g} s while waiting for {waiting}. "
            "Is the broker alive? What was read so far stands in the report; "
            "the stall_timeout of the App sets the time."
        )


def _now() -> int:
    return time.time_ns() // 1_000_000


_live: weakref.WeakSet[Run[Any]] = weakref.WeakSet()


def _orphan_all() -> None:
    for run in list(_live):
        run.orphan()
    _live.clear()


os.register_at_fork(after_in_child=_orphan_all)
