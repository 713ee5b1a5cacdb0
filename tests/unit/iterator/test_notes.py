from __future__ import annotations

import dataclasses

import pytest

from framework.types import TopicPartition
from framework_iterator import Ended, PartitionReport, Plan, Report
from framework_iterator.notes import gaps_in, nothing_passed, open_transactions, unreadable_in
from framework_iterator.planning.subscription import subscribe
from tests.unit.iterator.fakes import F0, F1, W0

HELD = "held no message (transaction markers, aborted or compacted messages)."


def read(key: TopicPartition, start: int, messages: int) -> PartitionReport:
    """A partition that was read from `start` to its end, 100."""
    return PartitionReport(*key, start, 100, 100, messages, lost=0, ended=Ended.END)


def told(topics: object, *partitions: PartitionReport) -> list[str]:
    return list(gaps_in(subscribe(topics), Report(partitions, Ended.END)))


def test_the_gaps_of_a_topic_are_summed_up_and_a_start_further_back_is_named() -> None:
    assert told({"flights": -10}, read(F0, 90, 8), read(F1, 90, 0)) == [
        f"flights: 12 offsets {HELD} For more, start further back, such as at -20."
    ]


def test_the_partition_that_goes_back_furthest_decides_which() -> None:
    assert told({"flights": {0: -10, 1: -30}}, read(F0, 90, 9), read(F1, 70, 30)) == [
        f"flights: 1 offset {HELD} For more, start further back, such as at -20."
    ]


def test_of_a_partition_that_was_read_from_its_first_message_nothing_lies_further_back() -> None:
    assert told({"flights": -1000}, read(F0, 0, 50)) == [f"flights: 50 offsets {HELD}"]


def test_each_topic_has_its_sentence_and_one_without_gaps_has_none() -> None:
    assert told({"flights": -1, "weather": -1}, read(F0, 99, 1), read(W0, 99, 0)) == [
        f"weather: 1 offset {HELD} For more, start further back, such as at -2."
    ]


def test_a_topic_that_gave_messages_has_gaps_where_no_number_of_them_was_asked_for() -> None:
    assert told({"flights": {0: 90, 1: "earliest"}}, read(F0, 90, 0), read(F1, 0, 1)) == []


def test_a_topic_that_gave_nothing_is_told_whatever_its_start() -> None:
    assert told(
        {"flights": {0: 90, 1: -10}, "weather": 99}, read(F0, 90, 0), read(F1, 90, 0), read(W0, 99, 1)
    ) == [f"flights: 20 offsets {HELD} For more, start further back, such as at -20."]


def test_so_is_a_topic_of_a_plan_that_was_given() -> None:
    report = Report((read(F0, 90, 0), read(F1, 0, 0), read(W0, 90, 1)), Ended.END)
    assert list(gaps_in(Plan(()), report)) == [f"flights: 110 offsets {HELD}"]


def test_with_read_uncommitted_no_message_is_an_aborted_one() -> None:
    report = Report((read(F0, 90, 0),), Ended.END)
    assert list(gaps_in(subscribe({"flights": 90}), report, read_committed=False)) == [
        "flights: 10 offsets held no message (transaction markers, compacted messages)."
    ]


@pytest.mark.parametrize(
    ("unreadable", "sentences"),
    [
        (0, []),
        (1, ["1 message was skipped as unreadable. The first: Why."]),
        (2_000, ["2,000 messages were skipped as unreadable. The first: Why."]),
    ],
)
def test_messages_that_were_skipped_are_told_with_the_first_reason(
    unreadable: int, sentences: list[str]
) -> None:
    partition = dataclasses.replace(read(F0, 0, 5), unreadable=unreadable)
    assert list(unreadable_in(Report((partition,), Ended.END), "Why.")) == sentences


@pytest.mark.parametrize(
    ("messages", "filtered", "sentences"),
    [
        (0, 0, []),
        (0, 1, ["1 message was read, and none matched."]),
        (0, 1_500, ["3,000 messages were read, and none matched."]),
        (1, 5, []),
    ],
)
def test_a_search_that_found_nothing_is_told(messages: int, filtered: int, sentences: list[str]) -> None:
    both = [F0, F1] if filtered > 1 else [F0]
    report = Report(
        tuple(dataclasses.replace(read(key, 0, messages), filtered=filtered) for key in both), Ended.END
    )
    assert list(nothing_passed(report)) == sentences


def test_one_partition_of_open_transactions_is_named() -> None:
    assert list(open_transactions({F0: (40, 1)})) == [
        (
            "flights-0: 1 offset lies behind the last stable offset 40: a transaction is open. "
            "isolation.level=read_uncommitted reads them now."
        )
    ]


def test_several_partitions_are_summed_up_by_topic() -> None:
    assert list(open_transactions({F0: (40, 1_000), F1: (0, 200), W0: (7, 2)})) == [
        (
            "flights: 1,200 offsets lie behind the last stable offsets of 2 partitions, "
            "such as flights-0@40: transactions are open. isolation.level=read_uncommitted reads them now."
        ),
        (
            "weather-0: 2 offsets lie behind the last stable offset 7: a transaction is open. "
            "isolation.level=read_uncommitted reads them now."
        ),
    ]


def test_without_open_transactions_there_is_nothing_to_say() -> None:
    assert list(open_transactions({})) == []
