"""One partition on its way: what is counted of messages that come in an order, and of what was lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.types import NativeMessage, TopicPartition
from framework_iterator import Ended, PartitionReport, Plan, PlannedPartition
from framework_iterator.progress.backward import BackwardProgress
from framework_iterator.progress.delivery import Admitted, Fate
from framework_iterator.progress.partition import Loss, PartitionProgress
from framework_iterator.progress.progress import Progress
from tests.unit.iterator.fakes import F0, F1, W0, native, natives, plan_of

LETTERS = {"g": Fate.GIVEN, "f": Fate.FILTERED, "u": Fate.UNREADABLE}


def fates_of(letters: str) -> bytearray:
    return bytearray(LETTERS[each] for each in letters)


def counts(report: PartitionReport) -> tuple[int, int, int, int, int]:
    return report.messages, report.filtered, report.unreadable, report.lost, report.gaps


# Messages of several partitions in an order


def interleaved(fates: str | None = None) -> Admitted[NativeMessage]:
    """Three messages of one partition and two of another, without slices."""
    messages = [*natives(F0, 0), *natives(F1, 4), *natives(F0, 2), *natives(F1, 5), *natives(F0, 3)]
    return Admitted(messages, None, None if fates is None else fates_of(fates))


@pytest.mark.parametrize("may_repeat", [True, False])
def test_messages_in_an_order_are_counted_for_each_partition(may_repeat: bool) -> None:
    progress = Progress(plan_of(F0, F1))
    progress.count(interleaved(), may_repeat=may_repeat)
    report = progress.report()
    assert progress.positions() == {F0: 4, F1: 6}
    assert (counts(report[F0]), counts(report[F1])) == ((3, 0, 0, 0, 1), (2, 0, 0, 0, 4))


@pytest.mark.parametrize("may_repeat", [True, False])
def test_messages_in_an_order_are_counted_by_fate(may_repeat: bool) -> None:
    progress = Progress(plan_of(F0, F1))
    progress.count(interleaved("gfufg"), may_repeat=may_repeat)
    report = progress.report()
    assert (counts(report[F0]), counts(report[F1])) == ((2, 0, 1, 0, 1), (0, 2, 0, 0, 4))


@pytest.mark.parametrize("may_repeat", [True, False])
def test_the_last_message_of_a_partition_ends_it_in_any_order(may_repeat: bool) -> None:
    progress = Progress(plan_of(F0, F1, stop=6, high=6))
    progress.count(interleaved(), may_repeat=may_repeat)
    assert [each.ended for each in progress.report()] == [None, Ended.END]


def test_what_ctrl_c_may_have_counted_is_counted_once() -> None:
    progress = Progress(plan_of(F0, F1))
    progress.count(interleaved("gfufg"), 0, 3)
    progress.count(interleaved("gfufg"))
    report = progress.report()
    assert (counts(report[F0]), counts(report[F1])) == ((2, 0, 1, 0, 1), (0, 2, 0, 0, 4))


# What was lost


def losing(*losses: Loss) -> Progress:
    """A partition from 0 to 100 whose source has lost these offsets, far ahead of the loop."""
    progress = Progress(plan_of(F0))
    for loss in losses:
        progress.lose(loss)
    return progress


def test_what_was_lost_is_counted_once_the_position_has_passed_it() -> None:
    progress = losing(Loss(F0, 20, 15))  # offsets 5 to 19
    progress.count(Admitted(natives(F0, 3, 4)))
    assert counts(progress.report()[F0]) == (2, 0, 0, 0, 3)
    progress.count(Admitted(natives(F0, 20)))
    assert counts(progress.report()[F0]) == (3, 0, 0, 15, 3)


def test_what_was_lost_before_the_position_is_counted_at_once() -> None:
    progress = Progress(plan_of(F0))
    progress.count(Admitted(natives(F0, 30)))
    progress.lose(Loss(F0, 20, 15))
    assert counts(progress.report()[F0]) == (1, 0, 0, 15, 15)


def test_each_loss_is_counted_at_its_own_place() -> None:
    progress = losing(Loss(F0, 20, 5), Loss(F0, 40, 7))
    progress.advance(F0, 20)
    assert progress.report().lost == 5
    progress.advance(F0, 39)
    assert progress.report().lost == 5
    progress.advance(F0, 100)
    assert counts(progress.report()[F0]) == (0, 0, 0, 12, 88)


def test_what_was_lost_of_a_partition_that_was_stopped_is_not_counted() -> None:
    progress = losing(Loss(F0, 20, 15))
    progress.stop(F0)
    assert counts(progress.report()[F0]) == (0, 0, 0, 0, 0)


def test_what_retention_removes_is_taken_once() -> None:
    progress = Progress(plan_of(F0, F1))
    progress.skip_to_available(F0, 10, 100)
    progress.skip_to_available(F1, 0, 100)
    assert progress.take_losses() == [Loss(F0, 10, 10)]
    assert progress.take_losses() == []


def test_of_a_truncated_log_the_rest_is_lost() -> None:
    progress = Progress(plan_of(F0))
    progress.count(Admitted(natives(F0, *range(50))))
    progress.skip_to_available(F0, 0, 40)
    assert progress.take_losses() == [Loss(F0, 100, 50)]


def test_what_a_followed_log_that_was_truncated_goes_back_is_no_loss() -> None:
    progress = Progress(plan_of(F0, stop=None))
    progress.count(Admitted(natives(F0, *range(50))))
    progress.skip_to_available(F0, 0, 40)
    assert progress.take_losses() == []


# Parts of a partition, one after the other


def test_a_partition_can_be_read_again_elsewhere() -> None:
    progress = Progress(plan_of(F0, F1, stop=10, high=100))
    progress.count(Admitted(natives(F0, 8, 9)))
    assert progress.positions() == {F1: 0}
    progress.restart(PlannedPartition(*F0, 0, 100, 4, 8))
    assert progress.positions() == {F1: 0, F0: 4}
    assert (progress.position(F0), progress.is_reading(F0)) == (4, True)
    progress.at_end(F0, 8)
    assert (progress.position(F0), progress.is_reading(F0)) == (8, False)


def test_a_part_with_nothing_to_read_has_ended() -> None:
    progress = Progress(plan_of(F0, stop=0))
    progress.restart(PlannedPartition(*F0, 0, 100, 4, 4))
    assert (progress.is_running, progress.position(F0)) == (False, 4)


# Whatever comes, in either direction


@st.composite
def given_in_an_order(
    draw: st.DrawFn,
) -> tuple[dict[TopicPartition, list[int]], list[tuple[TopicPartition, int]]]:
    """The offsets of each partition, and all of them as a merge may give them: forward, with gaps."""
    logs = {
        key: sorted(draw(st.sets(st.integers(0, 19), max_size=12)))
        for key in draw(st.lists(st.sampled_from([F0, F1, W0]), min_size=1, unique=True))
    }
    left = {key: iter(offsets) for key, offsets in logs.items()}
    order = draw(st.permutations([key for key, offsets in logs.items() for _ in offsets]))
    return logs, [(key, next(left[key])) for key in order]


@given(given_in_an_order(), st.data(), st.booleans(), st.booleans())
def test_however_messages_come_each_offset_that_was_passed_is_counted_once(
    found: tuple[dict[TopicPartition, list[int]], list[tuple[TopicPartition, int]]],
    data: st.DataObject,
    backward: bool,
    may_repeat: bool,
) -> None:
    logs, order = found
    if backward:
        order = order[::-1]
    fates = data.draw(st.text("gfu", min_size=len(order), max_size=len(order)))
    kind = BackwardProgress if backward else PartitionProgress
    progress = Progress(Plan(tuple(PlannedPartition(*key, 0, 20, 0, 20) for key in logs)), kind)
    messages = [native(offset, of=key) for key, offset in order]
    admitted = Admitted(messages, None, fates_of(fates))
    start = 0
    while start < len(messages):
        end = data.draw(st.integers(start + 1, len(messages)))
        progress.count(admitted, start, end, may_repeat=may_repeat)
        start = end
        for each in progress.report():
            letters = [fate for (key, _), fate in zip(order[:end], fates, strict=False) if key == each.key]
            assert counts(each)[:3] == tuple(letters.count(letter) for letter in "gfu")
            assert sum(counts(each)) == each.position - each.start
            last = [offset for key, offset in order[:end] if key == each.key][-1:]
            if backward:
                assert (each.start, each.position) == (*(last or [20]), 20)
            else:
                assert (each.start, each.position) == (0, *([last[0] + 1] if last else [0]))
    for each in progress.report():
        assert sum(counts(each)[:3]) == len(logs[each.key])
