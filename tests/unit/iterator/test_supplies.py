"""What the source of an ordered run is asked to read, and when."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, cast

import pytest

from framework.types import NativeMessage, TopicPartition
from framework_iterator import Plan, PlannedPartition
from framework_iterator.ordering import supplies
from framework_iterator.ordering.merge import Merge, size_of
from framework_iterator.ordering.supplies import Backward, Forward, memory_for_each, supply_for
from framework_iterator.progress.delivery import Admitted
from framework_iterator.progress.partition import Loss
from framework_iterator.reading.source import Source
from tests.unit.iterator.fakes import F0, F1, W0, FakeSource, native, natives, plan_of
from tests.unit.iterator.ordered import places

ONE = size_of([native(0)])


@pytest.fixture
def _room_for_four(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four messages of each partition may wait."""
    monkeypatch.setattr(supplies, "MEMORY", 0)
    monkeypatch.setattr(supplies, "_LEAST_MEMORY", 4 * ONE)


def source_of(supply: Forward | Backward) -> FakeSource:
    return cast("FakeSource", supply._source)


def forward(plan: Plan) -> tuple[Forward, Merge]:
    return cast("tuple[Forward, Merge]", supply_for("time", cast("Source", FakeSource()), plan, None))


def backward(plan: Plan, wanted: int | None = 1) -> tuple[Backward, Merge]:
    return cast("tuple[Backward, Merge]", supply_for("newest", cast("Source", FakeSource()), plan, wanted))


def arrive(supply: Forward | Backward, messages: list[NativeMessage]) -> list[Loss]:
    """Messages of one partition arrive, as a feed brings them."""
    supply.add(TopicPartition(messages[0].topic(), messages[0].partition()), messages)
    supply.arrivals.count(Admitted(messages))
    return supply.settle(supply.arrivals.take_losses())


def calls(supply: Forward | Backward, does: cabc.Callable[[], Any]) -> list[tuple[str, Any]]:
    """What the source is asked to do meanwhile."""
    before = len(source_of(supply).calls)
    does()
    return source_of(supply).calls[before:]


def taken(merge: Merge) -> list[int]:
    return [each.offset for each in places(merge.take(1000))]


# Memory


def test_partitions_share_the_memory_and_each_has_some() -> None:
    assert memory_for_each(0) == memory_for_each(1) == supplies.MEMORY
    assert memory_for_each(3) == supplies.MEMORY // 3
    assert memory_for_each(100_000) == 64 * 1024


# Forward


def test_forward_all_partitions_are_read_from_their_starts() -> None:
    supply, merge = forward(plan_of(F1, F0, W0))
    assert calls(supply, supply.start) == [("assign", {F1: 0, F0: 0, W0: 0})]
    assert merge.open_partitions() == [F0, F1, W0]


def test_forward_a_partition_with_nothing_to_read_holds_nobody_up() -> None:
    plan = Plan((*plan_of(F0), PlannedPartition(*F1, 0, 9, 9, 9)))
    supply, merge = forward(plan)
    assert calls(supply, supply.start) == [("assign", {F0: 0})]
    assert merge.open_partitions() == [F0]


def test_forward_a_partition_that_has_ended_holds_nobody_up() -> None:
    supply, merge = forward(plan_of(F0, F1))
    arrive(supply, natives(F0, 3, 99))
    assert merge.open_partitions() == [F1]
    supply.arrivals.at_end(F1, 100)
    supply.settle([])
    assert (merge.open_partitions(), taken(merge)) == ([], [3, 99])


@pytest.mark.usefixtures("_room_for_four")
def test_forward_a_partition_of_which_enough_waits_is_left_out_until_half_is_left() -> None:
    supply, merge = forward(plan_of(F0, F1))
    assert calls(supply, lambda: arrive(supply, natives(F0, 0, 1, 2, 3))) == []
    assert calls(supply, lambda: arrive(supply, natives(F0, 4))) == [("drop", [F0])]
    assert calls(supply, lambda: supply.settle([])) == []  # once
    assert calls(supply, supply.refill) == []
    arrive(supply, natives(F1, 0))
    merge.take(1000)
    assert merge.waiting(F0) == 0
    assert calls(supply, supply.refill) == [("add", {F0: 5})]
    assert calls(supply, supply.refill) == []


@pytest.mark.usefixtures("_room_for_four")
def test_forward_a_partition_that_is_left_out_and_ends_is_not_read_again() -> None:
    supply, merge = forward(plan_of(F0, F1))
    arrive(supply, natives(F0, 0, 1, 2, 3, 4))
    supply.arrivals.stop(F0)
    merge.drop(F0)
    assert calls(supply, supply.refill) == []


@pytest.mark.usefixtures("_room_for_four")
def test_forward_the_last_messages_of_a_partition_may_all_wait() -> None:
    supply, merge = forward(plan_of(F0, F1))
    assert calls(supply, lambda: arrive(supply, natives(F0, 95, 96, 97, 98, 99))) == [("drop", [F0])]
    assert merge.open_partitions() == [F1]


def test_forward_everything_was_read_up_to_the_position() -> None:
    supply, _ = forward(plan_of(F0))
    arrive(supply, natives(F0, 0, 7))
    assert supply.edge(F0) == 8


def test_forward_what_was_lost_is_known_at_once() -> None:
    supply, _ = forward(plan_of(F0))
    supply.arrivals.skip_to_available(F0, 10, 100)
    assert arrive(supply, natives(F0, 10)) == [Loss(F0, 10, 10)]


# Backward


def test_backward_the_last_window_of_each_partition_is_read_first() -> None:
    plan = Plan((PlannedPartition(*F0, 0, 100, 0, 100), PlannedPartition(*F1, 5, 90, 80, 85)))
    supply, merge = backward(plan)
    assert calls(supply, supply.start) == [("assign", {F0: 84, F1: 80})]
    assert merge.open_partitions() == [F1, F0]


@pytest.mark.parametrize(
    ("wanted", "start"), [(None, 984), (1, 984), (16, 984), (100, 900), (500, 500), (10_000, 500)]
)
def test_backward_the_first_window_has_what_is_wanted_or_few_offsets(wanted: int | None, start: int) -> None:
    supply, _ = backward(plan_of(F0, stop=1000, high=1000), wanted)
    assert calls(supply, supply.start) == [("assign", {F0: start})]


def test_backward_a_partition_with_nothing_to_read_holds_nobody_up() -> None:
    plan = Plan((*plan_of(F0), PlannedPartition(*F1, 0, 9, 9, 9)))
    supply, merge = backward(plan)
    assert calls(supply, supply.start) == [("assign", {F0: 84})]
    assert (merge.open_partitions(), supply.edge(F1)) == ([F0], 9)


def test_backward_messages_are_in_order_once_their_window_is_complete() -> None:
    supply, merge = backward(plan_of(F0))
    arrive(supply, natives(F0, 84, 85))
    assert (taken(merge), supply.edge(F0)) == ([], 100)
    arrive(supply, natives(F0, 99))
    assert (merge.waiting(F0), supply.edge(F0)) == (3, 84)


def test_backward_a_window_ends_by_its_event_where_its_last_offsets_hold_no_message() -> None:
    supply, merge = backward(plan_of(F0, F1))
    arrive(supply, natives(F0, 85))
    supply.arrivals.at_end(F0, 100)
    supply.settle([])
    assert (merge.waiting(F0), supply.edge(F0)) == (1, 84)


def test_backward_the_next_window_is_read_when_half_of_the_last_one_is_left() -> None:
    supply, merge = backward(plan_of(F0, F1))
    arrive(supply, [native(offset, of=F0, timestamp=(1, offset)) for offset in (96, 97, 98, 99)])
    assert calls(supply, supply.refill) == []
    arrive(supply, [native(99, of=F1, timestamp=(1, 97))])
    assert (taken(merge), merge.waiting(F0), merge.waiting(F1)) == ([99, 98, 99], 2, 0)
    assert calls(supply, supply.refill) == [("add", {F1: 52, F0: 52})]
    assert calls(supply, supply.refill) == []
    assert supply.arrivals.positions() == {F1: 52, F0: 52}


def test_backward_a_partition_whose_first_window_was_the_whole_holds_nobody_up() -> None:
    supply, merge = backward(plan_of(F0, stop=10, high=10))
    arrive(supply, natives(F0, 9))
    assert (merge.open_partitions(), taken(merge), supply.edge(F0)) == ([], [9], 0)
    assert calls(supply, supply.refill) == []


def test_backward_a_partition_that_was_stopped_is_not_read_again() -> None:
    supply, merge = backward(plan_of(F0))
    arrive(supply, natives(F0, 99))
    merge.drop(F0)
    assert calls(supply, supply.refill) == []


@pytest.mark.usefixtures("_room_for_four")
def test_backward_a_window_that_takes_too_much_memory_is_read_again_up_to_where_it_was_cut() -> None:
    supply, merge = backward(plan_of(F0))
    arrive(supply, natives(F0, *range(84, 100)))
    assert (merge.waiting(F0), supply.edge(F0)) == (4, 96)
    assert taken(merge) == [99, 98, 97, 96]
    assert calls(supply, supply.refill) == [("add", {F0: 92})]
    arrive(supply, natives(F0, 92, 93, 94, 95))
    assert taken(merge) == [95, 94, 93, 92]


def test_backward_what_was_lost_is_known_when_its_window_is_complete() -> None:
    supply, _ = backward(plan_of(F0))
    supply.arrivals.skip_to_available(F0, 90, 100)
    assert arrive(supply, natives(F0, 90)) == []
    assert arrive(supply, natives(F0, 99)) == [Loss(F0, 84, 6)]


def test_backward_several_losses_of_a_window_come_from_the_highest_to_the_lowest() -> None:
    supply, _ = backward(plan_of(F0))
    supply.arrivals.skip_to_available(F0, 88, 100)
    assert arrive(supply, natives(F0, 88)) == []
    supply.arrivals.skip_to_available(F0, 95, 100)
    assert arrive(supply, natives(F0, 99)) == [Loss(F0, 89, 6), Loss(F0, 84, 4)]


@pytest.mark.usefixtures("_room_for_four")
def test_backward_what_was_lost_before_the_cut_of_a_window_is_found_again() -> None:
    supply, _ = backward(plan_of(F0))
    supply.arrivals.skip_to_available(F0, 90, 100)
    assert arrive(supply, natives(F0, *range(90, 97))) == []
    supply.arrivals.skip_to_available(F0, 99, 100)
    assert arrive(supply, natives(F0, 99)) == [Loss(F0, 97, 2)]
    assert supply.edge(F0) == 95
