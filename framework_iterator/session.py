"""The whole life of one run: assign, fetch, hand out, count, commit, close."""

from __future__ import annotations

import _thread
import atexit
import collections.abc as cabc
import logging
import os
import threading
import time
import weakref
from typing import Any, Generic, NamedTuple, TypeVar

from framework import CommitError, Message
from framework.deserializers import Decoders
from framework.types import Partition
from framework_iterator.progress_bar import Bar
from framework_iterator.batch import Batch
from framework_iterator.committing.commits import Commits
from framework_iterator.errors import NotIteratingError
from framework_iterator.planning.plan import Plan
from framework_iterator.progress import Progress
from framework_iterator.report import Ended, Report
from framework_iterator.reading.events import Rounds
from framework_iterator.reading.source import Source

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


class Run(Generic[P]):
    """One run over a plan. All its state is here, and goes with it.

    A round: fetch, admit what lies below the ends, hand it out, count it, and only then look at the
    events that came with it (`Rounds.finish`). So a partition never ends before its last message was
    handed out, and a loop that is left in the middle of a batch counts what it has seen.

    `stop` may be called from any thread and from a signal handler: it sets a flag, at which the
    loop looks after each message. Everything else belongs to the loop's thread.
    """

    def __init__(self, options: Options) -> None:
        """Nothing happens yet; `begin` follows with the first message."""
        self._options = options
        self._generator: weakref.ref[Any] | None = None
        self._batch: Batch[P] = Batch([], options.decoders)
        self._pid = os.getpid()
        self._handed_out = 0
        self._counting = threading.RLock()
        self._stopped = self._orphaned = False
        self._over = threading.Event()
        self._closed = True  # until there is something to close
        self._unheard: CommitError | None = None
        # The loop looks at it after each message: something was asked that can't wait for the next batch.
        self._interrupted = False

    def begin(self, source: Source, planned: Plan) -> None:
        """Take over the source, which the run will close, and start reading."""
        options = self._options
        self._source = source
        self._commits = Commits(source.committer)
        self._progress = Progress(planned)
        self._rounds = Rounds(source, self._progress, None if options.follow else options.stall_timeout)
        if self._progress.is_running and options.limit != 0:
            source.assign(self._progress.positions())
        # Last, what would have to be undone if one of the above failed: the bar has a thread.
        total = planned.count if options.limit is None else min(planned.count, options.limit)
        self._bar = Bar("reading", None if options.follow else total, options.progress, self._wake)
        _live.add(self)
        self._closed = False

    def messages(self, begin: cabc.Callable[[Run[P]], None]) -> cabc.Generator[Message[P]]:
        """The messages; however this generator is left, the run is closed."""
        try:
            begin(self)
            while (batch := self._next_batch()) is not None:
                # A look at a flag costs 3 ns a message, and with one generator less in the chain
                # this loop is as fast as `yield from`.
                for message in batch:
                    yield message
                    if self._interrupted:
                        break
        except GeneratorExit:
            self._leave()
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
    def is_of_this_process(self) -> bool:
        """Whether it was made here, and not before a fork."""
        return self._pid == os.getpid()

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
        native = self._batch.last
        if native is None:
            raise NotIteratingError("There is no current message, and so no current partition.")
        return native.topic(), native.partition()

    def mark(self, message: Message[Any], *, blocking: bool) -> None:
        """This message and those before it are done with: commit the offset behind it for the group."""
        partition = message.topic, message.partition
        if partition not in self._progress:
            raise NotIteratingError(f"{message} isn't of this run, so it can't be marked here.")
        self._commits.mark(partition, message.offset + 1, blocking=blocking)

    def close(self, *, quietly: bool = False, within: float | None = None) -> None:
        """Commit the marks and leave Kafka now; what is still running counts as closed by the reader.

        What fails in the commit is raised, or logged where nobody could catch it (`quietly`). Then a
        later call that is not quiet raises it, once: that of a `with` block, after a `break` in it.
        """
        if self._closed:
            unheard, self._unheard = self._unheard, None
            if unheard is not None and not quietly:
                raise unheard
            return
        self._closed = self._interrupted = True
        try:
            self._count()
            self._progress.over(Ended.CLOSED)
            self._commits.flush(within)
        except CommitError as error:
            self._progress.failed(error)
            if not quietly:
                raise
            logger.error("%s", error)
            self._unheard = error
        except BaseException as error:
            self._progress.failed(error)
            raise
        finally:
            # What was fetched and not handed out is nobody's any more.
            self._batch = Batch([], self._options.decoders)
            try:
                self._source.close()
            finally:  # also when Ctrl-C ends the waiting: the bar has a thread
                _live.discard(self)
                self._over.set()
                self._bar.close(self._progress.behind, self._handed_out)

    def close_at_exit(self, within: float) -> None:
        """The process ends: commit and leave now, while threads can still be started."""
        generator = None if self._generator is None else self._generator()
        if generator is None or not generator.gi_running:
            self.close(quietly=True, within=within)
        elif self._commits.are_pending:
            # A daemon thread is in there just now, and would end with the process: have it close the run.
            self.stop()
            self._over.wait(within)

    def orphan(self) -> None:
        """In a forked child: the run is the parent's, who goes on unharmed."""
        self._orphaned = self._closed = self._interrupted = True
        self._progress.over(Ended.CLOSED)
        # Whoever held it is no thread of this process.
        self._counting = threading.RLock()
        self._source.abandon()

    # The rounds

    def _wake(self) -> None:
        """Have the loop look up from its batch."""
        self._interrupted = True

    def _next_batch(self) -> cabc.Iterable[Message[P]] | None:
        """The next messages to hand out, or None when the run is over."""
        if self._orphaned:
            raise NotIteratingError(
                f"This run is of the process that forked this one ({os.getpid()}). Start a new run here."
            )
        self._count()
        rest = self._batch.rest()
        self._interrupted = False
        self._bar.show(self._progress.behind, self._handed_out)
        while not (self._closed or self._stopped or self._handed_out == self._options.limit):
            if admitted := self._progress.admit(rest):
                return self._hand_out(admitted)
            self._rounds.finish()
            self._commits.turn()
            if not self._progress.is_running:
                break
            if self._options.yield_none and self._rounds.take_silence(self._options.max_wait):
                nothing: list[Any] = [None]
                return nothing
            rest = self._rounds.fetch(self._options.max_wait)
        self._progress.over(self._outcome())
        return None

    def _outcome(self) -> Ended:
        if self._stopped:
            return Ended.STOPPED
        return Ended.LIMIT if self._progress.is_running else self._progress.outcome()

    def _hand_out(self, natives: list[Any]) -> Batch[P]:
        """The batch, cut to the limit."""
        if self._options.limit is not None:
            natives = natives[: self._options.limit - self._handed_out]
        self._batch = Batch(natives, self._options.decoders)
        self._rounds.came()
        return self._batch

    def _count(self) -> None:
        """Count what was handed out of the batch since the last time."""
        # Locked, for those who look at the report from another thread, once a batch.
        with self._counting:
            if given := self._batch.take_given():
                self._progress.count(given)
                self._handed_out += len(given)

    # The ways out

    def _fail(self, error: BaseException) -> None:
        """Close after an exception of the run's own, or one that was thrown into it."""
        if self._closed:
            return
        self._count()
        if isinstance(error, Exception):
            self._progress.over(Ended.ERROR, error)
        self.close(quietly=True, within=self.patience(error))

    def _leave(self) -> None:
        """Close at the end of the generator: somebody closes it, or nobody holds it any more."""
        is_dropped = self._is_dropped
        try:
            self.close(quietly=is_dropped)
        except KeyboardInterrupt:
            if not is_dropped:
                raise
            # Here Python would print it and go on, as if nobody had pressed Ctrl-C: so press it again.
            _thread.interrupt_main()

    def patience(self, error: BaseException | None) -> float | None:
        """How long a commit may take, in seconds, after this exception: Ctrl-C waits for no broker."""
        # Long enough for one that is well, however short max_wait is.
        return max(0.2, self._options.max_wait) if isinstance(error, KeyboardInterrupt) else None

    @property
    def _is_dropped(self) -> bool:
        # Python clears weak references to an object before it finalises it: so where ours is dead,
        # nobody holds the generator any more, and nobody could catch what is raised in it.
        return self._generator is not None and self._generator() is None


_live: weakref.WeakSet[Run[Any]] = weakref.WeakSet()


def _orphan_all() -> None:
    for run in list(_live):
        run.orphan()
    _live.clear()


_AT_EXIT = 10.0
"""Seconds that a process's end may take for the commits of all its live runs."""


def _close_all() -> None:
    deadline = time.monotonic() + _AT_EXIT
    for run in list(_live):
        run.close_at_exit(max(0.2, deadline - time.monotonic()))


os.register_at_fork(after_in_child=_orphan_all)
# A generator that a module or a shell still holds is finalised too late to close anything.
atexit.register(_close_all)
