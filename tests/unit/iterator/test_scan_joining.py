from __future__ import annotations

import dataclasses
import random

from hypothesis import given
from hypothesis import strategies as st

from framework_iterator import Ended, PartitionReport, Plan, PlannedPartition, Report
from framework_iterator.scanning.joining import join, nothing_of


def planned(partition: int, start: int, stop: int) -> PlannedPartition:
    return PlannedPartition("flights", partition, 0, 1_000, start, stop)


def read(part: Plan, to: int | None = None, ended: Ended = Ended.END) -> Report:
    """The report of a part that read each offset, up to one where that is given."""
    rows = [
        PartitionReport(*each.key, each.start, each.stop, stop, stop - each.start, 0, ended)
        for each in part
        for end in [each.start + each.count]
        for stop in [end if to is None else max(each.start, min(end, to))]
    ]
    return Report(tuple(rows), ended)


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 400)), min_size=1, max_size=6),
    st.integers(1, 12),
    st.randoms(),
)
def test_the_parts_of_a_plan_make_the_report_of_the_plan(
    sizes: list[tuple[int, int]], n: int, order: random.Random
) -> None:
    plan = Plan(tuple(planned(number, start, start + size) for number, (start, size) in enumerate(sizes)))
    reports = [read(part) for part in plan.split(n)]
    order.shuffle(reports)
    assert join(plan, reports) == read(plan)


@given(
    st.lists(st.integers(1, 100), min_size=1, max_size=4),
    st.integers(1, 9),
    st.lists(st.tuples(*[st.integers(0, 9)] * 5), min_size=9, max_size=9),
    st.lists(st.booleans(), min_size=9, max_size=9),
)
def test_every_offset_is_accounted_for_and_a_position_has_everything_before_it(
    sizes: list[int], n: int, counts: list[tuple[int, ...]], completes: list[bool]
) -> None:
    plan = Plan(tuple(planned(number, 0, size) for number, size in enumerate(sizes)))
    reports = []
    for part, each, complete in zip(plan.split(n), counts, completes, strict=False):
        report = (
            read(part) if complete else read(part, to=part.partitions[0].start + each[0], ended=Ended.CLOSED)
        )
        rows = [
            dataclasses.replace(row, messages=0, lost=row.position - row.start) if each[1] % 2 else row
            for row in report
        ]
        reports.append(Report(tuple(rows), report.ended))
    joined = join(plan, reports)
    for row in joined:
        assert row.messages + row.filtered + row.unreadable + row.lost + row.gaps == row.position - row.start
        assert row.gaps == 0
        slices = sorted(
            (each.start, each.position) for report in reports for each in report if each.key == row.key
        )
        read_offsets = {offset for start, position in slices for offset in range(start, position)}
        assert set(range(row.start, row.position)) <= read_offsets
        assert row.position not in read_offsets
        assert row.ended is not Ended.END or row.position == row.stop


def test_a_part_that_failed_in_its_middle_ends_its_partition_there() -> None:
    plan = Plan((planned(0, 0, 30),))
    first, second, third = plan.split(3)
    error = LookupError("no")
    failed = dataclasses.replace(read(second, to=14, ended=Ended.ERROR), error=error)
    joined = join(plan, [read(third), failed, read(first)])
    row = joined["flights", 0]
    assert (row.start, row.stop, row.position, row.messages, row.ended) == (0, 30, 14, 14, Ended.ERROR)
    assert (joined.ended, joined.error) == (Ended.ERROR, error)


def test_a_part_that_read_nothing_is_closed_at_its_start() -> None:
    plan = Plan((planned(0, 5, 30), planned(1, 3, 3)))
    report = nothing_of(plan)
    assert [(each.position, each.messages, each.gaps) for each in report] == [(5, 0, 0), (3, 0, 0)]
    assert join(plan, [report]).ended is Ended.CLOSED
    assert join(plan, []).positions == {"flights": {0: 5, 1: 3}}
