from __future__ import annotations

import pytest

from framework.types import TopicPartition
from framework_iterator import Plan, PlannedPartition
from framework_iterator.planning.saved import misfits, new_partitions, nothing_committed, unused
from framework_iterator.planning.subscription import subscribe

TRUNCATED = "was the topic recreated, or its log truncated? Reading starts at 5."
REMOVED = "removed between the {} and the first kept offset 3: they were not read."
NOT_USED = "it is not used. Was it saved by another run, or for another cluster?"


def of_flights(partitions: int, low: int = 3, high: int = 5) -> Plan:
    return Plan(
        tuple(PlannedPartition("flights", number, low, high, high, high) for number in range(partitions))
    )


@pytest.mark.parametrize(
    ("position", "sentences"),
    [
        (10, [f"flights-0: the saved position 10 lies beyond the end (5): {TRUNCATED}"]),
        (5, []),
        (3, []),
        (2, [f"flights-0: 1 offset was {REMOVED.format('saved position 2')}"]),
        (0, [f"flights-0: 3 offsets were {REMOVED.format('saved position 0')}"]),
    ],
)
def test_a_saved_position_that_does_not_fit_the_log_is_told(position: int, sentences: list[str]) -> None:
    subscription = subscribe("flights", None, {"flights": {"0": position}})
    assert list(misfits(subscription, of_flights(2), {}, {})) == sentences


@pytest.mark.parametrize(
    ("offset", "sentences"),
    [
        (10, [f"flights-0: the committed offset 10 lies beyond the end (5): {TRUNCATED}"]),
        (5, []),
        (None, []),
        (1, [f"flights-0: 2 offsets were {REMOVED.format('committed offset 1')}"]),
    ],
)
def test_so_is_a_committed_offset(offset: int | None, sentences: list[str]) -> None:
    committed = {TopicPartition("flights", 0): offset}
    assert list(misfits(subscribe({"flights": True}), of_flights(2), committed, {})) == sentences


def test_a_position_behind_an_open_transaction_is_no_truncated_log() -> None:
    subscription = subscribe("flights", None, {"flights": {0: 7, 1: 8}})
    behind = dict.fromkeys([TopicPartition("flights", 0), TopicPartition("flights", 1)], (5, 2))
    assert list(misfits(subscription, of_flights(2), {}, behind)) == [
        (
            "flights-0: the saved position 7 lies beyond the last stable offset 5: a transaction is open. "
            "Was it reached with isolation.level=read_uncommitted? Reading starts at 5."
        ),
        f"flights-1: the saved position 8 lies beyond the end (5): {TRUNCATED}",
    ]


def test_a_topic_of_many_partitions_has_one_sentence_of_each_kind() -> None:
    saved = {"flights": {0: 10, 1: 11, 2: 12, 3: 0, 4: 1}}
    beyond, removed = misfits(subscribe("flights", None, saved), of_flights(5), {}, {})
    assert beyond.endswith(f"{TRUNCATED} The same is true of 2 other partitions.")
    assert removed.startswith("flights-3: 3 offsets were removed")
    assert removed.endswith("they were not read. The same is true of another partition.")


def test_without_positions_nothing_is_told() -> None:
    subscription = subscribe({"flights": 100}, None)
    assert [*misfits(subscription, of_flights(1), {}, {})] == []
    assert [*unused(subscription, of_flights(1)), *new_partitions(subscription, of_flights(1))] == []


@pytest.mark.parametrize(
    ("resume", "sentences"),
    [
        ({"fligths": {0: 7}}, [f"resume has no position of what is read, only of fligths-0: {NOT_USED}"]),
        (
            {"flights": {7: 1}, "fligths": {str(number): 7 for number in range(4)}},
            [
                "resume has no position of what is read, only of flights-7, fligths-0, fligths-1 and 2 more: "
                + NOT_USED
            ],
        ),
        ({"flights": {0: 7}, "weather": {0: 7}}, []),
        ({"flights": {}, "weather": {}}, []),
        ({}, []),
    ],
)
def test_positions_of_nothing_that_is_read_are_told(resume: object, sentences: list[str]) -> None:
    assert list(unused(subscribe("flights", None, resume), of_flights(2))) == sentences


def test_positions_of_partitions_that_the_topic_does_not_have_are_told() -> None:
    saved = {"flights": dict.fromkeys(range(4), 5)}
    assert list(unused(subscribe("flights", None, saved), of_flights(2))) == [
        "flights-2, flights-3: resume has positions of partitions that don't exist: was the topic recreated?"
    ]
    assert list(unused(subscribe({"flights": [0, 1]}, None, saved), of_flights(2))) == []


def test_new_partitions_are_told_where_they_would_have_started_elsewhere() -> None:
    saved = {"flights": {0: 5, 1: 5}}
    assert list(new_partitions(subscribe({"flights": "latest"}, None, saved), of_flights(4))) == [
        (
            "New partitions since the positions were saved: flights-2, flights-3. "
            "Reading them from their first message."
        )
    ]
    for topics in ("flights", {"flights": {0: -1, 2: -1}}, {"flights": "earliest"}):
        assert list(new_partitions(subscribe(topics, None, saved), of_flights(4))) == []


@pytest.mark.parametrize(
    ("offsets", "plan", "sentences"),
    [
        ({}, of_flights(2), []),
        ({0: 4, 1: None}, of_flights(2, low=5), []),
        (
            {0: 4, 1: None, 2: None},
            of_flights(3),
            ["flights-1, flights-2: group 'g' has committed nothing: reading starts at the end."],
        ),
        (
            {0: None, 1: None},
            of_flights(2),
            ["flights: group 'g' has committed nothing: reading starts at the end."],
        ),
        (
            {0: None},
            Plan((PlannedPartition("flights", 0, 3, 5, 3, 5),)),
            ["flights: group 'g' has committed nothing: reading starts at the first message."],
        ),
    ],
)
def test_a_group_that_has_committed_nothing_is_told(
    offsets: dict[int, int | None], plan: Plan, sentences: list[str]
) -> None:
    committed = {TopicPartition("flights", number): offset for number, offset in offsets.items()}
    assert list(nothing_committed(plan, committed, "g")) == sentences
