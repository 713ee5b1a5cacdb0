from __future__ import annotations

import pytest

from framework.types import NativeMessage, TopicPartition
from framework_iterator import PlannedPartition
from framework_iterator.progress.moments import Moments
from framework_iterator.progress.slices import slices_of
from tests.unit.iterator.fakes import F0, F1, W0, native


def moments(**until: int | None) -> Moments:
    """Partitions that end at these moments: `moments(F0=1000, F1=None)`."""
    keys = {"F0": F0, "F1": F1, "W0": W0}
    found = Moments()
    found.add(PlannedPartition(*keys[name], 0, 9, 0, None, moment) for name, moment in until.items())
    return found


def at(key: TopicPartition, *times: int) -> list[NativeMessage]:
    """Messages of these times, from offset 10."""
    return [native(10 + number, of=key, timestamp=(1, time)) for number, time in enumerate(times)]


def reached(found: Moments, messages: list[NativeMessage]) -> list[tuple[TopicPartition, int]]:
    return found.reached(messages, slices_of(messages, None))


def test_there_are_moments_while_a_partition_is_to_end_at_one() -> None:
    assert not Moments()
    assert not moments(F0=None)
    assert moments(F0=None, F1=1000)


def test_a_moment_of_1970_is_one() -> None:
    assert moments(F0=0).due(0) == {F0: 0}


@pytest.mark.parametrize(("now", "due"), [(999, {}), (1000, {F0: 1000}), (5000, {F0: 1000, F1: 2000})])
def test_a_partition_is_due_once_its_moment_has_come(now: int, due: dict[TopicPartition, int]) -> None:
    assert moments(F0=1000, F1=2000, W0=None).due(now) == due


def test_a_partition_that_has_an_end_is_not_due() -> None:
    found = moments(F0=1000, F1=1000)
    found.remove(F0)
    found.remove(W0)
    assert found.due(9999) == {F1: 1000}


def test_partitions_may_be_added_later() -> None:
    found = moments(F0=1000)
    found.add([PlannedPartition(*F1, 0, 9, 0, None, 500)])
    assert found.due(9999) == {F0: 1000, F1: 500}


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        pytest.param([998, 999], [], id="before-it"),
        pytest.param([999, 1000, 1001], [(F0, 11)], id="at-it"),
        pytest.param([1001], [(F0, 10)], id="after-it"),
        pytest.param([1001, 5, 2000], [(F0, 10)], id="the-first-whatever-follows"),
        pytest.param([-1, 1000], [(F0, 11)], id="after-one-without-a-time"),
    ],
)
def test_a_moment_is_reached_with_the_first_message_at_or_after_it(
    times: list[int], expected: list[tuple[TopicPartition, int]]
) -> None:
    assert reached(moments(F0=1000), at(F0, *times)) == expected


def test_a_moment_is_reached_once() -> None:
    found = moments(F0=1000)
    assert reached(found, [*at(F0, 1000), *at(F1, 1), *at(F0, 2000)]) == [(F0, 10)]
    assert not found
    assert reached(found, at(F0, 3000)) == []


def test_messages_of_partitions_without_a_moment_reach_none() -> None:
    assert reached(moments(F0=1000), [*at(F1, 5000), *at(W0, 5000)]) == []


def test_each_partition_has_its_own_moment() -> None:
    messages = [*at(F1, 1500), *at(F0, 1500), *at(F1, 2000)]
    assert reached(moments(F0=1000, F1=2000), messages) == [(F0, 10), (F1, 10)]
