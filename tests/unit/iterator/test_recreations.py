"""A followed topic that gets another id was recreated, and is read from its first message."""

from __future__ import annotations

from typing import cast

import pytest

from framework_iterator.progress.delivery import Admitted
from framework_iterator.progress.progress import Progress
from framework_iterator.reading.recreations import CHECK_EVERY, Recreations
from framework_iterator.reading.source import Source
from tests.clock import Clock
from tests.unit.iterator.fakes import F0, F1, W0, FakeSource, natives, plan_of


class Watching:
    """A run that has read flights-0 to offset 50, and knows the ids of its topics."""

    def __init__(self, *, is_watching: bool = True) -> None:
        self.source, self.clock = FakeSource(), Clock()
        self.source.ids = {"flights": "f1", "weather": "w1"}
        self.progress = Progress(plan_of(F0, F1, W0, stop=None))
        self.recreations = Recreations(
            cast("Source", self.source), self.progress, is_watching=is_watching, clock=self.clock
        )
        self.progress.count(Admitted(natives(F0, 49)))
        self.look()

    def look(self) -> list[tuple[str, object]]:
        """Let the time pass, look, and take the answer; return what was asked and done."""
        before = len(self.source.calls)
        self.clock.now += CHECK_EVERY
        for _ in range(2):
            self.recreations.handle()
        return self.source.calls[before:]


ASKED = ("ask", ["flights", "weather"])


def test_a_topic_with_another_id_is_read_from_offset_0_in_each_partition(
    caplog: pytest.LogCaptureFixture,
) -> None:
    watching = Watching()
    watching.source.ids["flights"] = "f2"
    assert watching.look() == [ASKED, ("add", {F0: 0, F1: 0})]
    assert watching.progress.positions() == {F0: 0, F1: 0, W0: 0}
    assert caplog.messages == ["flights: topic recreated. Reading the new topic from its first message."]


def test_a_partition_that_was_read_twice_still_accounts_for_each_message() -> None:
    watching = Watching()
    watching.source.ids["flights"] = "f2"
    watching.look()
    watching.progress.count(Admitted(natives(F0, 0, 1)))
    partition = watching.progress.report()[F0]
    assert (partition.messages, partition.start, partition.position) == (3, -50, 2)


def test_the_same_ids_change_nothing(caplog: pytest.LogCaptureFixture) -> None:
    watching = Watching()
    assert watching.look() == [ASKED]
    assert watching.progress.positions()[F0] == 50
    assert caplog.messages == []


def test_an_id_that_was_answered_before_is_no_other_topic() -> None:
    # Of a cluster, in which one broker learns of it later than another.
    watching = Watching()
    watching.source.ids["flights"] = "f2"
    watching.look()
    watching.progress.count(Admitted(natives(F0, 9)))
    for known in ("f1", "f2"):
        watching.source.ids["flights"] = known
        assert watching.look() == [ASKED]
    assert watching.progress.positions()[F0] == 10


def test_an_id_that_is_unknown_for_a_while_changes_nothing() -> None:
    watching = Watching()
    for ids in ({}, {"flights": "f1"}):
        watching.source.ids = ids
        assert watching.look() == [ASKED]
    assert watching.progress.positions()[F0] == 50


def test_ids_are_asked_for_at_once_and_then_every_five_seconds() -> None:
    watching = Watching()
    for _ in range(10):
        watching.recreations.handle()
    assert watching.source.calls.count(ASKED) == 1
    assert watching.look() == [ASKED]


def test_a_finite_run_asks_for_no_id() -> None:
    watching = Watching(is_watching=False)
    assert watching.look() == []
    assert watching.recreations.check(["flights"]) == set()
    assert watching.source.calls == []


def test_nothing_is_asked_about_a_topic_whose_id_is_unknown() -> None:
    watching = Watching()
    assert watching.recreations.check(["orders"]) == set()
    assert watching.recreations.check(["weather"]) == set()
    assert watching.source.calls[-1] == ("ask", ["weather"])
