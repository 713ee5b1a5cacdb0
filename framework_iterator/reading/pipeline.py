"""Fetch, admit, run the stages: what leads from a feed to a delivery."""

from __future__ import annotations

from typing import Final

from framework.retry import Deadline
from framework.types import NativeMessage
from framework_iterator.batch import Batch, ByTopic
from framework_iterator.control import Control
from framework_iterator.progress.delivery import Admitted, Delivery
from framework_iterator.reading.feed import Feed, Nothing
from framework_iterator.reading.patience import Patience
from framework_iterator.reading.source import FETCH_SIZE
from framework_iterator.selecting.keys import KeyEquals
from framework_iterator.selecting.stages import SkipUnreadable, Stages, Unreadable, run_stages

_MOST_ADMITTED: Final = 10_000
"""Messages that are fetched for one delivery at most, where stages remove nearly all of them."""
_TEST_FOR: Final = 0.01
"""Seconds that messages are tested ahead of the loop: a slow test delays what has passed by no more."""


class Pipeline:
    """Makes deliveries of what a feed gives, and has events answered between them.

    Args:
        feed: Gives admitted messages.
        patience: Learns how long the run has waited.
        stages: What the messages have to pass.
        deserializers: Of each topic.
        max_wait: Seconds that a fetch waits for a message, and a delivery for more once it has one.
    """

    def __init__(
        self, feed: Feed, patience: Patience, *, stages: Stages, deserializers: ByTopic, max_wait: float
    ) -> None:
        """Nothing was fetched yet."""
        self.patience = patience
        self.deserializers = deserializers
        self._feed = feed
        self._stages = stages
        self._has_stages = any(stages)
        self._max_wait = max_wait
        self._untested: list[NativeMessage] = []
        self.raised: BaseException | None = None
        """What a test of the user has raised. It comes after the messages that passed before it."""
        self._raised_last = False  # the same test has stopped the run, or closed it

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to read."""
        return not self._untested and self._feed.is_finished

    def start(self) -> None:
        """Start to read."""
        self._feed.start()

    def clear(self) -> None:
        """Release what was fetched and not given, and fetch no more: a test may have closed the run."""
        self._feed, self._untested, self.raised = Nothing(), [], None

    @property
    def unreadable(self) -> Unreadable:
        """Why the first message was skipped that can't be read, and why a key is no other; None for none."""
        tests = self._stages.tests
        return Unreadable(
            next((each.first for each in tests if isinstance(each, SkipUnreadable) and each.first), None),
            next((each.first for each in tests if isinstance(each, KeyEquals) and each.first), None),
        )

    def handle_events(self) -> None:
        """Handle events, and end partitions whose end was reached: everything fetched has been given.

        What a test has raised is raised here.
        """
        if self.raised is not None:
            raise self.raised
        if not self._untested:
            self._feed.handle_events()

    def raise_if_it_ended_the_run(self) -> None:
        """Raise what a test has raised after it stopped the run, so that no later call will raise it."""
        if self._raised_last and self.raised is not None:
            raise self.raised

    def gather(self, least: int, most: int, control: Control) -> Delivery:
        """Return what has arrived; empty where nothing has after `max_wait` seconds.

        Args:
            least: It fetches until there are so many messages, `max_wait` seconds after the first, or
                until an event has to be answered first.
            most: How many messages there are at most.
            control: Says whether the run was stopped meanwhile.
        """
        gathered = self._fetch(self._max_wait, most, control)
        deadline = Deadline(self._max_wait)
        while 0 < len(gathered) < least and self._has_more and not control.stop_requested:
            if deadline.has_passed or len(gathered.admitted.messages) >= _MOST_ADMITTED:
                break
            gathered.admitted.free_removed()
            control.pause()
            gathered += self._fetch(deadline.remaining, most - len(gathered), control)
        return gathered

    @property
    def _has_more(self) -> bool:
        return self.raised is None and (bool(self._untested) or self._feed.has_more)

    def _fetch(self, max_wait: float, most: int, control: Control) -> Delivery:
        if not self._has_stages:
            return Delivery(self._feed.fetch(max_wait, min(most, FETCH_SIZE)))
        untested, self._untested = self._untested, []
        admitted = self._feed.admit(untested) if untested else self._feed.fetch(max_wait, FETCH_SIZE)
        with self.patience.testing():
            return self._run_stages(admitted, most, control)

    def _run_stages(self, admitted: Admitted[NativeMessage], most: int, control: Control) -> Delivery:
        deadline = Deadline(_TEST_FOR)
        batch, fates, examined, self.raised = run_stages(
            self._stages,
            Batch(admitted.messages, self.deserializers),
            most,
            lambda: control.stop_requested or deadline.has_passed,
        )
        self._raised_last = self.raised is not None and control.interrupted
        if examined < len(admitted.messages):
            self._untested = admitted.messages[examined:]
            admitted = Admitted(admitted.messages[:examined])
        admitted.fates = fates
        return Delivery(admitted, batch)
