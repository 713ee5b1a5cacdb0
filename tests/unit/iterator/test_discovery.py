from __future__ import annotations

import logging
from typing import Any, cast

import pytest

from framework import BrokerUnavailableError
from framework.types import TopicPartition
from framework_iterator.planning.growth import Growth
from framework_iterator.planning.starts import Moment, Offset
from framework_iterator.progress.progress import Progress
from framework_iterator.reading.discovery import DISCOVER_EVERY, YOUNG_FOR, Discovery
from framework_iterator.reading.source import Source
from tests.clock import Clock
from tests.unit.iterator.fakes import F0, F1, W0, FakeSource, plan_of

F2 = TopicPartition("flights", 2)
FOREVER: Growth = {"flights": None}
AWAY = BrokerUnavailableError("No broker answered.")


class Discovering:
    """A discovery with its source, progress and clock: partitions from 0 to `stop`."""

    def __init__(
        self, *partitions: TopicPartition, growth: Growth = FOREVER, stop: int | None = None
    ) -> None:
        self.clock = Clock()
        self.source = FakeSource()
        self.source.answers_at_once = False
        self.progress = Progress(plan_of(*(partitions or (F0,)), stop=stop))
        self.discovery = Discovery(cast("Source", self.source), self.progress, growth, self.clock)

    def after(self, seconds: float) -> int:
        """Handle after so many seconds; return how many look-ups there were so far."""
        self.clock.now += seconds
        self.discovery.handle()
        return len(self.source.lookups)

    def answer(self, *partitions: TopicPartition, error: BrokerUnavailableError | None = None) -> None:
        """Answer the latest look-up, and handle it."""
        found: dict[str, list[int]] = {}
        for key in partitions:
            found.setdefault(key.topic, []).append(key.partition)
        self.source.lookups[-1].error = error
        self.source.lookups[-1].found = found
        self.discovery.handle()

    def added(self) -> list[Any]:
        return [what for name, what in self.source.calls if name == "add"]

    def end(self, *partitions: TopicPartition) -> None:
        for key in partitions:
            self.progress.at_end(key, 100)


# When to look


def test_the_first_look_is_five_seconds_after_the_start() -> None:
    of = Discovering()
    assert [of.after(4.999), of.after(0.001)] == [0, 1]
    assert of.source.calls == [("find_partitions", ["flights"])]


def test_looks_are_five_seconds_apart_also_while_messages_arrive() -> None:
    of = Discovering()
    looked_at = []
    for tenth in range(1, 200):
        before = len(of.source.lookups)
        if of.after(0.1) > before:
            looked_at.append(tenth)
            of.answer(F0)
    assert looked_at == [pytest.approx(50, abs=1), pytest.approx(100, abs=2), pytest.approx(150, abs=3)]


def test_one_look_is_in_progress_at_a_time() -> None:
    of = Discovering()
    assert [of.after(DISCOVER_EVERY), of.after(60)] == [1, 1]
    of.answer(F0)
    assert of.after(0) == 2


def test_all_topics_that_grow_are_one_request() -> None:
    of = Discovering(F0, W0, growth={"flights": None, "weather": None})
    of.after(DISCOVER_EVERY)
    assert of.source.calls == [("find_partitions", ["flights", "weather"])]


def test_nothing_is_looked_up_where_no_topic_grows() -> None:
    of = Discovering(growth={})
    assert (of.after(1000), of.discovery.may_find_more) == (0, False)


def test_nothing_is_looked_up_where_there_is_nothing_to_read_from_the_start() -> None:
    of = Discovering(stop=0)
    assert (of.after(1000), of.discovery.may_find_more) == (0, False)


# What is found


def test_new_partitions_are_added_and_read_from_their_first_message() -> None:
    of = Discovering()
    of.after(DISCOVER_EVERY)
    of.answer(F0, F2, F1)
    assert of.added() == [{F1: 0, F2: 0}]
    assert of.progress.positions() == {F0: 0, F1: 0, F2: 0}


@pytest.mark.parametrize(("end", "stop"), [(Offset(7), 7), (Moment(5000), None)], ids=["offset", "moment"])
def test_new_partitions_get_the_end_of_their_topic(end: Offset | Moment, stop: int | None) -> None:
    of = Discovering(growth={"flights": end}, stop=100)
    of.after(DISCOVER_EVERY)
    of.answer(F0, F1)
    assert of.progress.report()[F1].stop == stop
    assert bool(of.progress.due(5000)) is isinstance(end, Moment)


def test_several_growths_in_one_interval_are_found_together_and_later_ones_later() -> None:
    of = Discovering()
    of.after(DISCOVER_EVERY)
    of.answer(F0, F1)
    of.after(DISCOVER_EVERY)
    of.answer(F0, F1, F2)
    assert of.added() == [{F1: 0}, {F2: 0}]


@pytest.mark.parametrize("found", [[], [F1], [F0]], ids=["no-topic", "not-the-first", "as-before"])
def test_partitions_that_are_missing_for_a_moment_are_neither_removed_nor_added_again(
    found: list[TopicPartition],
) -> None:
    of = Discovering(F0, F1)
    of.after(DISCOVER_EVERY)
    of.answer(*found)
    of.after(DISCOVER_EVERY)
    of.answer(F0, F1)
    assert (of.added(), list(of.progress.positions())) == ([], [F0, F1])


def test_a_partition_that_was_stopped_is_not_new() -> None:
    of = Discovering(F0, F1)
    of.progress.stop(F1)
    of.after(DISCOVER_EVERY)
    of.answer(F0, F1)
    assert (of.added(), list(of.progress.positions())) == ([], [F0])


def test_a_partition_is_young_for_ten_seconds_after_it_was_found() -> None:
    of = Discovering()
    of.after(DISCOVER_EVERY)
    of.answer(F0, F1)
    assert (of.discovery.is_young(F0), of.discovery.is_young(F1)) == (False, True)
    of.clock.now += YOUNG_FOR
    assert not of.discovery.is_young(F1)


# Topics that were stopped


def test_a_topic_whose_partitions_were_all_stopped_is_not_looked_up_any_more() -> None:
    of = Discovering(F0, F1, W0, growth={"flights": None, "weather": None})
    of.progress.stop(F0)
    of.after(DISCOVER_EVERY)
    of.answer(F0, F1, W0)
    of.progress.stop(F1)
    of.after(DISCOVER_EVERY)
    assert [look.topics for look in of.source.lookups] == [["flights", "weather"], ["weather"]]


def test_a_topic_that_was_stopped_while_it_was_looked_up_gets_nothing_new() -> None:
    of = Discovering(F0, W0, growth={"flights": None, "weather": None})
    of.after(DISCOVER_EVERY)
    of.progress.stop(F0)
    of.answer(F0, F1, W0)
    assert of.added() == []


def test_a_run_whose_partitions_were_all_stopped_looks_no_more() -> None:
    of = Discovering()
    of.progress.stop(F0)
    assert (of.discovery.may_find_more, of.after(0)) == (False, 0)


# The last look


def test_a_run_that_has_reached_its_ends_looks_once_more() -> None:
    of = Discovering(growth={"flights": Offset(100)}, stop=100)
    of.end(F0)
    assert of.discovery.may_find_more
    assert of.after(0) == 1
    of.answer(F0)
    assert (of.discovery.may_find_more, of.after(60)) == (False, 1)


def test_a_look_that_began_before_the_end_is_not_the_last() -> None:
    of = Discovering(growth={"flights": Offset(100)}, stop=100)
    of.after(DISCOVER_EVERY)
    of.end(F0)
    of.answer(F0)
    assert (of.discovery.may_find_more, len(of.source.lookups)) == (True, 2)
    of.answer(F0)
    assert not of.discovery.may_find_more


def test_what_the_last_look_finds_is_read_and_followed_by_another_look() -> None:
    of = Discovering(growth={"flights": Offset(100)}, stop=100)
    of.end(F0)
    of.after(0)
    of.answer(F0, F1)
    assert of.progress.positions() == {F1: 0}
    of.end(F1)
    assert (of.discovery.may_find_more, of.after(0)) == (True, 2)
    of.answer(F0, F1)
    assert not of.discovery.may_find_more


# A broker that is away


def test_a_look_that_fails_is_logged_once_and_retried_after_five_seconds(
    caplog: pytest.LogCaptureFixture,
) -> None:
    of = Discovering()
    for _ in range(3):
        of.after(DISCOVER_EVERY)
        of.answer(error=AWAY)
    assert caplog.messages == ["No broker answered. The look-up of new partitions failed. Retrying."]
    of.after(DISCOVER_EVERY)
    of.answer(F0, F1)
    assert of.added() == [{F1: 0}]


def test_a_last_look_that_fails_is_logged_and_the_run_ends(caplog: pytest.LogCaptureFixture) -> None:
    of = Discovering(growth={"flights": Offset(100)}, stop=100)
    of.end(F0)
    of.after(0)
    of.answer(error=AWAY)
    assert not of.discovery.may_find_more
    assert caplog.messages == ["No broker answered. New partitions may not have been read."]


def test_what_was_added_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    of = Discovering()
    of.after(DISCOVER_EVERY)
    with caplog.at_level(logging.INFO):
        of.answer(F0, F1, F2)
    assert caplog.messages == ["New partitions: flights-1, flights-2. Reading them from their first message."]
