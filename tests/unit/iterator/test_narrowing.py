from __future__ import annotations

from framework.types import TopicPartition
from framework_iterator.planning.narrowing import narrowed
from framework_iterator.planning.starts import Earliest, Last, Offset
from framework_iterator.planning.subscription import Span, subscribe


def test_a_topic_that_is_read_whole_stays_as_it_was() -> None:
    subscription = subscribe({"flights": {0: 5}, "weather": None})
    assert narrowed(subscription, {"flights": None}) == subscription


def test_named_partitions_and_their_ends_and_positions_are_left_out() -> None:
    subscription = subscribe(
        {"flights": {0: 5, 1: -3, 2: None}},
        {"flights": {0: 9, 1: 8}},
        {"flights": {"1": 6, "2": 4}},
    )
    [selection] = narrowed(subscription, {"flights": {1}}).selections
    assert selection.partitions == {1: Last(3)}
    assert selection.untils == {1: Offset(8)}
    assert selection.saved == {1: Offset(6)}
    assert selection.over([1]) == {1: Span(Offset(6), Offset(8))}


def test_a_topic_is_over_the_partitions_that_were_chosen() -> None:
    subscription = narrowed(subscribe(["flights", "weather"]), {"flights": {2}})
    assert subscription.over({"flights": {2}, "weather": range(1)}) == {
        TopicPartition("flights", 2): Span(Earliest(), None),
        TopicPartition("weather", 0): Span(Earliest(), None),
    }


def test_none_of_those_that_were_named_may_be_left() -> None:
    [selection] = narrowed(subscribe({"flights": [0, 1]}), {"flights": {7}}).selections
    assert selection.over([7]) == {}


def test_the_positions_as_they_were_given_are_kept() -> None:
    subscription = subscribe("flights", None, {"flights": {"0": 4}, "other": {"1": 2}})
    assert narrowed(subscription, {"flights": {1}}).resume == subscription.resume
