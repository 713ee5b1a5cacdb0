"""One run: open; fetch, admit, stages, give, count, handle events and ends, again and again; close.

`loops` opens a session, gives what it reads to a loop, and closes it; `asynchronous` gives it to `async for`.
"""

from __future__ import annotations

import functools
import logging
import threading
from typing import Any, Self

from framework import CallbackError, CommitError, FrameworkError, Message
from framework.types import TopicPartition
from framework_iterator import open_sessions
from framework_iterator.batch import Batch, ByTopic
from framework_iterator.committing.commits import Commits, next_offsets
from framework_iterator.control import Control, State, raise_ctrl_c_again
from framework_iterator.errors import NotIteratingError
from framework_iterator.planning.plan import Plan
from framework_iterator.progress.delivery import Admitted, Delivery
from framework_iterator.progress.handover import Handover
from framework_iterator.progress_bar import ProgressBar
from framework_iterator.reading.source import Source
from framework_iterator.recipe import Recipe
from framework_iterator.report import Ended, Report

logger = logging.getLogger(__name__)


class Session:
    """One run over a plan, with all its state.

    Events are answered, and ends are reached, only when everything that was fetched before them has been
    given. So a partition never ends before its last message was given, and a loop that is left in the
    middle of a batch has counted what it has seen.
    """

    @classmethod
    def open(cls, recipe: Recipe, control: Control) -> Self:
        """Return a session that is connected, planned and assigned; if that fails, the clients are closed."""
        source = recipe.connect()
        try:
            deserializers = recipe.deserializers()  # while the client connects: some import a library
            return cls(recipe, control, source, recipe.make_plan(source), deserializers)
        except BaseException:
            source.close(timeout=0.0)
            raise

    def __init__(
        self, recipe: Recipe, control: Control, source: Source, plan: Plan, deserializers: ByTopic
    ) -> None:
        """Take over the source, which `close` closes, and assign what there is to read."""
        self._recipe = recipe
        self.control = control
        self._state = State.READING
        self._source = source
        self._commits = Commits(source.committer)
        self._progress = recipe.track(plan)
        self._pipeline = recipe.pipeline(source, self._progress, plan, deserializers)
        self.handover: Handover = Handover(self._progress, deserializers, recipe.limit)
        self._closed = threading.Event()
        self._unraised: CommitError | CallbackError | None = (
            None  # logged by a quiet close(); the next one raises it
        )
        if self._progress.is_running and recipe.limit != 0:  # with nothing to read, nothing is fetched
            self._pipeline.start()
        # Last, because it has a thread: if something above fails, there is nothing to undo.
        self._bar = ProgressBar("reading", recipe.total(plan), recipe.progress, control.interrupt)
        open_sessions.add(self)

    def next(self, least: int, most: int) -> Delivery | None:
        """Return the next delivery, which `handover` gives; an empty one makes the loop give None.

        None itself ends the run.

        Args:
            least: It waits `max_wait` seconds for so many messages.
            most: How many messages it has at most.
        """
        if self._state is State.DETACHED:
            raise NotIteratingError("This run belongs to the process that forked this one. Start a new one.")
        delivery = self.handover.rest()  # counts what was given, and returns what the loop has left
        self.control.resume()
        self.control.serve()
        self._bar.update(self.handover.done, self.handover.given)
        has_fetched = False
        while not (self.is_closed or self.control.stop_requested or self.handover.left == 0):
            if delivery.admitted.messages:  # fetched; len(delivery) is what the stages left of them
                delivery = delivery.first(self.handover.left)
                self.handover.begin(delivery)
                if len(delivery):
                    self._pipeline.patience.on_given()
                    return delivery
                self.handover.count()  # stages removed all messages: they count as read
                self._bar.update(self.handover.done, self.handover.given)
            self._pipeline.handle_events()
            self._commits.poll()
            if has_fetched:
                self.control.serve()
                self.control.pause()
            if self._pipeline.is_finished:
                break
            # Only after a fetch: where requests outlast `max_wait`, it would give None and never fetch.
            if has_fetched and self._pipeline.patience.take_silence(self._recipe.silence):
                return Delivery(Admitted([]))
            delivery = self._pipeline.gather(min(least, self.handover.left), most, self.control)
            if self.control.interrupted:  # a test of a message may have stopped its partition
                delivery = delivery.rest(self._progress.is_reading)
            has_fetched = True
        self._pipeline.raise_if_it_ended_the_run()
        self._progress.finish(Ended.STOPPED if self.control.stop_requested else self._progress.outcome())
        self._source.serve_callbacks()  # here what they raise can still be raised
        self._recipe.log_notes(self._source, self._progress, self._pipeline.unreadable)
        return None

    # Report, stop, mark

    @property
    def is_closed(self) -> bool:
        """Whether it was closed, or was open when this process was forked and is the parent's."""
        return self._state is not State.READING

    @property
    def report(self) -> Report:
        """A snapshot, up to what was given last; from any thread."""
        return self.handover.report()

    @property
    def remaining(self) -> int:
        """How many offsets are left, of those that existed when the plan was made."""
        return self.handover.remaining()

    def stop_partition(self, partition: TopicPartition) -> None:
        """Give no further message of a partition, not even those that were fetched already."""
        if partition not in self._progress:
            raise NotIteratingError(f"{partition} isn't read by this run.")
        self.control.run(functools.partial(self._stop_partition, partition))

    def _stop_partition(self, partition: TopicPartition) -> None:
        self.handover.count()
        self._progress.stop(partition)
        self.control.interrupt()

    def stop_current_partition(self) -> None:
        """Stop the partition of the message that was given last."""
        self.stop_partition(self.handover.current_partition())

    def mark(self, marked: Message[Any] | Batch[Any], *, blocking: bool) -> None:
        """Commit the offset after a message, or of a batch after the highest message of each partition."""
        offsets = next_offsets(marked if isinstance(marked, Batch) else [marked])
        for key, offset in offsets.items():
            if key not in self._progress:
                raise NotIteratingError(f"{key}@{offset - 1} isn't of this run, so it can't be marked here.")
        run = self.control.run_and_wait if blocking else self.control.run
        run(functools.partial(self._commits.mark, offsets, blocking=blocking))

    # Close

    def __enter__(self) -> Self:
        """Return itself; the end of the block closes it."""
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        """Close it: the run ended (no error), failed (an error), or the loop was left (GeneratorExit)."""
        if error is None:
            self.close()
        elif isinstance(error, GeneratorExit):
            self._close_generator()
        elif not self.is_closed:
            self.handover.count()
            # What `where` or a signal handler raises (a time limit of Celery's) is no failure of the run: it
            # counts like an exception in the loop.
            if isinstance(error, FrameworkError) and error is not self._pipeline.raised:
                self._progress.finish(Ended.ERROR, error)
                self._progress.record_error(error)  # of a run that had ended already
            self.close(quiet=True, timeout=self._recipe.commit_timeout(error))

    def _close_generator(self) -> None:
        is_dropped = self.control.is_dropped
        try:
            self.close(quiet=is_dropped)
        except KeyboardInterrupt:
            if not is_dropped:
                raise
            raise_ctrl_c_again()

    def close(self, *, quiet: bool = False, timeout: float | None = None) -> None:
        """Commit the marks and close the clients; partitions still running are reported as "closed".

        With `quiet`, a commit that fails is logged, because nobody could catch it; the next call without
        `quiet`, such as that of a `with` block, raises it.
        """
        if self.is_closed:
            unraised, self._unraised = self._unraised, None
            if unraised is not None and not quiet:
                raise unraised
            return
        self._state = State.CLOSED
        self.control.interrupt()
        try:
            self.handover.count()
            self._progress.finish(Ended.CLOSED)
            self._commits.flush(timeout)
        except BaseException as error:
            self._progress.record_error(error)
            if not (quiet and isinstance(error, CommitError | CallbackError)):
                raise
            logger.error("%s", error)
            self._unraised = error
        finally:
            self._release()

    def _release(self) -> None:
        try:
            self._source.close()
        finally:  # also when Ctrl-C ends the wait: the bar has a thread
            self.handover.clear()
            self._pipeline.clear()
            open_sessions.discard(self)
            self._closed.set()
            self._bar.close(self.handover.done, self.handover.given)

    def close_at_exit(self, timeout: float) -> None:
        """Commit and close at the end of the process."""
        if not self.control.is_executing:
            self.close(quiet=True, timeout=timeout)
        elif self._commits.are_pending:
            # A daemon thread executes the loop, and would end with the process: have it close the run.
            self.control.request_end(functools.partial(self.close, quiet=True, timeout=timeout))
            self._closed.wait(timeout)

    def detach(self) -> None:
        """In a forked child: leave the run, and its clients, to the parent."""
        self._state = State.DETACHED
        self.control.interrupt()
        self.handover.reset_lock()
        self._progress.finish(Ended.CLOSED)
        self._source.abandon()
