"""A run that reads from the end to the start: its report says what was read, `[start, position)`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.types import TopicPartition
from framework_iterator import Ended, PartitionReport, Plan, PlannedPartition
from framework_iterator.progress.backward import BackwardProgress
from framework_iterator.progress.delivery import Admitted, Fate
from framework_iterator.progress.partition import Loss
from framework_iterator.progress.progress import Progress
from framework_iterator.progress.slices import slices_of
from tests.unit.iterator.fakes import F0, F1, natives

LETTERS = {"g": Fate.GIVEN, "f": Fate.FILTERED, "u": Fate.UNREADABLE}


def backward(*keys: TopicPartition, start: int = 0, stop: int = 10) -> Progress:
    planned = tuple(PlannedPartition(*key, 0, max(stop, 10), start, stop) for key in keys or (F0,))
    return Progress(Plan(planned), BackwardProgress)


def count(
    progress: Progress, key: TopicPartition, *offsets: int, fates: str = "", has_slices: bool = False
) -> None:
    messages = natives(key, *offsets)
    found = bytearray(LETTERS[each] for each in fates) if fates else None
    progress.count(Admitted(messages, slices_of(messages, None) if has_slices else None, found))


def of(progress: Progress, key: TopicPartition = F0) -> PartitionReport:
    return progress.report()[key]


def where(report: PartitionReport) -> tuple[int, int | None, int]:
    return report.start, report.stop, report.position


def counts(report: PartitionReport) -> tuple[int, int, int, int, int]:
    return report.messages, report.filtered, report.unreadable, report.lost, report.gaps


def test_it_begins_at_the_end_with_nothing_read() -> None:
    progress = backward(start=3)
    assert where(of(progress)) == (10, 10, 10)
    assert counts(of(progress)) == (0, 0, 0, 0, 0)
    assert (progress.positions(), progress.remaining(), progress.consumed()) == ({F0: 10}, 7, 0)


@pytest.mark.parametrize(("start", "stop"), [(0, 0), (7, 7), (8, 7)])
def test_with_nothing_to_read_it_has_ended(start: int, stop: int) -> None:
    progress = backward(start=start, stop=stop)
    assert (of(progress).ended, progress.is_running) == (Ended.END, False)
    assert where(of(progress)) == (start, stop, start)
    assert (progress.remaining(), progress.consumed()) == (0, 0)


@pytest.mark.parametrize("has_slices", [True, False])
def test_its_start_goes_down_and_its_position_stays(has_slices: bool) -> None:
    progress = backward()
    count(progress, F0, 9, 8, has_slices=has_slices)
    assert where(of(progress)) == (8, 10, 10)
    assert counts(of(progress)) == (2, 0, 0, 0, 0)
    assert (progress.positions(), progress.remaining(), progress.consumed()) == ({F0: 8}, 8, 2)


def test_positions_of_its_report_are_where_newer_messages_begin() -> None:
    progress = backward(F0, F1)
    count(progress, F0, 9)
    assert progress.report().positions == {"flights": {0: 10, 1: 10}}


def test_offsets_that_held_no_message_are_gaps_once_they_were_passed() -> None:
    progress = backward()
    count(progress, F0, 7)
    assert counts(of(progress)) == (1, 0, 0, 0, 2)
    count(progress, F0, 2)
    assert counts(of(progress)) == (2, 0, 0, 0, 6)
    progress.advance(F0, 0)
    assert (counts(of(progress)), of(progress).ended) == ((2, 0, 0, 0, 8), Ended.END)


@pytest.mark.parametrize("position", [3, 2, 0])
def test_it_ends_at_its_start_and_goes_no_further(position: int) -> None:
    progress = backward(start=3)
    progress.advance(F0, position)
    assert (where(of(progress)), of(progress).ended) == ((3, 10, 10), Ended.END)


def test_it_never_goes_back_up() -> None:
    progress = backward()
    count(progress, F0, 5)
    progress.advance(F0, 8)
    assert where(of(progress)) == (5, 10, 10)
    assert progress.is_running


def test_the_message_at_its_start_ends_it() -> None:
    progress = backward(start=8)
    count(progress, F0, 9, 8)
    assert (of(progress).messages, of(progress).ended) == (2, Ended.END)


def test_fates_are_counted() -> None:
    progress = backward()
    count(progress, F0, 9, 8, 7, 6, fates="gfuf")
    assert counts(of(progress)) == (1, 2, 1, 0, 0)


def test_what_was_counted_before_is_not_counted_again() -> None:
    progress = backward()
    count(progress, F0, 9, 8)
    count(progress, F0, 9, 8, 6)
    assert (counts(of(progress)), where(of(progress))) == ((3, 0, 0, 0, 1), (6, 10, 10))


def test_what_was_lost_is_counted_once_it_was_passed() -> None:
    progress = backward()
    progress.lose(Loss(F0, 3, 4))  # offsets 3 to 6
    assert counts(of(progress)) == (0, 0, 0, 0, 0)
    count(progress, F0, 8)
    assert counts(of(progress)) == (1, 0, 0, 0, 1)
    count(progress, F0, 2)
    assert counts(of(progress)) == (2, 0, 0, 4, 2)


def test_several_losses_are_each_counted_once() -> None:
    progress = backward()
    for loss in (Loss(F0, 6, 2), Loss(F0, 1, 3)):
        progress.lose(loss)
    progress.advance(F0, 6)
    assert counts(of(progress)) == (0, 0, 0, 2, 2)
    progress.advance(F0, 0)
    assert counts(of(progress)) == (0, 0, 0, 5, 5)


@pytest.mark.parametrize("how", [Ended.STOPPED, Ended.LIMIT, Ended.CLOSED])
def test_a_run_that_ends_early_says_what_was_read(how: Ended) -> None:
    progress = backward()
    count(progress, F0, 9, 8)
    progress.finish(how)
    assert (where(of(progress)), of(progress).ended) == ((8, 10, 10), how)


steps = st.lists(
    st.tuples(
        st.sampled_from([F0, F1]),
        st.sampled_from(["read", "read", "read", "pass", "lose", "stop"]),
        st.integers(0, 4),
        st.text("gfu", max_size=4),
    ),
    max_size=20,
)


@given(st.integers(0, 5), st.integers(0, 30), steps, st.booleans())
def test_at_every_step_each_offset_that_was_passed_is_counted_once(
    start: int, stop: int, actions: list[tuple[TopicPartition, str, int, str]], has_slices: bool
) -> None:
    progress = backward(F0, F1, start=start, stop=stop)
    begin = max(start, stop)
    passed = {F0: begin, F1: begin}
    known: dict[TopicPartition, list[Any]] = {F0: [], F1: []}
    losses: dict[TopicPartition, list[Loss]] = {F0: [], F1: []}
    for key, name, number, fates in actions:
        if key not in progress.positions():
            continue
        match name:
            case "read":
                offsets = [passed[key] - 1 - number - 2 * index for index in range(len(fates))]
                offsets = [offset for offset in offsets if offset >= start]
                count(
                    progress,
                    key,
                    *offsets,
                    fates=fates[: len(offsets)] if offsets else "",
                    has_slices=has_slices,
                )
                known[key] += fates[: len(offsets)]
                passed[key] = min([passed[key], *offsets])
            case "pass":
                progress.advance(key, passed[key] - number)
                passed[key] = max(start, passed[key] - number)
            case "lose":
                # Below what was passed, as a window brings it before its messages are given.
                found = Loss(key, max(start, passed[key] - 1 - number), 1)
                if (
                    all(found.position < each.position for each in losses[key])
                    and found.position < passed[key]
                ):
                    losses[key].append(found)
                    progress.lose(found)
            case _:
                progress.stop(key)
        for each in progress.report():
            assert each.position == begin
            assert each.start == passed[each.key]
            assert sum(counts(each)) == each.position - each.start
            letters = known[each.key]
            assert counts(each)[:3] == tuple(letters.count(letter) for letter in "gfu")
            assert each.lost == sum(loss.position >= each.start for loss in losses[each.key])
            assert (each.ended is Ended.END) is (each.start == start)
