from __future__ import annotations

import operator
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework_iterator import Ended, PartitionReport, Plan, PlannedPartition, Report, ScanError
from framework_iterator.scanning.collecting import Collector
from framework_iterator.scanning.errors import name_of
from framework_iterator.scanning.failure import Failure
from framework_iterator.scanning.task import Outcome

PARTS = Plan((PlannedPartition("flights", 0, 0, 100, 0, 100),)).split(4)


def report(part: int, position: int) -> Report:
    start, stop = part * 25, part * 25 + 25
    return Report((PartitionReport("flights", 0, start, stop, position, position - start, 0, Ended.END),))


def test_values_are_combined_in_the_order_of_the_parts_as_they_come() -> None:
    calls: list[str] = []

    def combine(one: str, other: str) -> str:
        calls.append(one + other)
        return one + other

    collector = Collector(PARTS, combine)
    for number, expected in ((2, []), (0, []), (1, ["ab", "abc"]), (3, ["ab", "abc", "abcd"])):
        collector.take(number, Outcome("abcd"[number]))
        assert calls == expected
    assert collector.value == "abcd"


@given(st.lists(st.lists(st.integers(), max_size=3), min_size=4, max_size=4), st.randoms())
def test_the_order_in_which_parts_end_changes_nothing(values: list[list[int]], order: random.Random) -> None:
    collector = Collector(PARTS, operator.add)
    numbers = [0, 1, 2, 3]
    order.shuffle(numbers)
    for number in numbers:
        collector.take(number, Outcome(values[number]))
    assert collector.value == [each for value in values for each in value]


def test_a_value_of_none_is_a_value() -> None:
    collector = Collector(PARTS[:2], lambda one, other: (one, other))
    collector.take(0, Outcome(None))
    collector.take(1, Outcome(None))
    assert collector.value == (None, None)


def test_reports_that_arrive_meanwhile_say_how_far_the_parts_are() -> None:
    collector = Collector(PARTS, operator.add)
    assert (collector.done(), collector.messages) == (0, 0)
    collector.take(1, report(1, 30))
    collector.take(3, report(3, 80))
    collector.take(1, report(1, 40))
    assert (collector.done(), collector.messages) == (20, 20)
    assert [each.messages for each in collector.reports] == [0, 15, 0, 5]


def test_a_failure_names_its_part_and_has_the_reports_of_all() -> None:
    collector = Collector(PARTS, operator.add)
    collector.take(0, Outcome(1, report(0, 25)))
    with pytest.raises(ScanError) as caught:
        collector.take(2, Outcome(report=report(2, 60), failure=Failure.of(LookupError("no"))))
    error = caught.value
    assert str(error) == "Part 3 of 4 (flights-0 50..75) failed: LookupError: no"
    assert (error.part, error.scan) == (PARTS[2], None)
    assert [each.messages for each in error.reports] == [25, 0, 10, 0]
    assert repr(error.__cause__) == "LookupError('no')"


def test_a_failure_without_a_text() -> None:
    with pytest.raises(ScanError, match=r"\(flights-0 0\.\.25\) failed: KeyboardInterrupt$"):
        Collector(PARTS, operator.add).take(0, Outcome(failure=Failure.of(KeyboardInterrupt())))


class TextlessError(Exception):
    def __str__(self) -> str:
        raise LookupError("no text")


def test_a_failure_whose_text_can_not_be_made() -> None:
    with pytest.raises(ScanError, match=r"\(flights-0 0\.\.25\) failed: TextlessError$"):
        Collector(PARTS, operator.add).take(0, Outcome(failure=Failure.of(TextlessError())))


def test_the_name_of_a_large_part() -> None:
    plan = Plan(tuple(PlannedPartition("x", number, 0, 9, 0, 9) for number in range(5)))
    assert name_of(plan) == "x-0 0..9, x-1 0..9, x-2 0..9 and 2 more"


class OddError(Exception):
    def __init__(self, one: str, other: str) -> None:
        super().__init__(one + other)


def test_an_exception_arrives_with_its_causes_and_traceback_or_as_text() -> None:
    def fail() -> Any:
        try:
            raise OddError("a", "b")
        except OddError as error:
            raise LookupError("outer") from error

    with pytest.raises(LookupError) as caught:
        fail()
    restored = Failure.of(caught.value).restore()
    assert type(restored) is LookupError
    assert str(restored.__cause__).endswith("OddError: ab")
    assert "\nIn the worker:\nTraceback" in restored.__notes__[0]
    assert "in fail" in restored.__notes__[0]
