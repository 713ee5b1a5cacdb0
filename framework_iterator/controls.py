"""What a loop, a signal handler or another thread does to a live run: report, stop, mark, close."""

from __future__ import annotations

import types
from typing import Any, Self

from framework import Message, Topic
from framework.types import TopicPartition
from framework_iterator.batch import Batch
from framework_iterator.current_run import CurrentRun
from framework_iterator.errors import InvalidOptionError
from framework_iterator.process_bound import ProcessBound
from framework_iterator.recipe import Recipe
from framework_iterator.report import Report
from framework_iterator.session import Session


class Controls(ProcessBound):
    """The part of an Iterator that concerns its live run, or the latest one."""

    _recipe: Recipe
    _runs: CurrentRun

    @property
    def report(self) -> Report | None:
        """What the latest run has read; None before it has started to read."""
        session = self._runs.latest
        return None if session is None else session.report

    def stop(self) -> None:
        """End the run after the current message; an idle one ends within `max_wait`.

        May be called from any thread, and from a signal handler. A run that waits for a broker to answer a
        request ends when it has, or after the app's `broker_timeout`.
        """
        self._runs.stop()

    def stop_partition(self, topic: str | Topic[Any], partition: int) -> None:
        """Give no further message of this partition, nor of those that were fetched already.

        When all partitions are stopped, the run ends.
        """
        name = topic if isinstance(topic, str) else topic.name
        self._runs.live().stop_partition(TopicPartition(name, partition))

    def stop_current_partition(self) -> None:
        """Stop the partition of the message that was given last."""
        self._runs.live().stop_current_partition()

    def mark_as_consumed(self, message: Message[Any] | Batch[Any], *, blocking: bool = False) -> None:
        """Commit that a message, or a batch, was consumed: a run with the start True starts after it.

        Marks are committed in the background once a second, and at the end of the run, however it ends. The
        last mark of a partition wins. What the broker refuses is a CommitError: here when blocking, else at
        the end of the run. With `order="newest"` a mark is an InvalidOptionError: what is older would count
        as consumed.

        Args:
            message: A message or a batch of the live run.
            blocking: Return when the broker has committed it. In a coroutine: `amark_as_consumed(message)`.
        """
        session = self._session_to_mark()
        if blocking:
            session.control.check_may_block("mark_as_consumed(blocking=True)", "amark_as_consumed(message)")
        session.mark(message, blocking=blocking)

    def _session_to_mark(self) -> Session:
        if self._recipe.order == "newest":
            raise InvalidOptionError(
                'Marks are refused with order="newest": they would skip the older messages, which come later.'
            )
        return self._runs.live()

    def close(self) -> None:
        """End the live run, if there is one, and commit its marks.

        A commit that fails is a CommitError, also that of a run which a `break` ended before.
        """
        self._runs.close()

    def __enter__(self) -> Self:
        """Return itself; the end of the `with` block closes a live run."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: types.TracebackType | None,
    ) -> None:
        """Close a live run; a commit that fails doesn't replace an exception of the block's."""
        self._runs.close(quiet=error is not None, timeout=self._recipe.commit_timeout(error))
