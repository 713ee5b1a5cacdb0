from __future__ import annotations

import datetime as dt

import pytest

from framework_iterator import Plan, PlannedPartition
from framework_iterator.planning.subscription import subscribe
from framework_iterator.planning.unlikely import nothing_to_read, starts_beyond_the_end, unlikely_starts

NOW = 1_700_000_000_000
DAY = dt.timedelta(days=1)


def at(milliseconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)


def told(
    topics: object, until: object = None, *, high: int = 100, start: int = 100, stop: int | None = 100
) -> list[str]:
    plan = Plan(tuple(PlannedPartition("flights", number, 0, high, start, stop) for number in range(2)))
    return unlikely_starts(subscribe(topics, until), plan, NOW)


def test_one_sentence_for_all_partitions_of_a_topic_says_what_to_write() -> None:
    assert told({"flights": 1700000000000}) == [
        (
            "flights: offset 1700000000000 is beyond the end (100). "
            "Did you mean the moment 2023-11-14T22:13:20Z? Write --start 2023-11-14T22:13:20Z, or a datetime."
        )
    ]


def test_each_start_and_end_has_its_own_sentence() -> None:
    first, second = told({"flights": {0: 20240101, 1: 100}}, until=20240201)
    assert "offset 20240101 is" in first
    assert "Write --start 2024-01-01," in first
    assert "offset 20240201 is" in second
    assert "Write --until 2024-02-01," in second


@pytest.mark.parametrize("start", [None, "latest", "earliest", True, 0, 100, 10**6, -1700000000000])
def test_other_starts_are_meant(start: object) -> None:
    assert told({"flights": start}) == []


@pytest.mark.parametrize("high", [1700000001, 1699999999, 850000000])
def test_a_number_that_may_be_an_offset_is_one(high: int) -> None:
    assert told({"flights": 1700000000}, high=high) == []


def test_an_offset_beyond_the_end_is_a_second_kind() -> None:
    plan = Plan(tuple(PlannedPartition("flights", number, 0, 100 * number, 0, 0) for number in range(3)))
    assert starts_beyond_the_end(subscribe({"flights": 201}), plan) == [
        "flights: offset 201 is beyond the end (200)."
    ]
    for start in (200, 150, -300, None, "latest", 1700000000, dt.timedelta(0), {1: 100, 2: 200}):
        assert starts_beyond_the_end(subscribe({"flights": start}), plan) == []
    for start in ({1: 101}, {1: 101, 2: 101}):
        assert len(starts_beyond_the_end(subscribe({"flights": start}), plan)) == (start == {1: 101})


BEFORE = [
    (20, 10), (-10, -20), (at(NOW), at(NOW) - DAY), (DAY, 2 * DAY), ({0: 20, 1: 30}, 10),
]  # fmt: skip


@pytest.mark.parametrize(("start", "until"), BEFORE)
def test_an_end_before_the_start_is_no_end(start: object, until: object) -> None:
    assert told({"flights": start}, until) == ["flights: the end lies before the start: nothing is read."]


@pytest.mark.parametrize(
    ("start", "until"),
    [*((end, start) for start, end in BEFORE[:4]), (10, 10), (50, -90), ("latest", 5), ({0: 20, 1: 5}, 10)],
)
def test_an_end_that_lies_or_may_lie_at_the_start_or_after_is_meant(start: object, until: object) -> None:
    assert told({"flights": start}, until) == []


def test_a_saved_position_is_no_moment() -> None:
    plan = Plan((PlannedPartition("flights", 0, 0, 1, 1, 1),))
    subscription = subscribe("flights", None, {"flights": {0: 1700000000000}})
    assert unlikely_starts(subscription, plan, NOW) == []


def test_a_start_in_the_future_lies_after_every_message() -> None:
    assert told({"flights": at(NOW) + 2 * DAY}) == [
        "flights: the start 2023-11-16T22:13:20Z lies in the future, after every message."
    ]
    [sentence] = told({"flights": dt.date.max})
    assert sentence.endswith("lies in the future, after every message.")


@pytest.mark.parametrize("start", [at(NOW) - DAY, at(NOW), at(NOW) + DAY, 2 * DAY])
def test_a_start_of_the_past_or_of_a_clock_that_is_fast_is_meant(start: object) -> None:
    assert told({"flights": start}) == []


def test_a_start_in_the_future_that_finds_messages_is_meant() -> None:
    assert told({"flights": at(NOW) + 2 * DAY}, start=90) == []


@pytest.mark.parametrize("ahead", [dt.timedelta(minutes=1), dt.timedelta(hours=3), DAY])
def test_a_run_that_follows_does_not_wait_for_a_start_that_is_less_than_a_day_ahead(
    ahead: dt.timedelta,
) -> None:
    [sentence] = told({"flights": at(NOW) + ahead}, stop=None)
    assert sentence.endswith("lies in the future: following starts at the end.")
    assert told({"flights": at(NOW)}, stop=None) == []


def test_a_run_that_follows_does_not_wait_for_its_start() -> None:
    assert told({"flights": at(NOW) + 2 * DAY}, stop=None) == [
        "flights: the start 2023-11-16T22:13:20Z lies in the future: following starts at the end."
    ]
    plan = Plan((PlannedPartition("flights", 0, 0, 100, 100, None),))
    assert starts_beyond_the_end(subscribe({"flights": 101}), plan) == [
        "flights: offset 101 is beyond the end (100): following starts at the end."
    ]
    assert starts_beyond_the_end(subscribe({"flights": 100}), plan) == []


@pytest.mark.parametrize(
    ("start", "until", "high", "why"),
    [
        (None, None, 0, "it has no messages."),
        (-1, None, 0, "it has no messages."),
        (None, None, 7, "its messages were removed."),
        (-1, None, 7, "its messages were removed."),
        ("latest", None, 9, "it starts at the end. With follow, a run waits for new messages."),
        (9, None, 9, "no message lies between its start and its end."),
        (True, None, 9, "no message lies between its start and its end."),
        (DAY, None, 9, "no message is newer than its start."),
        (at(NOW), None, 9, "no message is newer than its start."),
        (DAY, at(0), 9, "no message lies between its start and its end."),
        (None, 0, 9, "no message lies between its start and its end."),
    ],
)
def test_where_nothing_is_planned_it_is_told_why(start: object, until: object, high: int, why: str) -> None:
    stop = high if until is None else 0
    plan = Plan(tuple(PlannedPartition("flights", number, 0, high, stop, stop) for number in range(2)))
    subscription = subscribe({"flights": start}, until)
    assert nothing_to_read(subscription, plan, NOW) == {"flights": f"flights: nothing to read: {why}"}


@pytest.mark.parametrize("start", [101, 1700000000000, at(NOW) + 2 * DAY])
def test_what_was_told_already_is_not_told_again(start: object) -> None:
    plan = Plan((PlannedPartition("flights", 0, 0, 100, 100, 100),))
    assert nothing_to_read(subscribe({"flights": start}), plan, NOW) == {}


def test_that_nothing_is_new_since_a_saved_position_is_not_told() -> None:
    plan = Plan((PlannedPartition("flights", 0, 0, 9, 9, 9), PlannedPartition("flights", 1, 0, 0, 0, 0)))
    assert nothing_to_read(subscribe("flights", None, {"flights": {0: 9}}), plan, NOW) == {}
    other = subscribe("flights", None, {"weather": {0: 9}, "flights": {2: 9}})
    assert nothing_to_read(other, plan, NOW).keys() == {"flights"}


def test_where_something_is_planned_or_may_follow_nothing_is_told() -> None:
    some = PlannedPartition("flights", 1, 0, 5, 4, 5)
    none = PlannedPartition("flights", 0, 0, 0, 0, 0)
    assert nothing_to_read(subscribe("flights"), Plan((none, some)), NOW) == {}
    follows = PlannedPartition("flights", 0, 0, 0, 0, None)
    assert nothing_to_read(subscribe("flights"), Plan((follows,)), NOW) == {}
