from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import PartitionNotFoundError, Topic
from framework.types import TopicPartition
from framework_iterator import InvalidStartError
from framework_iterator.planning.starts import Ago, Committed, Earliest, Last, Latest, Offset
from framework_iterator.planning.subscription import Span, subscribe

FLIGHTS: Topic[Any] = Topic("flights")
WEATHER: Topic[Any] = Topic("weather", active=False)
EXISTING = {"flights": range(3), "weather": range(1)}

ALL: dict[TopicPartition, Span] = {
    TopicPartition("flights", 0): Span(Earliest(), None),
    TopicPartition("flights", 1): Span(Earliest(), None),
    TopicPartition("flights", 2): Span(Earliest(), None),
}


class Whole:
    """A whole number of somebody else's, as numpy has them: equal to none, but an index."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __index__(self) -> int:
        return self.number

    def __repr__(self) -> str:
        return f"Whole({self.number})"


def spans(topics: object, until: object = None) -> dict[TopicPartition, Span]:
    return subscribe(topics, until).over(EXISTING)


def refusal(topics: object, until: object = None) -> str:
    with pytest.raises(InvalidStartError) as caught:
        subscribe(topics, until)
    return str(caught.value)


@pytest.mark.parametrize(
    "topics",
    [
        "flights",
        FLIGHTS,
        ["flights"],
        ("flights",),
        {"flights"},
        frozenset([FLIGHTS]),
        [FLIGHTS],
        {"flights": None},
        {FLIGHTS: None},
        {"flights": "earliest"},
        {"flights": [0, 1, 2]},
        {"flights": [2, 0, 1]},
        {"flights": range(3)},
        {"flights": {0, 1, 2}},
        {"flights": [Whole(0), Whole(1), Whole(2)]},
        {"flights": {2: None, 1: "earliest", 0: None}},
    ],
    ids=repr,
)
def test_one_topic_from_its_beginning_in_every_spelling(topics: object) -> None:
    assert spans(topics) == ALL
    assert list(spans(topics)) == list(ALL)


def test_a_generator_of_topics_is_read_once_and_kept() -> None:
    subscription = subscribe(name for name in ["flights", "weather"])
    assert subscription.topics == ["flights", "weather"]
    assert subscription.over(EXISTING) == subscription.over(EXISTING)


def test_topics_stay_in_the_order_in_which_they_were_written() -> None:
    assert subscribe(["weather", FLIGHTS]).topics == ["weather", "flights"]
    assert next(iter(spans(["weather", "flights"]))) == TopicPartition("weather", 0)


def test_a_topic_that_was_given_as_one_is_kept_and_a_name_is_only_a_name() -> None:
    [flights, weather] = subscribe([FLIGHTS, "weather"]).selections
    assert flights.declared is FLIGHTS
    assert weather.declared is None


def test_one_start_is_for_all_partitions() -> None:
    assert spans({"flights": -10}) == {
        TopicPartition("flights", 0): Span(Last(10), None),
        TopicPartition("flights", 1): Span(Last(10), None),
        TopicPartition("flights", 2): Span(Last(10), None),
    }


def test_partitions_have_starts_of_their_own_and_the_others_are_not_read() -> None:
    assert spans({FLIGHTS: {2: 100, 0: True}}) == {
        TopicPartition("flights", 0): Span(Committed(), None),
        TopicPartition("flights", 2): Span(Offset(100), None),
    }


def test_each_topic_has_its_own_starts() -> None:
    assert spans({"flights": [1], WEATHER: dt.timedelta(seconds=1)}) == {
        TopicPartition("flights", 1): Span(Earliest(), None),
        TopicPartition("weather", 0): Span(Ago(1_000), None),
    }


def test_true_as_a_start_is_committed_and_one_an_offset() -> None:
    assert spans({"flights": {0: True, 1: 1}}) == {
        TopicPartition("flights", 0): Span(Committed(), None),
        TopicPartition("flights", 1): Span(Offset(1), None),
    }


NOT_TOPICS = [
    (None, "None"),
    (True, "True"),
    (5, "5"),
    (0.5, "0.5"),
    (b"flights", "b'flights'"),
    (bytearray(b"flights"), "bytearray(b'flights')"),
]


@pytest.mark.parametrize(("topics", "named"), NOT_TOPICS, ids=[named for _, named in NOT_TOPICS])
def test_what_is_no_topic_is_refused(topics: object, named: str) -> None:
    assert refusal(topics) == (
        f"{named} isn't a topic. Give a name, a Topic, a list of them, or a dict from them to starts."
    )


@pytest.mark.parametrize(
    ("topics", "named"),
    [
        ([None], "None"),
        ([5], "5"),
        ([b"flights"], "b'flights'"),
        ([["flights"]], "['flights']"),
        ([("flights", -10)], "('flights', -10)"),
        ({0: -10}, "0"),
        ({True: -10}, "True"),
        ({None: -10}, "None"),
    ],
    ids=repr,
)
def test_what_is_no_topic_among_others_is_refused(topics: object, named: str) -> None:
    assert refusal(topics) == (
        f"{named} isn't a topic: give a name or a Topic, and starts in a dict: {{topic: start}}."
    )


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "flights\n", "flüge", "a" * 250, "a/b"])
@pytest.mark.parametrize(
    "wrap", [str, lambda name: [name], lambda name: {name: 0}], ids=["str", "list", "dict"]
)
def test_a_name_that_kafka_refuses_is_refused(name: str, wrap: Any) -> None:
    assert refusal(wrap(name)) == (
        f"Topic name {name!r} is invalid: Kafka takes 1 to 249 letters, digits, '.', '_' and '-', "
        "but neither '.' nor '..'."
    )


@pytest.mark.parametrize("topics", [[], (), {}, set(), range(0)], ids=repr)
def test_no_topic_at_all_is_refused(topics: object) -> None:
    assert refusal(topics) == f"{topics!r} names no topic: name at least one."


@pytest.mark.parametrize(
    "topics",
    [["flights", "flights"], ["flights", FLIGHTS], [FLIGHTS, FLIGHTS], {"flights": 0, FLIGHTS: 1}],
    ids=repr,
)
def test_a_repeated_topic_is_refused(topics: object) -> None:
    assert refusal(topics) == "Topic 'flights' is named twice: name it once."


@pytest.mark.parametrize("starts", [[], (), {}, set(), range(0)], ids=repr)
def test_no_partition_at_all_is_refused(starts: object) -> None:
    assert refusal({"flights": starts}) == (
        f"{starts!r} names no partition of 'flights'. Leave it out to read all of them."
    )


@pytest.mark.parametrize("starts", [[0, 0], (1, 0, 1), [0, Whole(0)], {0: 5, Whole(0): 6}], ids=repr)
def test_a_repeated_partition_is_refused(starts: object) -> None:
    assert refusal({"flights": starts}) == (
        f"{starts!r} names a partition of 'flights' twice: name each of them once."
    )


NOT_PARTITIONS = [-1, -1001, True, False, None, 0.0, 1.5, "0", "latest", b"0", (0, 5), dt.timedelta(1)]


@pytest.mark.parametrize("number", NOT_PARTITIONS, ids=repr)
@pytest.mark.parametrize("wrap", [lambda one: [one], lambda one: {one: 5}], ids=["list", "dict"])
def test_what_is_no_partition_is_refused(number: object, wrap: Any) -> None:
    assert refusal({"flights": wrap(number)}) == (
        f"{number!r} isn't a partition of 'flights': partitions are numbers from 0."
    )


@pytest.mark.parametrize("number", NOT_PARTITIONS, ids=repr)
def test_what_is_no_partition_is_refused_for_an_end_too(number: object) -> None:
    assert refusal("flights", until={"flights": {number: 5}}) == (
        f"{number!r} isn't a partition of 'flights': partitions are numbers from 0."
    )


@pytest.mark.parametrize(
    "start", [False, 0.5, "latst", "", b"01", bytearray(b"01"), time.gmtime(0)], ids=repr
)
def test_a_wrong_start_is_refused_at_every_place(start: object) -> None:
    assert refusal({"flights": start}).startswith(f"{start!r} isn't a start. Write an offset, ")
    assert refusal({"flights": {0: start}}).startswith(f"{start!r} isn't a start. Write an offset, ")


def test_a_negative_timedelta_is_refused() -> None:
    assert refusal({"flights": dt.timedelta(seconds=-1)}) == (
        "datetime.timedelta(days=-1, seconds=86399) lies in the future: a timedelta counts back from now, "
        "so write a positive one."
    )


@pytest.mark.parametrize(
    ("topics", "sentence"),
    [
        ({"flights": {3: 0}}, "Topic 'flights' has no partition 3. It has partitions 0 to 2."),
        ({"flights": [0, 7]}, "Topic 'flights' has no partition 7. It has partitions 0 to 2."),
        ({"flights": [2**70]}, f"Topic 'flights' has no partition {2**70}. It has partitions 0 to 2."),
        ({"weather": [1]}, "Topic 'weather' has no partition 1. It has partition 0."),
    ],
    ids=repr,
)
def test_a_partition_that_does_not_exist_is_told_with_those_that_do(topics: object, sentence: str) -> None:
    with pytest.raises(PartitionNotFoundError) as caught:
        spans(topics)
    assert str(caught.value) == sentence


def test_partitions_with_holes_are_told_one_by_one() -> None:
    with pytest.raises(
        PartitionNotFoundError, match=r"^Topic 'flights' has no partition 1. It has partitions 0, 2.$"
    ):
        subscribe({"flights": [1]}).over({"flights": [2, 0]})


def test_an_end_is_for_all_partitions_of_all_topics() -> None:
    found = spans({"flights": 5, "weather": None}, until="latest")
    assert [span.until for span in found.values()] == [Latest()] * 4


def test_no_end_at_all_is_the_default() -> None:
    assert spans("flights", until=None) == spans("flights") == ALL


def test_a_dictionary_without_any_end_is_refused() -> None:
    with pytest.raises(InvalidStartError) as caught:
        subscribe("flights", until={})
    assert str(caught.value) == "until={} names no end: leave it out to read to the end as it is now."


def test_an_end_for_one_topic_leaves_the_others_without() -> None:
    found = spans(["flights", "weather"], until={FLIGHTS: 7})
    assert found[TopicPartition("flights", 2)].until == Offset(7)
    assert found[TopicPartition("weather", 0)].until is None


def test_an_end_for_one_partition_leaves_the_others_without() -> None:
    found = spans("flights", until={"flights": {1: -2, 2: None}})
    assert [span.until for span in found.values()] == [None, Last(2), None]


@pytest.mark.parametrize("end", [True, "committed"])
@pytest.mark.parametrize(
    "wrap",
    [lambda end: end, lambda end: {"flights": end}, lambda end: {"flights": {0: end}}],
    ids=["all", "topic", "partition"],
)
def test_committed_as_an_end_is_refused_at_every_place(end: object, wrap: Any) -> None:
    assert refusal("flights", until=wrap(end)).startswith(f"until={end!r} isn't an end. Write an offset, ")


@pytest.mark.parametrize("end", [False, 0.5, "latst", "", b"", [0, 1]], ids=repr)
def test_a_wrong_end_is_refused_at_every_place(end: object) -> None:
    for until in (end, {"flights": end}, {"flights": {0: end}}):
        assert refusal("flights", until=until).startswith(f"until={end!r} isn't an end. Write an offset, ")


def test_an_end_for_a_topic_that_is_not_read_is_refused() -> None:
    assert refusal(["flights", "planes"], until={"weather": 5}) == (
        "until names topic 'weather', which isn't read here: only flights, planes."
    )


def test_an_end_for_a_topic_named_twice_is_refused() -> None:
    assert refusal("flights", until={"flights": 5, FLIGHTS: 6}) == (
        "until names topic 'flights' twice: name it once."
    )


def test_an_end_for_a_partition_named_twice_is_refused() -> None:
    assert refusal("flights", until={"flights": {0: 5, Whole(0): 6}}) == (
        "{0: 5, Whole(0): 6} names a partition of 'flights' twice: name each of them once."
    )


@pytest.mark.parametrize(
    ("starts", "sentence"),
    [
        ([0, 2], "until names flights-1, which isn't read here: of 'flights' only partitions 0, 2."),
        ({0: 5}, "until names flights-1, which isn't read here: of 'flights' only partition 0."),
        ([2, 3, 4], "until names flights-1, which isn't read here: of 'flights' only partitions 2 to 4."),
    ],
    ids=repr,
)
def test_an_end_for_a_partition_that_is_not_read_is_refused(starts: object, sentence: str) -> None:
    assert refusal({"flights": starts}, until={"flights": {1: 5}}) == sentence


def test_an_end_for_a_partition_that_does_not_exist_is_told_when_it_is_known() -> None:
    with pytest.raises(
        PartitionNotFoundError, match=r"^Topic 'flights' has no partition 9. It has partitions 0 to 2.$"
    ):
        spans("flights", until={"flights": {9: 5}})


@given(st.sets(st.integers(0, 50), min_size=1), st.sets(st.integers(0, 50), min_size=1))
def test_exactly_the_partitions_that_were_named_are_read_in_order(named: set[int], others: set[int]) -> None:
    found = subscribe({"flights": named}).over({"flights": named | others})
    assert list(found) == [("flights", number) for number in sorted(named)]
