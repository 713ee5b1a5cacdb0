from __future__ import annotations

import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.types import TopicPartition
from framework_iterator.progress.delivery import Fate
from framework_iterator.progress.slices import Slice, Tally, slices_of, tallies_of
from tests.unit.iterator.fakes import F0, F1, W0, natives


@dataclasses.dataclass
class In:
    """A message, as far as its partition goes."""

    key: TopicPartition

    def topic(self) -> str:
        return self.key.topic

    def partition(self) -> int:
        return self.key.partition

    def offset(self) -> int:
        raise NotImplementedError

    def timestamp(self) -> tuple[int, int]:
        raise NotImplementedError


@pytest.mark.parametrize("only_topic", ["flights", None])
def test_no_messages_have_no_slices(only_topic: str | None) -> None:
    assert slices_of([], only_topic) == []


@pytest.mark.parametrize("only_topic", ["flights", None])
def test_one_partition_is_one_slice(only_topic: str | None) -> None:
    assert slices_of(natives(F0, 0, 1, 2), only_topic) == [Slice(F0, 0, 3)]


@pytest.mark.parametrize("only_topic", ["flights", None])
def test_a_partition_that_comes_again_has_a_slice_for_each_time(only_topic: str | None) -> None:
    messages = [*natives(F0, 0, 1), *natives(F1, 0), *natives(F0, 2)]
    assert slices_of(messages, only_topic) == [Slice(F0, 0, 2), Slice(F1, 2, 3), Slice(F0, 3, 4)]


def test_the_same_number_in_two_topics_is_two_slices() -> None:
    messages = [*natives(F0, 0), *natives(W0, 0), *natives(W0, 1)]
    assert slices_of(messages, None) == [Slice(F0, 0, 1), Slice(W0, 1, 3)]


def test_keys_are_partitions_that_read_as_text() -> None:
    assert [str(each.key) for each in slices_of(natives(F1, 0), "flights")] == ["flights-1"]
    assert [str(each.key) for each in slices_of(natives(W0, 0), None)] == ["weather-0"]


keys = st.builds(TopicPartition, st.sampled_from(["flights", "weather"]), st.integers(0, 2))


@given(st.lists(keys), st.booleans())
def test_slices_are_the_groups_of_equal_partitions_in_a_row(
    found: list[TopicPartition], one_topic: bool
) -> None:
    if one_topic:
        found = [TopicPartition("flights", key.partition) for key in found]
    slices = slices_of([In(key) for key in found], "flights" if one_topic else None)
    assert [(key, end - start) for key, start, end in slices] == [
        (key, len(list(group))) for key, group in itertools.groupby(found)
    ]
    assert [each.start for each in slices[1:]] == [each.end for each in slices[:-1]]


# Tallies


@pytest.mark.parametrize("only_topic", ["flights", None])
@pytest.mark.parametrize("fates", [None, bytearray()])
def test_no_messages_have_no_tallies(only_topic: str | None, fates: bytearray | None) -> None:
    assert tallies_of([], only_topic, fates) == []


@pytest.mark.parametrize("only_topic", ["flights", None])
def test_a_partition_is_tallied_once_however_often_it_comes(only_topic: str | None) -> None:
    messages = [*natives(F0, 0), *natives(F1, 7), *natives(F0, 1, 4)]
    assert tallies_of(messages, only_topic, None) == [
        Tally(F0, messages[3], (3, 0, 0)),
        Tally(F1, messages[1], (1, 0, 0)),
    ]


def test_the_same_number_in_two_topics_is_two_tallies() -> None:
    messages = [*natives(F0, 0), *natives(W0, 0), *natives(F0, 1)]
    assert [(key, counts) for key, _, counts in tallies_of(messages, None, None)] == [
        (F0, (2, 0, 0)),
        (W0, (1, 0, 0)),
    ]


def test_the_last_message_of_a_partition_that_is_read_backwards_has_the_lowest_offset() -> None:
    messages = [*natives(F0, 9), *natives(F1, 8), *natives(F0, 5)]
    assert [last.offset() for _, last, _ in tallies_of(messages, "flights", None)] == [5, 8]


def test_messages_are_tallied_by_fate() -> None:
    messages = [*natives(F0, 0), *natives(F1, 0), *natives(F0, 1, 2), *natives(F1, 1)]
    fates = bytearray([Fate.GIVEN, Fate.FILTERED, Fate.UNREADABLE, Fate.UNREADABLE, Fate.GIVEN])
    assert [(key, counts) for key, _, counts in tallies_of(messages, "flights", fates)] == [
        (F0, (1, 0, 2)),
        (F1, (1, 1, 0)),
    ]


@given(st.lists(st.tuples(keys, st.sampled_from(Fate))), st.booleans())
def test_tallies_count_each_message_once(found: list[tuple[TopicPartition, Fate]], with_fates: bool) -> None:
    messages = [In(key) for key, _ in found]
    fates = bytearray(fate for _, fate in found) if with_fates else None
    tallies = tallies_of(messages, None, fates)
    assert [each.key for each in tallies] == list(dict.fromkeys(key for key, _ in found))
    for key, last, counts in tallies:
        own = [fate for each, fate in found if each == key]
        assert counts == (tuple(map(own.count, Fate)) if with_fates else (len(own), 0, 0))
        assert last is [each for each in messages if each.key == key][-1]
