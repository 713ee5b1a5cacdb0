from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.types import TopicPartition
from framework_iterator import Ended, PartitionReport, Plan, PlannedPartition
from framework_iterator.progress.delivery import Admitted, Fate
from framework_iterator.progress.progress import Progress

F0, F1, W0 = TopicPartition("flights", 0), TopicPartition("flights", 1), TopicPartition("weather", 0)


@dataclasses.dataclass(frozen=True)
class At:
    """A message, as far as its place and time go."""

    key: TopicPartition
    at: int
    moment: int = 0

    def topic(self) -> str:
        return self.key[0]

    def partition(self) -> int:
        return self.key[1]

    def offset(self) -> int:
        return self.at

    def timestamp(self) -> tuple[int, int]:
        return 1, self.moment


def at(key: TopicPartition, *offsets: int) -> list[At]:
    return [At(key, offset) for offset in offsets]


def running(**stops: int | None) -> Progress:
    """Partitions from offset 0 to these ends: `running(F0=10, W0=None)`."""
    keys = {"F0": F0, "F1": F1, "W0": W0}
    planned = [PlannedPartition(*keys[name], 0, stop or 0, 0, stop) for name, stop in stops.items()]
    return Progress(Plan(tuple(planned)))


def admit(progress: Progress, batch: list[At]) -> list[At]:
    return progress.admit(batch).messages


def count(progress: Progress, messages: list[At]) -> None:
    progress.count(Admitted(messages))


def hand_out(progress: Progress, batch: list[At]) -> list[At]:
    """One round without events, as a run does it."""
    admitted = admit(progress, batch)
    count(progress, admitted)
    progress.settle()
    return admitted


# What a plan begins with


def test_a_plan_without_partitions_is_over_at_once() -> None:
    progress = Progress(Plan(()))
    assert not progress.is_running
    assert progress.positions() == {}
    assert progress.report().partitions == ()


@pytest.mark.parametrize(("start", "stop"), [(7, 7), (8, 7), (0, 0)])
def test_a_partition_with_nothing_to_read_has_ended_and_lies_where_it_started(start: int, stop: int) -> None:
    progress = Progress(Plan((PlannedPartition("flights", 0, 0, 9, start, stop),)))
    assert not progress.is_running
    assert progress.report()[F0].ended is Ended.END
    assert progress.report()[F0].position == start


def test_a_partition_with_nothing_to_read_was_never_there_to_be_dropped() -> None:
    progress = running(F0=0, F1=5)
    assert progress.take_ended() == []
    assert progress.positions() == {F1: 0}


def test_what_comes_for_a_partition_with_nothing_to_read_is_not_admitted() -> None:
    assert admit(running(F0=0, F1=5), at(F0, 0, 1)) == []


def test_what_comes_for_a_partition_that_is_not_in_the_plan_is_not_admitted() -> None:
    progress = running(F0=5)
    assert admit(progress, [*at(F1, 0), *at(F0, 0)]) == at(F0, 0)
    progress.at_end(F1, 99)
    assert progress.skip_to_available(F1, 3, 9) is None
    assert progress.positions() == {F0: 0}


# The three ways to the end


def test_the_message_just_before_the_end_ends_it() -> None:
    progress = running(F0=3)
    assert hand_out(progress, at(F0, 0, 1)) == at(F0, 0, 1)
    assert progress.is_running
    assert hand_out(progress, at(F0, 2)) == at(F0, 2)
    assert not progress.is_running


@pytest.mark.parametrize("past", [3, 4, 1000])
def test_a_message_past_the_end_ends_it_without_any_message_just_before(past: int) -> None:
    progress = running(F0=3)
    assert hand_out(progress, at(F0, 0, past)) == at(F0, 0)
    assert not progress.is_running
    assert progress.report()[F0].position == 3


def test_a_message_past_the_end_alone_in_its_batch_ends_it() -> None:
    progress = running(F0=3)
    hand_out(progress, at(F0, 0))
    assert hand_out(progress, at(F0, 3)) == []
    assert not progress.is_running


@pytest.mark.parametrize("offset", [3, 4, 1000])
def test_where_the_last_offsets_are_markers_only_the_event_ends_it(offset: int) -> None:
    progress = running(F0=3)
    hand_out(progress, at(F0, 0))
    assert progress.is_running
    progress.at_end(F0, offset)
    assert not progress.is_running
    assert progress.report()[F0].position == 3


@pytest.mark.parametrize("offset", [-1, 0, 1, 2])
def test_an_event_below_the_end_is_only_the_end_of_what_has_arrived(offset: int) -> None:
    progress = running(F0=3)
    progress.at_end(F0, offset)
    assert progress.positions() == {F0: 0}
    assert hand_out(progress, at(F0, 0, 1, 2)) == at(F0, 0, 1, 2)


def test_a_partition_without_a_single_message_ends_by_its_event() -> None:
    progress = running(F0=3)
    progress.at_end(F0, 3)
    assert not progress.is_running
    assert progress.report().messages == 0


# Events that come again


def test_an_event_that_comes_twice_ends_no_other_partition() -> None:
    progress = running(F0=3, F1=3)
    progress.at_end(F0, 3)
    progress.at_end(F0, 3)
    assert progress.positions() == {F1: 0}


def test_an_event_for_a_partition_that_ended_by_a_message_changes_nothing() -> None:
    progress = running(F0=3, F1=3)
    hand_out(progress, at(F0, 0, 1, 2))
    before = progress.report()
    progress.at_end(F0, 5)
    assert progress.report() == before
    assert progress.is_running


def test_a_partition_is_told_as_ended_once() -> None:
    progress = running(F0=3, F1=3)
    hand_out(progress, at(F0, 0, 1, 2))
    progress.at_end(F0, 3)
    assert progress.take_ended() == [F0]
    assert progress.take_ended() == []


# Batches


def test_an_empty_batch_changes_nothing() -> None:
    progress = running(F0=3)
    before = progress.report()
    assert hand_out(progress, []) == []
    assert progress.report() == before


def test_a_batch_below_all_ends_is_handed_out_as_it_is() -> None:
    batch = at(F0, 0, 1)
    assert admit(running(F0=3), batch) is batch


def test_nothing_at_or_past_the_end_is_admitted() -> None:
    assert admit(running(F0=3), at(F0, 0, 1, 2, 3, 4, 9)) == at(F0, 0, 1, 2)


def test_partitions_with_the_same_number_are_told_apart_by_their_topics() -> None:
    progress = running(F0=2, W0=5)
    batch = [*at(F0, 1), *at(W0, 1), *at(F0, 2), *at(W0, 4)]
    assert hand_out(progress, batch) == [*at(F0, 1), *at(W0, 1), *at(W0, 4)]
    assert not progress.is_running


def test_the_order_of_arrival_is_kept_when_some_are_not_admitted() -> None:
    batch = [*at(F1, 0), *at(F0, 1), *at(F1, 1), *at(F0, 2), *at(F1, 2)]
    assert admit(running(F0=2, F1=9), batch) == [*at(F1, 0), *at(F0, 1), *at(F1, 1), *at(F1, 2)]


def test_prefetched_messages_of_a_partition_that_ended_are_not_admitted() -> None:
    progress = running(F0=2, F1=9)
    hand_out(progress, at(F0, 0, 1))
    assert hand_out(progress, [*at(F0, 2), *at(F1, 0), *at(F0, 3)]) == at(F1, 0)
    assert progress.report()[F0].messages == 2


def test_offsets_that_were_compacted_away_are_passed_over_and_not_lost() -> None:
    progress = running(F0=100)
    assert hand_out(progress, at(F0, 3, 40, 99)) == at(F0, 3, 40, 99)
    report = progress.report()[F0]
    assert (report.position, report.messages, report.lost, report.ended) == (100, 3, 0, Ended.END)


# A batch that is being handed out


def test_a_partition_whose_end_was_seen_runs_until_its_batch_is_handed_out() -> None:
    progress = running(F0=2)
    batch = admit(progress, at(F0, 0, 2))
    assert batch == at(F0, 0)
    assert progress.is_running
    count(progress, batch)
    assert progress.is_running
    progress.settle()
    assert not progress.is_running


def test_leaving_in_the_middle_counts_only_what_was_seen() -> None:
    progress = running(F0=10)
    batch = admit(progress, at(F0, 0, 1, 2, 9))
    count(progress, batch[:2])
    progress.finish(Ended.CLOSED)
    report = progress.report()[F0]
    assert (report.messages, report.position, report.ended) == (2, 2, Ended.CLOSED)


def test_what_was_left_in_the_middle_does_not_come_to_its_end_afterwards() -> None:
    progress = running(F0=3)
    count(progress, admit(progress, at(F0, 0, 1, 2, 3))[:1])
    progress.finish(Ended.STOPPED)
    progress.settle()
    progress.at_end(F0, 3)
    report = progress.report()[F0]
    assert (report.messages, report.position, report.ended) == (1, 1, Ended.STOPPED)


def test_counting_in_parts_is_counting_the_whole() -> None:
    progress = running(F0=4, W0=4)
    batch = admit(progress, [*at(F0, 0, 1), *at(W0, 0), *at(F0, 2), *at(W0, 2)])
    for part in (batch[:1], batch[1:1], batch[1:4], batch[4:]):
        count(progress, part)
    assert progress.positions() == {F0: 3, W0: 3}
    assert [each.messages for each in progress.report().partitions] == [3, 2]


def test_what_was_counted_already_counts_once_however_much_stands_behind_it() -> None:
    progress = running(F0=10, W0=10)
    count(progress, at(F0, 0, 1))
    count(progress, [*at(F0, 0, 1, 2), *at(W0, 0)])  # Ctrl-C has ended the first attempt
    count(progress, [*at(F0, 0, 1, 2), *at(W0, 0)])
    assert [(each.messages, each.position) for each in progress.report()] == [(3, 3), (1, 1)]


def test_what_was_seen_before_the_run_failed_may_be_counted_after_it() -> None:
    progress = running(F0=3)
    batch = admit(progress, at(F0, 0, 1, 2))
    progress.finish(Ended.ERROR)
    count(progress, batch)
    report = progress.report()[F0]
    assert (report.messages, report.position, report.ended) == (3, 3, Ended.ERROR)


def test_counting_the_message_just_before_the_end_ends_the_partition() -> None:
    progress = running(F0=3, F1=3)
    hand_out(progress, at(F0, 0, 1))
    count(progress, at(F0, 2))
    assert progress.report()[F0].ended is Ended.END
    assert progress.is_running


def test_an_event_that_came_with_a_batch_is_heard_after_it_was_handed_out() -> None:
    progress = running(F0=3)
    batch = admit(progress, at(F0, 0, 1))
    count(progress, batch[:1])
    assert progress.report()[F0].ended is None
    count(progress, batch[1:])
    progress.settle()
    assert progress.is_running
    progress.at_end(F0, 3)
    report = progress.report()[F0]
    assert (report.messages, report.position, report.ended) == (2, 3, Ended.END)


# Following


def test_without_an_end_neither_messages_nor_events_end_it() -> None:
    progress = running(F0=None)
    assert hand_out(progress, at(F0, 0, 10**12)) == at(F0, 0, 10**12)
    progress.at_end(F0, 10**12 + 1)
    assert progress.positions() == {F0: 10**12 + 1}
    assert progress.report()[F0].stop is None


def test_behind_a_marker_a_followed_partition_waits_at_its_end_all_the_same() -> None:
    progress = running(F0=None, F1=None)
    hand_out(progress, at(F0, 0))
    assert progress.waiting_at_end() == {}
    progress.at_end(F0, 2)  # offset 1 is the marker
    assert progress.waiting_at_end() == {F0: 2}
    hand_out(progress, at(F0, 2))
    assert progress.waiting_at_end() == {}


# Offsets that are gone


def test_what_retention_removed_is_lost_and_reading_goes_on_behind_it() -> None:
    progress = running(F0=10)
    hand_out(progress, at(F0, 0, 1))
    assert progress.skip_to_available(F0, 6, 12) == 6
    assert hand_out(progress, at(F0, 6, 7, 8, 9)) == at(F0, 6, 7, 8, 9)
    report = progress.report()[F0]
    assert (report.messages, report.lost, report.position, report.ended) == (6, 4, 10, Ended.END)


@pytest.mark.parametrize("low", [10, 11, 500])
def test_when_retention_removed_all_that_was_left_the_partition_has_ended(low: int) -> None:
    progress = running(F0=10)
    hand_out(progress, at(F0, 0, 1))
    assert progress.skip_to_available(F0, low, 500) is None
    report = progress.report()[F0]
    assert (report.lost, report.position, report.ended) == (8, 10, Ended.END)
    assert progress.take_ended() == [F0]


@pytest.mark.parametrize("high", [0, 3])
def test_what_a_log_that_was_cut_took_back_is_lost(high: int) -> None:
    progress = running(F0=10)
    hand_out(progress, at(F0, 0, 1, 2, 3))
    assert progress.skip_to_available(F0, 0, high) is None
    report = progress.report()[F0]
    assert (report.messages, report.lost, report.position, report.ended) == (4, 6, 10, Ended.END)


def test_a_log_that_was_made_anew_is_read_up_to_its_end_and_the_rest_is_lost() -> None:
    progress = running(F0=10)
    hand_out(progress, at(F0, 0, 1, 2, 3))
    progress.at_end(F0, 5)
    assert progress.is_truncated(F0, 5)
    assert progress.skip_to_available(F0, 0, 5) is None
    report = progress.report()[F0]
    assert (report.messages, report.lost, report.position, report.ended) == (4, 5, 10, Ended.END)


def test_a_log_that_was_made_anew_and_has_nothing_that_was_planned_is_lost_after_its_end() -> None:
    progress = running(F0=10)
    progress.at_end(F0, 5)
    assert progress.skip_to_available(F0, 0, 5) is None
    report = progress.report()[F0]
    assert (report.lost, report.gaps, report.position, report.ended) == (5, 5, 10, Ended.END)


@pytest.mark.parametrize("high", [6, 9], ids=["its end was not seen", "it has grown"])
def test_what_a_log_that_was_made_anew_still_has_is_read_first(high: int) -> None:
    progress = running(F0=10)
    progress.at_end(F0, 5)
    assert progress.skip_to_available(F0, 0, high) == 0
    assert progress.report().lost == 0


def test_an_end_below_the_planned_one_that_the_broker_takes_back_is_none() -> None:
    progress = running(F0=10)
    progress.at_end(F0, 5)
    assert progress.skip_to_available(F0, 0, 10) == 0
    assert progress.report().lost == 0


@pytest.mark.parametrize(
    ("stop", "high", "end", "cut"),
    [
        pytest.param(10, 12, 9, True, id="below-its-end"),
        pytest.param(10, 12, 10, False, id="at-its-end"),
        pytest.param(20, 12, 11, False, id="its-end-lies-ahead"),
        pytest.param(None, 12, 11, False, id="without-an-end"),
    ],
)
def test_a_log_is_cut_where_it_ends_before_what_was_there_and_planned(
    stop: int | None, high: int, end: int, cut: bool
) -> None:
    progress = Progress(Plan((PlannedPartition(*F0, 0, high, 0, stop),)))
    assert progress.is_truncated(F0, end) is cut
    assert not progress.is_truncated(F1, end)


def test_following_goes_on_at_the_end_of_a_log_that_was_cut() -> None:
    progress = running(F0=None)
    hand_out(progress, at(F0, 0, 1, 2, 3))
    assert progress.skip_to_available(F0, 0, 2) == 2
    assert progress.positions() == {F0: 2}
    assert hand_out(progress, at(F0, 2)) == at(F0, 2)


def test_following_counts_what_retention_removed() -> None:
    progress = running(F0=None)
    hand_out(progress, at(F0, 0))
    assert progress.skip_to_available(F0, 100, 120) == 100
    assert progress.report().lost == 99


@pytest.mark.parametrize(("low", "high"), [(0, 10), (2, 10), (0, 2)])
def test_a_position_that_is_still_there_is_where_to_go_on(low: int, high: int) -> None:
    progress = running(F0=10)
    hand_out(progress, at(F0, 0, 1))
    assert progress.skip_to_available(F0, low, high) == 2
    assert progress.report().lost == 0


def test_losing_the_same_offsets_twice_counts_them_once() -> None:
    progress = running(F0=10)
    assert progress.skip_to_available(F0, 6, 12) == 6
    assert progress.skip_to_available(F0, 6, 12) == 6
    assert progress.report().lost == 6


def test_a_partition_that_ended_loses_nothing_more() -> None:
    progress = running(F0=2, F1=2)
    hand_out(progress, at(F0, 0, 1))
    assert progress.skip_to_available(F0, 50, 60) is None
    assert progress.report().lost == 0


# A moment that ends what is followed


def followed(until: int | None = 5_000, high: int = 0, start: int = 0) -> Progress:
    """Partitions 0 and 1 of flights, both to be followed; 0 until a moment."""
    return Progress(
        Plan(
            (
                PlannedPartition("flights", 0, 0, high, start, None, until),
                PlannedPartition("flights", 1, 0, 0, 0, None),
            )
        )
    )


@pytest.mark.parametrize(("now", "due"), [(4_999, {}), (5_000, {F0: 5_000}), (9_999, {F0: 5_000})])
def test_a_moment_is_due_when_the_clock_has_come_to_it(now: int, due: dict[TopicPartition, int]) -> None:
    assert followed().due(now) == due


def test_a_partition_without_a_moment_is_never_due() -> None:
    assert followed(until=None).due(2**60) == {}


def test_the_first_moment_of_all_is_one_as_well() -> None:
    assert followed(until=0).due(0) == {F0: 0}


def test_a_partition_that_was_stopped_or_pinned_is_not_due_any_more() -> None:
    stopped, pinned = followed(), followed()
    stopped.stop(F0)
    pinned.pin(F0, 10)
    assert stopped.due(9_999) == pinned.due(9_999) == {}


def test_a_pinned_partition_is_read_up_to_its_end() -> None:
    progress = followed()
    hand_out(progress, at(F0, 0, 1))
    progress.pin(F0, 4)
    assert progress.report()[F0].stop == 4
    assert hand_out(progress, at(F0, 2, 3, 4, 5)) == at(F0, 2, 3)
    assert (progress.report()[F0].ended, progress.positions()) == (Ended.END, {F1: 0})


@pytest.mark.parametrize("stop", [0, 1, 2])
def test_an_end_that_is_behind_us_is_here(stop: int) -> None:
    progress = followed()
    hand_out(progress, at(F0, 0, 1))
    progress.pin(F0, stop)
    report = progress.report()[F0]
    assert (report.stop, report.position, report.messages, report.ended) == (2, 2, 2, Ended.END)
    assert progress.take_ended() == [F0]


def test_where_the_last_offsets_are_markers_the_end_that_was_told_before_is_remembered() -> None:
    progress = followed()
    hand_out(progress, at(F0, 0, 1))
    progress.at_end(F0, 4)
    progress.pin(F0, 4)
    report = progress.report()[F0]
    assert (report.position, report.messages, report.ended) == (4, 2, Ended.END)


def test_without_an_end_that_was_reported_a_pinned_partition_is_read_from_its_start() -> None:
    progress = followed()
    progress.pin(F0, 1)
    assert progress.positions() == {F0: 0, F1: 0}
    assert hand_out(progress, at(F0, 0)) == at(F0, 0)
    assert progress.positions() == {F1: 0}


def test_an_end_that_was_told_before_the_log_was_cut_is_forgotten() -> None:
    # It went to 100; made anew, it has 20 messages, and then grows to the end at 25.
    progress = followed(start=100, high=100)
    progress.at_end(F0, 100)
    assert progress.skip_to_available(F0, 0, 20) == 20
    progress.pin(F0, 25)
    assert progress.positions() == {F0: 20, F1: 0}
    assert hand_out(progress, at(F0, 20, 24)) == at(F0, 20, 24)
    assert progress.report()[F0].ended is Ended.END


def test_pinning_what_has_ended_or_is_not_read_changes_nothing() -> None:
    progress = followed()
    progress.stop(F0)
    before = progress.report()
    progress.pin(F0, 10)
    progress.pin(W0, 10)
    assert progress.report() == before


def test_the_first_message_at_the_moment_is_the_end_whatever_the_clock_says() -> None:
    progress = followed()
    batch = [At(F0, 0, 4_000), At(F0, 1, 4_999), At(F0, 2, 5_000), At(F0, 3, 4_000), At(F1, 0, 9_000)]
    assert hand_out(progress, batch) == [batch[0], batch[1], batch[4]]
    report = progress.report()
    assert (report[F0].stop, report[F0].ended, report[F1].ended) == (2, Ended.END, None)


def test_a_first_message_past_the_moment_leaves_nothing_to_read() -> None:
    progress = followed(start=7, high=7)
    assert hand_out(progress, [At(F0, 7, 6_000)]) == []
    assert (progress.report()[F0].position, progress.report()[F0].ended) == (7, Ended.END)


# Partitions that are stopped


def test_nothing_more_is_admitted_of_a_partition_that_was_stopped() -> None:
    progress = running(F0=9, F1=9)
    hand_out(progress, at(F0, 0, 1))
    progress.stop(F0)
    assert hand_out(progress, [*at(F0, 2, 8), *at(F1, 0)]) == at(F1, 0)
    report = progress.report()[F0]
    assert (report.position, report.messages, report.ended) == (2, 2, Ended.STOPPED)
    assert progress.take_ended() == [F0]


def test_a_partition_stopped_in_the_middle_of_the_batch_with_its_end_was_stopped() -> None:
    progress = running(F0=3, F1=9)
    batch = admit(progress, at(F0, 0, 1, 2))
    count(progress, batch[:1])
    progress.stop(F0)
    progress.settle()
    report = progress.report()[F0]
    assert (report.position, report.messages, report.ended) == (1, 1, Ended.STOPPED)


@pytest.mark.parametrize("again", [F0, F1, W0])
def test_stopping_what_ended_was_stopped_or_is_not_read_changes_nothing(again: TopicPartition) -> None:
    progress = running(F0=2, F1=9)
    hand_out(progress, at(F0, 0, 1))
    progress.stop(F1)
    progress.take_ended()
    before = progress.report()
    progress.stop(again)
    assert progress.report() == before
    assert progress.take_ended() == []


@pytest.mark.parametrize(
    ("stops", "stopped", "outcome"),
    [
        ({"F0": 2, "F1": 2}, [F0, F1], Ended.STOPPED),
        ({"F0": None, "F1": None}, [F0, F1], Ended.STOPPED),
        ({"F0": 2, "F1": 0}, [F0], Ended.STOPPED),
        ({"F0": 2, "F1": 2}, [F0], Ended.END),
        ({"F0": 2, "F1": 2}, [], Ended.END),
        ({"F0": 0, "F1": 0}, [], Ended.END),
        ({}, [], Ended.END),
    ],
)
def test_a_run_was_stopped_when_all_that_it_could_read_was(
    stops: dict[str, int | None], stopped: list[TopicPartition], outcome: Ended
) -> None:
    progress = running(**stops)
    for key in stopped:
        progress.stop(key)
    for key in list(progress.positions()):
        progress.at_end(key, 2)
    assert progress.outcome() is outcome


# What a progress bar asks


def test_what_remains_and_what_is_behind_add_up_to_the_plan() -> None:
    progress = running(F0=10, F1=5, W0=0)
    assert (progress.remaining(), progress.consumed()) == (15, 0)
    hand_out(progress, [*at(F0, 0, 6), *at(F1, 0)])
    assert (progress.remaining(), progress.consumed()) == (7, 8)
    progress.at_end(F0, 10)
    assert (progress.remaining(), progress.consumed()) == (4, 11)


def test_what_starts_later_counts_from_its_start() -> None:
    progress = Progress(Plan((PlannedPartition("flights", 0, 100, 250, 200, 240),)))
    hand_out(progress, at(F0, 209))
    assert (progress.remaining(), progress.consumed()) == (30, 10)


def test_of_a_partition_that_was_stopped_nothing_remains() -> None:
    progress = running(F0=10, F1=5)
    progress.stop(F0)
    assert progress.remaining() == 5


def test_following_what_remains_was_there_when_it_began() -> None:
    progress = followed(high=3)
    assert progress.remaining() == 3
    hand_out(progress, at(F0, 0, 1))
    assert progress.remaining() == 1
    hand_out(progress, at(F0, 2, 3, 4, 5))
    assert progress.remaining() == 0


def test_when_the_run_is_over_nothing_remains() -> None:
    progress = running(F0=10)
    progress.finish(Ended.CLOSED)
    assert progress.remaining() == 0


@pytest.mark.parametrize(
    ("key", "expected"),
    [(F0, True), (F1, True), (W0, False), (TopicPartition("flights", 2), False)],
)
def test_a_partition_belongs_to_a_run_also_when_it_has_ended(key: TopicPartition, expected: bool) -> None:
    progress = running(F0=0, F1=9)
    progress.stop(F1)
    assert (key in progress) is expected


# The end of the run


@pytest.mark.parametrize("ended", [Ended.STOPPED, Ended.LIMIT, Ended.CLOSED, Ended.ERROR])
def test_what_is_running_when_the_run_is_over_ended_with_it(ended: Ended) -> None:
    progress = running(F0=2, F1=2)
    hand_out(progress, at(F0, 0, 1))
    progress.finish(ended)
    report = progress.report()
    assert (report.ended, report[F0].ended, report[F1].ended) == (ended, Ended.END, ended)
    assert not progress.is_running


def test_only_the_first_reason_counts() -> None:
    progress, error = running(F0=2), ValueError("first")
    progress.finish(Ended.ERROR, error)
    progress.finish(Ended.CLOSED)
    report = progress.report()
    assert (report.ended, report.error, report[F0].ended) == (Ended.ERROR, error, Ended.ERROR)


def test_what_fails_when_the_run_is_over_stands_in_its_report() -> None:
    progress, error = running(F0=2), ValueError("late")
    progress.finish(Ended.END)
    progress.record_error(error)
    progress.record_error(ValueError("later"))
    assert (progress.report().ended, progress.report().error) == (Ended.END, error)


def test_what_fails_afterwards_does_not_replace_what_ended_the_run() -> None:
    progress, error = running(F0=2), ValueError("first")
    progress.finish(Ended.ERROR, error)
    progress.record_error(ValueError("late"))
    assert (progress.report().ended, progress.report().error) == (Ended.ERROR, error)


def test_a_report_is_a_snapshot() -> None:
    progress = running(F0=2)
    before = progress.report()
    hand_out(progress, at(F0, 0, 1))
    assert (before.messages, before[F0].ended) == (0, None)
    assert (progress.report().messages, progress.report()[F0].ended) == (2, Ended.END)


# Whatever comes


@dataclasses.dataclass
class Log:
    """A partition as the broker has it, and what a reader of it may expect."""

    key: TopicPartition
    start: int
    stop: int
    ahead: list[int]
    """The offsets still to be delivered: with gaps, and past `stop`."""

    def __post_init__(self) -> None:
        self.position = self.start
        self.is_over = self.start >= self.stop
        self.expected = [offset for offset in self.ahead if offset < self.stop]
        self.lost = 0

    @property
    def end(self) -> int:
        """The offset of an end-of-partition event: all below it was delivered."""
        return self.ahead[0] if self.ahead else max(self.stop, self.position)

    def deliver(self) -> list[At]:
        return [At(self.key, self.ahead.pop(0))] if self.ahead else []

    def lose(self, low: int) -> None:
        """Retention comes to `low`."""
        if low <= self.position or self.is_over:
            return
        self.ahead = [offset for offset in self.ahead if offset >= low]
        self.expected = [offset for offset in self.expected if offset < self.position or offset >= low]
        self.lost += min(low, self.stop) - self.position
        self.position = min(low, self.stop)
        self.is_over = self.position >= self.stop


@st.composite
def logs(draw: st.DrawFn) -> list[Log]:
    keys = draw(
        st.lists(st.sampled_from([F0, F1, W0, TopicPartition("weather", 1)]), min_size=1, unique=True)
    )
    found = []
    for key in keys:
        start, stop = draw(st.integers(0, 8)), draw(st.integers(0, 12))
        ahead = sorted(draw(st.sets(st.integers(start, 16))))
        found.append(Log(key, start, stop, ahead))
    return found


ACTIONS = ["message", "message", "message", "end", "stale end", "gone", "still there"]
rounds = st.lists(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(ACTIONS), st.integers(0, 9)), max_size=9)
)
DRAIN = [(number, action, 0) for number in range(4) for action in ["message"] * 17 + ["end", "end"]]


@given(logs(), rounds, st.integers(1, 4))
def test_each_message_below_the_end_is_handed_out_once_and_the_run_ends_when_all_ends_are_reached(
    partitions: list[Log], actions: list[list[tuple[int, str, int]]], part: int
) -> None:
    by_key = {log.key: log for log in partitions}
    progress = Progress(
        Plan(tuple(PlannedPartition(*log.key, 0, log.stop, log.start, log.stop) for log in partitions))
    )
    handed_out: dict[TopicPartition, list[int]] = {key: [] for key in by_key}
    for batch_of_actions in [*actions, DRAIN]:
        batch: list[At] = []
        events: list[tuple[Log, str, int]] = []
        for number, action, more in batch_of_actions:
            log = partitions[number % len(partitions)]
            if action == "message":
                batch += log.deliver()
            else:
                events.append((log, action, log.end if action == "end" else more))
        was_running = {log.key for log in partitions if not log.is_over}

        admitted = admit(progress, batch)
        assert admitted == [
            each for each in batch if each.key in was_running and each.at < by_key[each.key].stop
        ]
        for index in range(0, len(admitted), part):
            count(progress, admitted[index : index + part])
        progress.settle()
        for each in admitted:
            handed_out[each.key].append(each.at)
        for each in batch:
            log = by_key[each.key]
            if each.key in was_running:
                log.position = min(each.at + 1, log.stop)
                log.is_over = log.is_over or each.at >= log.stop - 1

        for log, action, number in events:
            match action:
                case "end":
                    progress.at_end(log.key, number)
                    log.is_over = log.is_over or number >= log.stop
                case "stale end":
                    progress.at_end(log.key, min(number, log.start, log.stop - 1))
                case "gone":
                    low = log.position + number
                    log.lose(low)
                    resume = progress.skip_to_available(log.key, low, low + 5)
                    assert resume == (None if log.is_over else log.position)
                case "still there":
                    resume = progress.skip_to_available(log.key, 0, max(log.position, log.stop))
                    assert resume == (None if log.is_over else log.position)

        still = {log.key for log in partitions if not log.is_over}
        assert progress.positions().keys() == still
        assert sorted(progress.take_ended()) == sorted(was_running - still)
        assert progress.is_running == bool(still)
        assert progress.report().messages == sum(map(len, handed_out.values()))

    assert not progress.is_running
    assert handed_out == {log.key: log.expected for log in partitions}
    report = progress.report()
    assert [each.lost for each in report.partitions] == [log.lost for log in partitions]
    assert [each.position for each in report.partitions] == [max(log.start, log.stop) for log in partitions]
    assert {each.ended for each in report.partitions} == {Ended.END}


@given(logs(), st.data())
def test_wherever_the_loop_is_left_just_what_was_handed_out_is_counted(
    partitions: list[Log], data: st.DataObject
) -> None:
    progress = Progress(
        Plan(tuple(PlannedPartition(*log.key, 0, log.stop, log.start, log.stop) for log in partitions))
    )
    batch = data.draw(st.permutations([log.key for log in partitions for _ in log.ahead]))
    ahead = {log.key: iter(log.ahead) for log in partitions}
    admitted = admit(progress, [At(key, next(ahead[key])) for key in batch])
    seen = admitted[: data.draw(st.integers(0, len(admitted)))]
    count(progress, seen)
    progress.finish(Ended.CLOSED)

    report = progress.report()
    assert report.messages == len(seen)
    for log in partitions:
        offsets = [each.at for each in seen if each.key == log.key]
        each = report[log.key]
        assert each.messages == len(offsets)
        assert each.position == (offsets[-1] + 1 if offsets else log.start)
        assert each.ended is (Ended.END if each.position >= log.stop else Ended.CLOSED)


# Fates


def with_fates(messages: list[At], fates: str) -> Admitted[At]:
    known = {"g": Fate.GIVEN, "f": Fate.FILTERED, "u": Fate.UNREADABLE}
    return Admitted(messages, None, bytearray(known[each] for each in fates))


def counts_of(report: PartitionReport) -> tuple[int, int, int, int, int]:
    return report.messages, report.filtered, report.unreadable, report.lost, report.gaps


def test_fates_are_counted_for_each_partition() -> None:
    progress = running(F0=9, F1=9)
    progress.count(with_fates([*at(F0, 0, 1, 2), *at(F1, 0, 1), *at(F0, 3)], "gfuffu"))
    report = progress.report()
    assert (counts_of(report[F0]), counts_of(report[F1])) == ((1, 1, 2, 0, 0), (0, 2, 0, 0, 0))
    assert progress.positions() == {F0: 4, F1: 2}


def test_fates_are_counted_up_to_where_the_loop_was_left() -> None:
    progress = running(F0=9)
    admitted = with_fates(at(F0, 0, 1, 4, 5), "fgug")
    progress.count(admitted, 0, 2)
    assert counts_of(progress.report()[F0]) == (1, 1, 0, 0, 0)
    progress.count(admitted, 2, 4)
    assert counts_of(progress.report()[F0]) == (2, 1, 1, 0, 2)


def test_what_was_counted_before_is_not_counted_again() -> None:
    """As when Ctrl-C has ended the first count after one of the partitions."""
    progress = running(F0=9, F1=9)
    batch = [*at(F0, 0, 1), *at(F1, 0), *at(F0, 2)]
    progress.count(with_fates(batch[:2], "gf"))
    for _ in range(2):
        progress.count(with_fates(batch, "gfug"))
    report = progress.report()
    assert (counts_of(report[F0]), counts_of(report[F1])) == ((2, 1, 0, 0, 0), (0, 0, 1, 0, 0))


def test_a_slice_that_was_counted_in_part_is_counted_from_there() -> None:
    progress = running(F0=9)
    progress.count(with_fates(at(F0, 0, 1), "gu"))
    progress.count(with_fates(at(F0, 0, 1, 2, 5), "gufg"))
    assert counts_of(progress.report()[F0]) == (2, 1, 1, 0, 2)


@pytest.mark.parametrize(("start", "end"), [(0, 0), (2, 2), (5, 5)])
def test_no_messages_count_nothing(start: int, end: int) -> None:
    progress = running(F0=9)
    before = progress.report()
    progress.count(with_fates(at(F0, 0, 1, 2, 3, 4), "gfugf"), start, end)
    assert progress.report() == before


def test_a_partition_that_stages_removed_entirely_comes_to_its_end() -> None:
    progress = running(F0=2)
    progress.count(with_fates(at(F0, 0, 1), "ff"))
    report = progress.report()[F0]
    assert (counts_of(report), report.ended) == ((0, 2, 0, 0, 0), Ended.END)


# Whether another fetch may bring something


def test_nothing_more_is_to_come_once_every_end_was_reached() -> None:
    progress = running(F0=2, F1=2)
    assert not progress.is_complete_with([])
    admit(progress, at(F0, 0, 1))
    assert not progress.is_complete_with([])
    admit(progress, at(F1, 1))
    assert progress.is_complete_with([])


@pytest.mark.parametrize(("offset", "is_complete"), [(1, False), (2, True), (3, True)])
def test_an_end_that_waits_for_its_answer_counts_where_it_is_the_pinned_one(
    offset: int, is_complete: bool
) -> None:
    progress = running(F0=2, F1=2)
    admit(progress, at(F1, 5))
    assert progress.is_complete_with([(F0, offset)]) is is_complete


def test_an_end_of_a_partition_that_is_not_read_completes_nothing() -> None:
    progress = running(F0=2, F1=0)
    assert not progress.is_complete_with([(F1, 9), (W0, 9)])


def test_a_partition_that_has_ended_needs_no_further_end() -> None:
    progress = running(F0=2, F1=2)
    progress.stop(F0)
    assert progress.is_complete_with([(F1, 2)])


def test_a_followed_partition_is_never_complete() -> None:
    progress = running(F0=None)
    admit(progress, at(F0, 10**12))
    assert not progress.is_complete_with([(F0, 10**12)])


# Every offset is accounted for


def test_offsets_that_held_no_message_are_gaps() -> None:
    progress = running(F0=10)
    hand_out(progress, at(F0, 2, 5))
    progress.at_end(F0, 10)
    assert counts_of(progress.report()[F0]) == (2, 0, 0, 0, 8)


def test_a_followed_log_that_was_truncated_counts_what_was_read_before_and_after() -> None:
    progress = running(F0=None)
    hand_out(progress, at(F0, 0, 1, 2, 3, 4))
    assert progress.skip_to_available(F0, 0, 2) == 2
    hand_out(progress, at(F0, 2, 3))
    report = progress.report()[F0]
    assert (report.start, report.position, counts_of(report)) == (-3, 4, (7, 0, 0, 0, 0))


def test_a_log_that_is_truncated_twice_goes_back_twice() -> None:
    progress = running(F0=None)
    hand_out(progress, at(F0, 0, 1, 2, 3))
    progress.skip_to_available(F0, 0, 1)
    hand_out(progress, at(F0, 1))
    progress.skip_to_available(F0, 0, 0)
    report = progress.report()[F0]
    assert (report.start, report.position, counts_of(report)) == (-5, 0, (5, 0, 0, 0, 0))


operations = st.one_of(
    st.tuples(st.just("fetch"), st.lists(st.integers(1, 4), min_size=1, max_size=4), st.text("gfu")),
    st.tuples(st.just("end"), st.integers(0, 30), st.just("")),
    st.tuples(st.just("skip"), st.tuples(st.integers(0, 30), st.integers(0, 30)), st.just("")),
    st.tuples(st.sampled_from(["pin", "stop", "settle"]), st.integers(0, 30), st.just("")),
)


@given(
    st.tuples(st.integers(0, 5), st.none() | st.integers(0, 20), st.integers(0, 20)),
    st.lists(st.tuples(st.sampled_from([F0, F1]), operations), max_size=20),
    st.data(),
)
def test_whatever_happens_each_offset_between_start_and_position_is_counted_once(
    planned: tuple[int, int | None, int], steps: list[tuple[TopicPartition, Any]], data: st.DataObject
) -> None:
    start, stop, high = planned
    progress = Progress(Plan(tuple(PlannedPartition(*key, 0, high, start, stop) for key in (F0, F1))))
    for key, (name, argument, fates) in steps:
        match name:
            case "fetch":
                # From the position on, as a source delivers: with gaps, and past the end.
                position = progress.report()[key].position
                ahead = [position - 1 + sum(argument[: index + 1]) for index in range(len(argument))]
                found = progress.admit(at(key, *ahead))
                found = with_fates(found.messages, (fates + "gggg")[: len(found.messages)])
                progress.count(found, 0, data.draw(st.integers(0, len(found.messages))))
            case "end":
                progress.at_end(key, argument)
            case "skip":
                progress.skip_to_available(key, min(argument), max(argument))
            case "pin":
                progress.pin(key, argument)
            case "stop":
                progress.stop(key)
            case "settle":
                progress.settle()
        for each in progress.report():
            assert sum(counts_of(each)) == each.position - each.start
            assert min(counts_of(each)) >= 0
            assert each.ended or each.stop is None or each.position < each.stop
