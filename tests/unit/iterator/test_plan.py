from __future__ import annotations

import dataclasses
import datetime as dt
import pickle
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.types import TopicPartition
from framework_iterator import InvalidOptionError, InvalidStartError, Plan, PlannedPartition
from framework_iterator.planning.planner import resolve
from framework_iterator.planning.starts import (
    Ago,
    Committed,
    Earliest,
    Last,
    Latest,
    Moment,
    Offset,
    OffsetFacts,
    ParsedStart,
    parse,
    parse_end,
)
from framework_iterator.planning.subscription import Span

KEY = TopicPartition("flights", 3)
NEW_YEAR = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def plan_one(start: object = None, until: object = None, **known: Any) -> PlannedPartition:
    """The plan of one partition, from 100 to 250 unless the test says otherwise."""
    follow, at_until = known.pop("follow", False), known.pop("at_until", None)
    facts = OffsetFacts(**{"low": 100, "high": 250} | known)
    span = Span(parse(start), parse_end(until))
    return resolve({KEY: span}, {KEY: facts}, {KEY: at_until}, follow=follow)[KEY]


def test_by_default_all_there_is_will_be_read() -> None:
    assert plan_one() == PlannedPartition("flights", 3, low=100, high=250, start=100, stop=250)
    assert plan_one().count == 150


@pytest.mark.parametrize(
    ("start", "until", "expected"),
    [
        (None, "latest", (100, 250)),
        (None, "earliest", (100, 100)),
        (None, 0, (100, 100)),
        (None, 99, (100, 100)),
        (None, 101, (100, 101)),
        (None, 250, (100, 250)),
        (None, 251, (100, 250)),
        (None, 2**63 - 1, (100, 250)),
        (None, -1, (100, 249)),
        (None, -2, (100, 248)),
        (None, -1001, (100, 100)),
        (-20, -10, (230, 240)),
        (120, 130, (120, 130)),
        (130, 130, (130, 130)),
    ],
)
def test_a_start_and_an_end_come_to_offsets(start: object, until: object, expected: tuple[int, int]) -> None:
    planned = plan_one(start, until)
    assert (planned.start, planned.stop) == expected
    assert planned.count == expected[1] - expected[0]


@pytest.mark.parametrize(("start", "until"), [(200, 150), ("latest", "earliest"), (-1, -100), (240, 0)])
def test_an_end_before_the_start_leaves_nothing_to_read(start: object, until: object) -> None:
    assert plan_one(start, until).count == 0


def test_a_start_and_an_end_by_time_use_a_look_up_each() -> None:
    planned = plan_one(2 * HOUR, HOUR, at_moment=160, at_until=200)
    assert (planned.start, planned.stop, planned.count) == (160, 200, 40)


def test_a_time_past_the_end_is_the_end() -> None:
    planned = plan_one(HOUR, HOUR, at_moment=None, at_until=None)
    assert (planned.start, planned.stop, planned.count) == (250, 250, 0)


@pytest.mark.parametrize("until", [None, "latest", -1, 5, HOUR], ids=repr)
def test_an_empty_partition_has_nothing_to_read(until: object) -> None:
    planned = plan_one(None, until, low=42, high=42)
    assert (planned.start, planned.stop, planned.count) == (42, 42, 0)


def test_where_nothing_was_committed_and_the_reset_is_error_the_partition_is_named() -> None:
    with pytest.raises(InvalidStartError) as caught:
        plan_one(True, reset="error")
    assert str(caught.value) == (
        "flights-3: The group has committed nothing here, and auto.offset.reset='error' gives no start. "
        "Write another start, or set it to 'earliest' or 'latest'."
    )


@pytest.mark.parametrize(
    ("until", "stop"),
    [
        (None, None),
        TopicPartition("latest", 250),
        TopicPartition("earliest", 100),
        (-10, 240),
        (180, 180),
        (250, 250),
        (251, 251),
        (10_000, 10_000),
        (0, 100),
    ],
)
def test_following_goes_on_for_ever_or_to_an_end_that_may_lie_ahead(until: object, stop: int | None) -> None:
    assert plan_one(None, until, follow=True).stop == stop


def test_following_an_empty_partition_to_an_end_that_is_gone_ends_where_it_is() -> None:
    planned = plan_one(None, 5, low=100, high=100, follow=True)
    assert (planned.start, planned.stop, planned.count) == (100, 100, 0)


def test_following_until_a_moment_that_a_message_has_reached_ends_there() -> None:
    assert plan_one(None, NEW_YEAR, follow=True, at_until=200).stop == 200


def test_following_until_a_moment_that_no_message_has_reached_has_no_end_yet() -> None:
    assert plan_one(None, NEW_YEAR, follow=True).stop is None


def test_following_until_a_time_ago_which_the_clock_has_passed_ends_here() -> None:
    assert plan_one(None, HOUR, follow=True).stop == 250


@pytest.mark.parametrize(
    ("follow", "end", "at_until", "expected"),
    [
        (True, NEW_YEAR, None, 4_102_444_800_000),
        (True, NEW_YEAR, 200, None),
        (False, NEW_YEAR, None, None),
        (True, 300, None, None),
        (True, "latest", None, None),
        (True, None, None, None),
    ],
)
def test_only_a_partition_to_be_followed_to_a_moment_that_lies_ahead_keeps_it(
    follow: bool, end: object, at_until: int | None, expected: int | None
) -> None:
    span = Span(Earliest(), parse_end(end))
    moments = {KEY: 4_102_444_800_000 if end is NEW_YEAR else None}
    plan = resolve(
        {KEY: span}, {KEY: OffsetFacts(100, 250)}, {KEY: at_until}, until_moments=moments, follow=follow
    )
    assert plan[KEY].until == expected


def test_each_partition_keeps_its_own_moment() -> None:
    spans = {
        KEY: Span(Earliest(), parse_end(NEW_YEAR)),
        TopicPartition("flights", 4): Span(Earliest(), None),
        TopicPartition("flights", 5): Span(Earliest(), parse_end(dt.datetime(1970, 1, 1, tzinfo=dt.UTC))),
    }
    moments = {KEY: 4_102_444_800_000, TopicPartition("flights", 4): None, TopicPartition("flights", 5): 0}
    facts = dict.fromkeys(spans, OffsetFacts(0, 0))
    plan = resolve(spans, facts, {}, until_moments=moments, follow=True)
    assert [each.until for each in plan] == [4_102_444_800_000, None, 0]


def test_following_counts_what_is_there_now() -> None:
    assert plan_one(-10, follow=True).count == 10
    assert plan_one("latest", follow=True).count == 0


@pytest.fixture
def plan() -> Plan:
    spans = {
        TopicPartition("weather", 0): Span(Earliest(), None),
        TopicPartition("flights", 0): Span(Last(10), None),
        TopicPartition("flights", 11): Span(Latest(), None),
    }
    facts = {
        TopicPartition("weather", 0): OffsetFacts(0, 26_115),
        TopicPartition("flights", 0): OffsetFacts(5, 30),
        TopicPartition("flights", 11): OffsetFacts(7, 7),
    }
    return resolve(spans, facts, {})


def test_a_plan_keeps_the_order_it_was_given(plan: Plan) -> None:
    assert [(each.topic, each.partition) for each in plan] == [
        TopicPartition("weather", 0),
        TopicPartition("flights", 0),
        TopicPartition("flights", 11),
    ]
    assert plan.partitions == tuple(plan)
    assert len(plan) == 3


def test_a_plan_counts_all_its_offsets(plan: Plan) -> None:
    assert [each.count for each in plan] == [26_115, 10, 0]
    assert plan.count == 26_125


def test_a_partition_is_found_by_topic_and_number(plan: Plan) -> None:
    assert plan["flights", 0] == PlannedPartition("flights", 0, 5, 30, 20, 30)
    with pytest.raises(KeyError):
        plan["flights", 1]


def test_a_plan_can_not_be_changed(plan: Plan) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.partitions = ()  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.partitions[0].stop = 5  # type: ignore[misc]


def test_a_plan_is_a_value(plan: Plan) -> None:
    assert plan["flights", 0].count == 10
    assert plan == pickle.loads(pickle.dumps(plan)) == Plan(plan.partitions)
    assert hash(plan) == hash(Plan(plan.partitions))


def test_the_text_of_a_plan_is_a_table(plan: Plan) -> None:
    assert str(plan).splitlines() == [
        "topic    partition  low    high  start    stop   count",
        "weather          0    0  26,115      0  26,115  26,115",
        "flights          0    5      30     20      30      10",
        "flights         11    7       7      7       7       0",
        "                                                26,125",
    ]


def test_the_text_of_a_plan_without_an_end_has_a_dash_there() -> None:
    span = Span(Earliest(), None)
    plan = resolve({KEY: span}, {KEY: OffsetFacts(0, 12)}, {}, follow=True)
    assert str(plan).splitlines() == [
        "topic    partition  low  high  start  stop  count",
        "flights          3    0    12      0     -     12",
        "                                               12",
    ]


def test_a_plan_may_have_no_partitions() -> None:
    plan = resolve({}, {}, {})
    assert (plan.count, len(plan), plan.partitions) == (0, 0, ())
    assert str(plan).startswith("topic  partition  low  high  start  stop  count")


@pytest.mark.parametrize(("follow", "text"), [(False, "flights-3 240..250"), (True, "flights-3 240..")])
def test_a_planned_partition_reads_as_its_range(follow: bool, text: str) -> None:
    assert str(plan_one(-10, follow=follow)) == text


positions: st.SearchStrategy[ParsedStart] = st.one_of(
    st.sampled_from([Earliest(), Latest()]),
    st.builds(Offset, st.integers(0, 4_000)),
    st.builds(Last, st.integers(1, 4_000)),
    st.builds(Moment, st.integers(0, 2**42)),
    st.builds(Ago, st.integers(0, 2**42)),
)
offsets = st.none() | st.integers(0, 4_000)
watermarks = st.tuples(st.integers(0, 3_000), st.integers(0, 3_000)).map(sorted)


@given(positions | st.just(Committed()), st.none() | positions, watermarks, offsets, offsets, offsets)
def test_a_finite_plan_lies_between_low_and_high_and_counts_no_less_than_nothing(
    start: ParsedStart,
    until: ParsedStart | None,
    ends: list[int],
    at_moment: int | None,
    committed: int | None,
    at_until: int | None,
) -> None:
    low, high = ends
    known = OffsetFacts(low, high, at_moment, committed)
    planned = resolve({KEY: Span(start, until)}, {KEY: known}, {KEY: at_until})[KEY]
    assert planned.stop is not None
    assert low <= planned.start <= high
    assert low <= planned.stop <= high
    assert planned.count == max(0, planned.stop - planned.start)


@given(positions | st.just(Committed()), st.none() | positions, watermarks, offsets, offsets)
def test_a_plan_to_follow_has_no_negative_number_in_it(
    start: ParsedStart,
    until: ParsedStart | None,
    ends: list[int],
    at_moment: int | None,
    at_until: int | None,
) -> None:
    low, high = ends
    known = OffsetFacts(low, high, at_moment)
    planned = resolve({KEY: Span(start, until)}, {KEY: known}, {KEY: at_until}, follow=True)[KEY]
    assert low <= planned.start <= high
    assert planned.stop is None or planned.stop >= low
    assert planned.count >= 0


# A plan that is split


def plan_with(*counts: int) -> Plan:
    """A plan of partitions with so many offsets, the first of each at 10."""
    return Plan(
        tuple(
            PlannedPartition("flights", number, 0, 500, 10, 10 + count) for number, count in enumerate(counts)
        )
    )


def written(parts: tuple[Plan, ...]) -> list[list[str]]:
    return [[str(each) for each in part] for part in parts]


def test_where_it_is_balanced_partitions_stay_whole() -> None:
    assert written(plan_with(100, 90, 110, 100).split(2)) == [
        ["flights-1 10..100", "flights-2 10..120"],
        ["flights-0 10..110", "flights-3 10..110"],
    ]


def test_where_it_is_not_balanced_partitions_are_cut_into_equal_shares() -> None:
    assert written(plan_with(20, 100).split(3)) == [
        ["flights-0 10..30", "flights-1 10..30"],
        ["flights-1 30..70"],
        ["flights-1 70..110"],
    ]


@pytest.mark.parametrize(
    ("counts", "is_whole"),
    [
        pytest.param((50, 30), True, id="a-quarter-more-than-the-average"),
        pytest.param((51, 29), False, id="more-than-that"),
        pytest.param((40, 40), True, id="equal"),
        pytest.param((80, 0), False, id="all-in-one"),
    ],
)
def test_whole_is_balanced_up_to_a_quarter_above_the_average(counts: tuple[int, int], is_whole: bool) -> None:
    plan = plan_with(*counts)
    parts = plan.split(2)
    assert ({each for part in parts for each in part} == set(plan)) is is_whole


def test_one_part_is_the_plan(plan: Plan) -> None:
    assert plan.split(1) == (plan,)


def test_with_more_parts_than_offsets_each_offset_is_a_part() -> None:
    assert written(plan_with(1, 2).split(9)) == [
        ["flights-0 10..11"],
        ["flights-1 10..11"],
        ["flights-1 11..12"],
    ]


@pytest.mark.timeout(10)
def test_more_parts_than_offsets_cost_nothing() -> None:
    assert len(plan_with(1, 2, 0).split(10**12)) == 3


class Two:
    """An integer of another library's, as numpy has them."""

    def __index__(self) -> int:
        return 2


def test_a_number_of_parts_is_anything_that_is_an_integer() -> None:
    plan, number = plan_with(4, 4), cast("int", Two())
    assert plan.split(number) == plan.split(2)


def test_partitions_without_offsets_are_in_one_part() -> None:
    assert written(plan_with(0, 5, 0, 5).split(2)) == [
        ["flights-0 10..10", "flights-1 10..15", "flights-2 10..10"],
        ["flights-3 10..15"],
    ]


def test_a_plan_with_nothing_to_read_is_one_part() -> None:
    assert plan_with(0, 0).split(4) == (plan_with(0, 0),)


def test_a_plan_without_partitions_has_no_parts() -> None:
    assert Plan(()).split(3) == ()


def test_the_parts_of_a_partition_know_its_watermarks() -> None:
    assert plan_with(2).split(2)[1].partitions == (PlannedPartition("flights", 0, 0, 500, 11, 12),)


@pytest.mark.parametrize("n", [0, -1, True, 2.0, "2", None], ids=repr)
def test_a_wrong_number_of_parts_is_named(plan: Plan, n: Any) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        plan.split(n)
    assert str(caught.value) == f"split({n!r}) is invalid: expected an int >= 1."


def test_a_plan_that_follows_can_not_be_split() -> None:
    plan = Plan((PlannedPartition("flights", 0, 0, 9, 0, 9), PlannedPartition("flights", 1, 0, 9, 0, None)))
    with pytest.raises(InvalidOptionError) as caught:
        plan.split(2)
    assert str(caught.value) == "A plan that follows can't be split: its partitions have no end."


def places(plan: Plan) -> list[tuple[int, int]]:
    return [(each.partition, each.start + number) for each in plan for number in range(each.count)]


counts = st.lists(st.integers(0, 60), max_size=12)


@given(counts, st.integers(1, 9))
def test_the_parts_are_together_exactly_the_plan(found: list[int], n: int) -> None:
    plan = plan_with(*found)
    parts = plan.split(n)
    assert len(parts) <= n
    assert sorted(place for part in parts for place in places(part)) == places(plan)
    assert {each.key for part in parts for each in part} == {each.key for each in plan}


@given(counts, st.integers(1, 9))
def test_a_part_has_a_partition_once_and_partitions_in_the_order_of_the_plan(
    found: list[int], n: int
) -> None:
    for part in plan_with(*found).split(n):
        numbers = [each.partition for each in part]
        assert numbers == sorted(set(numbers))
        assert part.partitions


@given(counts, st.integers(1, 9))
def test_the_parts_are_whole_partitions_or_equal_shares(found: list[int], n: int) -> None:
    plan = plan_with(*found)
    parts = plan.split(n)
    largest = max((part.count for part in parts), default=0)
    if {each for part in parts for each in part} == set(plan):
        assert largest <= 1.25 * plan.count / n or largest - plan.count / n < 1
    else:
        assert largest - plan.count / n < 1
        assert min(part.count for part in parts) >= plan.count // n
