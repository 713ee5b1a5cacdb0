from __future__ import annotations

import collections.abc as cabc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.types import TopicPartition
from framework_iterator.ordering.merge import Merge, size_of
from tests.unit.iterator.fakes import F0, F1, W0, native
from tests.unit.iterator.ordered import W1, Logs, Place, any_logs, by_time, logs, newest_first, places

ALL = 1000


def merge_of(partitions: Logs, *, is_reversed: bool = False, is_open: bool = False) -> Merge:
    """A merge with all messages of these partitions, which nothing follows unless they are open."""
    merge = Merge(partitions, is_reversed=is_reversed)
    for key, found in partitions.items():
        merge.add(key, [each.message() for each in (reversed(found) if is_reversed else found)])
        if not is_open:
            merge.close(key)
    return merge


def taken(merge: Merge, most: int = ALL) -> list[str]:
    """What is taken next, as text: `flights-0@3`."""
    return [f"{each.key}@{each.offset}" for each in places(merge.take(most))]


# The rule, written out


@pytest.mark.parametrize(
    ("partitions", "expected"),
    [
        pytest.param(logs(F0=[1, 4], F1=[2, 3]), "F0@0 F1@0 F1@1 F0@1", id="by-time"),
        pytest.param(logs(F0=[], F1=[2], W0=[1]), "W0@0 F1@0", id="an-empty-partition"),
        pytest.param(logs(W0=[5], F1=[5], F0=[5]), "F0@0 F1@0 W0@0", id="equal-times-by-topic-and-partition"),
        pytest.param(
            logs(F0=[5, 5], F1=[5, 5]), "F0@0 F0@1 F1@0 F1@1", id="equal-times-partition-by-partition"
        ),
        pytest.param(
            logs(F0=[5, 1, 6], F1=[3, 5]), "F1@0 F0@0 F0@1 F1@1 F0@2", id="disorder-within-a-partition"
        ),
        pytest.param(
            logs(F0=[9, 1, 2], F1=[3, 4]), "F1@0 F1@1 F0@0 F0@1 F0@2", id="a-late-first-holds-the-rest"
        ),
        pytest.param(logs(F0=[-1, 2], F1=[0]), "F0@0 F1@0 F0@1", id="a-message-without-a-time-is-the-oldest"),
    ],
)
def test_the_oldest_of_the_first_messages_comes_next(partitions: Logs, expected: str) -> None:
    assert short(merge_of(partitions)) == expected


@pytest.mark.parametrize(
    ("partitions", "expected"),
    [
        pytest.param(logs(F0=[1, 4], F1=[2, 3]), "F0@1 F1@1 F1@0 F0@0", id="by-time"),
        pytest.param(logs(F0=[], F1=[2], W0=[1]), "F1@0 W0@0", id="an-empty-partition"),
        pytest.param(logs(W0=[5], F1=[5], F0=[5]), "W0@0 F1@0 F0@0", id="equal-times-by-topic-and-partition"),
        pytest.param(
            logs(F0=[5, 5], F1=[5, 5]), "F1@1 F1@0 F0@1 F0@0", id="equal-times-partition-by-partition"
        ),
        pytest.param(
            logs(F0=[6, 1, 5], F1=[5, 3]), "F0@2 F1@1 F1@0 F0@1 F0@0", id="disorder-within-a-partition"
        ),
    ],
)
def test_newest_first_the_newest_of_the_last_messages_comes_next(partitions: Logs, expected: str) -> None:
    assert short(merge_of(partitions, is_reversed=True)) == expected


def short(merge: Merge) -> str:
    names = {F0: "F0", F1: "F1", W0: "W0"}
    return " ".join(f"{names[each.key]}@{each.offset}" for each in places(merge.take(ALL)))


# What is certain


def test_nothing_is_taken_while_an_open_partition_has_no_message() -> None:
    merge = Merge([F0, F1])
    merge.add(F0, [Place(F0, 0, 1).message()])
    assert taken(merge) == []
    merge.close(F1)
    assert taken(merge) == ["flights-0@0"]


def test_what_may_be_preceded_by_a_later_message_waits() -> None:
    merge = merge_of(logs(F0=[1, 2, 8], F1=[2, 5]), is_open=True)
    # Partition 1 may go on with another message of 5, and partition 0 with one of 8.
    assert taken(merge) == ["flights-0@0", "flights-0@1", "flights-1@0", "flights-1@1"]
    assert (merge.waiting(F0), merge.waiting(F1)) == (1, 0)
    merge.add(F1, [Place(F1, 2, 9).message()])
    assert taken(merge) == ["flights-0@2"]


def test_of_equal_times_those_of_a_later_partition_wait_for_those_of_an_earlier_one() -> None:
    merge = merge_of(logs(F0=[5], F1=[5]), is_open=True)
    assert taken(merge) == ["flights-0@0"]
    merge.add(F0, [Place(F0, 1, 5).message(), Place(F0, 2, 6).message()])
    assert taken(merge) == ["flights-0@1", "flights-1@0"]


def test_a_message_that_is_older_than_the_one_before_it_comes_after_it() -> None:
    merge = merge_of(logs(F0=[5], F1=[6]), is_open=True)
    assert taken(merge) == ["flights-0@0"]
    merge.add(F0, [Place(F0, 1, 1).message()])
    assert taken(merge) == ["flights-0@1"]


def test_once_every_partition_is_closed_all_messages_are_in_order() -> None:
    merge = merge_of(logs(F0=[1, 9], F1=[5]))
    assert taken(merge) == ["flights-0@0", "flights-1@0", "flights-0@1"]
    assert merge.is_drained
    assert taken(merge) == []


def test_without_partitions_there_is_nothing_to_take() -> None:
    assert taken(Merge([])) == []


# Parts


def test_no_more_are_taken_than_asked_for() -> None:
    merge = merge_of(logs(F0=[1, 3], F1=[2]))
    assert [taken(merge, 2), taken(merge, 2), taken(merge, 2)] == [
        ["flights-0@0", "flights-1@0"],
        ["flights-0@1"],
        [],
    ]


def test_it_is_drained_where_nothing_of_what_was_in_order_is_left() -> None:
    merge = merge_of(logs(F0=[1, 2]))
    assert merge.is_drained
    taken(merge, 1)
    assert not merge.is_drained
    taken(merge, 1)
    assert merge.is_drained


def test_partitions_are_open_until_they_are_closed() -> None:
    merge = Merge([W0, F0])
    assert merge.partitions() == merge.open_partitions() == [F0, W0]
    merge.close(F0)
    assert (merge.partitions(), merge.open_partitions()) == ([F0, W0], [W0])


def test_the_memory_of_what_waits_is_known() -> None:
    merge = Merge([F0, F1])
    first, second = native(0, b"x" * 100), native(1, b"x" * 50)
    merge.add(F0, [first, second])
    assert merge.size(F0) == size_of([first, second]) == 100 + 50 + 2 * size_of([native(2, b"")])
    assert (merge.size(F1), merge.is_empty(F0), merge.is_empty(F1)) == (0, False, True)


def test_what_was_taken_needs_no_memory() -> None:
    merge = merge_of(logs(F0=[1, 9], F1=[5]), is_open=True)
    taken(merge)
    assert merge.size(F0) == size_of([native(0)])
    assert (merge.size(F1), merge.is_empty(F1)) == (0, True)


def test_a_tombstone_takes_memory_too() -> None:
    assert size_of([native(0, None)]) == size_of([native(0, b"")]) > 0


# Partitions that are left out


def test_a_partition_that_is_dropped_gives_nothing_more_and_nobody_waits_for_it() -> None:
    merge = Merge([F0, F1])
    merge.add(F0, [Place(F0, 0, 1).message(), Place(F0, 1, 3).message()])
    merge.drop(F1)
    assert taken(merge, 1) == ["flights-0@0"]
    merge.drop(F0)
    assert (taken(merge), merge.partitions(), merge.is_empty(F0)) == ([], [], True)


def test_of_what_is_in_order_already_only_the_dropped_partition_is_left_out() -> None:
    merge = merge_of(logs(F0=[1, 3, 5], F1=[2, 4]))
    assert taken(merge, 1) == ["flights-0@0"]
    merge.drop(F1)
    assert taken(merge) == ["flights-0@1", "flights-0@2"]


def test_a_partition_may_be_dropped_twice() -> None:
    merge = merge_of(logs(F0=[1], F1=[2]))
    merge.drop(F0)
    merge.drop(F0)
    assert taken(merge) == ["flights-1@0"]


def test_a_partition_that_was_taken_can_be_forgotten() -> None:
    merge = merge_of(logs(F0=[1], F1=[2]))
    merge.take(ALL)
    merge.forget(F0)
    merge.forget(F0)
    assert (merge.partitions(), merge.is_empty(F0)) == ([F1], True)


# Whatever arrives


Step = tuple[int, int, int, bool]
steps = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(1, 5), st.booleans()), max_size=20
)
"""Of which partition how many messages are added, how many are taken, and whether its end is known."""


def merged(
    merge: Merge, partitions: Logs, is_reversed: bool, actions: list[Step]
) -> cabc.Generator[list[Place]]:
    """Add messages in chunks, in any order of partitions, and yield what is taken after each."""
    left = {key: list(reversed(found) if is_reversed else found) for key, found in partitions.items()}
    rest = [(number, 12, most, True) for number, most in enumerate((1, 2, 3, 4))]
    for number, count, most, is_end in [*actions, *rest]:
        key = list(left)[number % len(left)]
        if key in merge.open_partitions():
            merge.add(key, [each.message() for each in left[key][:count]])
            del left[key][:count]
            if is_end and not left[key]:
                merge.close(key)
        found = places(merge.take(most))
        assert len(found) <= most
        yield found
    while found := places(merge.take(3)):
        yield found


@given(any_logs(), st.booleans(), steps)
def test_whatever_arrives_when_the_whole_is_in_order(
    partitions: dict[TopicPartition, list[Place]], is_reversed: bool, actions: list[Step]
) -> None:
    merge = Merge(partitions, is_reversed=is_reversed)
    expected = newest_first(partitions) if is_reversed else by_time(partitions)
    given: list[Place] = []
    for found in merged(merge, partitions, is_reversed, actions):
        given += found
        assert given == expected[: len(given)]
    assert given == expected
    assert merge.is_drained
    assert all(merge.is_empty(key) and merge.size(key) == 0 for key in partitions)


@given(any_logs(), st.booleans(), steps, st.integers(0, 3), st.integers(0, 8))
def test_whenever_a_partition_is_dropped_the_others_stay_in_order(
    partitions: dict[TopicPartition, list[Place]],
    is_reversed: bool,
    actions: list[Step],
    number: int,
    after: int,
) -> None:
    merge = Merge(partitions, is_reversed=is_reversed)
    order = newest_first if is_reversed else by_time
    dropped = list(partitions)[number % len(partitions)]
    given: list[Place] = []
    for step, found in enumerate(merged(merge, partitions, is_reversed, actions)):
        if step > after:
            assert dropped not in [each.key for each in found]
        given += found
        if step == after:
            merge.drop(dropped)
    others = {key: found for key, found in partitions.items() if key != dropped}
    assert [each for each in given if each.key != dropped] == order(others)
    before = [each for each in given if each.key == dropped]
    assert before == [each for each in order(partitions) if each.key == dropped][: len(before)]


def test_what_waits_of_each_partition_is_bounded_by_what_was_added() -> None:
    """The worst skew: one partition is newer than all the rest, and waits for them."""
    merge = Merge([F0, W1])
    merge.add(F0, [Place(F0, offset, 10_000 + offset).message() for offset in range(100)])
    for offset in range(50):
        merge.add(W1, [Place(W1, offset, offset).message()])
        assert taken(merge) == [f"weather-1@{offset}"]
    assert merge.waiting(F0) == 100
