from __future__ import annotations

import collections
import json
import types
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework_iterator import Ended, InvalidStartError, PartitionReport, Report
from framework_iterator.planning.positions import parse_positions
from framework_iterator.planning.starts import Earliest, Latest, Offset, Start, parse
from framework_iterator.planning.subscription import subscribe


class Three:
    """An integer of another library's, as numpy has them."""

    def __index__(self) -> int:
        return 3


def test_without_positions_nothing_is_saved() -> None:
    assert parse_positions(None) == {}
    assert parse_positions({}) == {}


def test_positions_are_offsets_by_topic_and_partition() -> None:
    assert parse_positions({"flights": {0: 17, 3: 0}, "weather": {}}) == {
        "flights": {0: Offset(17), 3: Offset(0)},
        "weather": {},
    }


def test_json_has_partitions_as_text() -> None:
    saved = json.loads(json.dumps({"flights": {0: 17, 11: 5}}))
    assert saved == {"flights": {"0": 17, "11": 5}}
    assert parse_positions(saved) == {"flights": {0: Offset(17), 11: Offset(5)}}


@pytest.mark.parametrize(
    "saved",
    [
        types.MappingProxyType({"flights": types.MappingProxyType({3: 3})}),
        collections.OrderedDict(flights=collections.OrderedDict({"3": 3})),
        {"flights": {Three(): Three()}},
        {"flights": {"0000000003": 3}},
    ],
    ids=["proxy", "ordered", "index", "zeros"],
)
def test_any_mapping_and_any_integer_will_do(saved: Any) -> None:
    assert parse_positions(saved) == {"flights": {3: Offset(3)}}


@pytest.mark.parametrize(
    ("resume", "sentence"),
    [
        pytest.param(
            17,
            "resume=17 is invalid: expected {topic: {partition: next offset}}, as report.positions gives it.",
            id="a-number",
        ),
        pytest.param(
            [],
            "resume=[] is invalid: expected {topic: {partition: next offset}}, as report.positions gives it.",
            id="a-list",
        ),
        pytest.param(
            {"flights": 17},
            "resume['flights']=17 is invalid: expected {topic: {partition: next offset}}, "
            "as report.positions gives it.",
            id="one-offset-for-a-topic",
        ),
        pytest.param(
            {"flights": None},
            "resume['flights']=None is invalid: expected {topic: {partition: next offset}}, "
            "as report.positions gives it.",
            id="None-for-a-topic",
        ),
        pytest.param(
            {"flights": {-1: 5}},
            "resume['flights'] has the partition -1: expected an int >= 0.",
            id="negative-partition",
        ),
        pytest.param(
            {"flights": {"-1": 5}},
            "resume['flights'] has the partition '-1': expected an int >= 0.",
            id="negative-text",
        ),
        pytest.param(
            {"flights": {True: 5}},
            "resume['flights'] has the partition True: expected an int >= 0.",
            id="True",
        ),
        pytest.param(
            {"flights": {"": 5}},
            "resume['flights'] has the partition '': expected an int >= 0.",
            id="empty-text",
        ),
        pytest.param(
            {"flights": {"12345678901": 5}},
            "resume['flights'] has the partition '12345678901': expected an int >= 0.",
            id="too-long",
        ),
        pytest.param(
            {"flights": {"\u0663": 5}},
            "resume['flights'] has the partition '\u0663': expected an int >= 0.",
            id="digit-of-another-script",
        ),
        pytest.param(
            {"flights": {0: -1}},
            "resume['flights'][0]=-1 is invalid: expected an int >= 0.",
            id="negative-offset",
        ),
        pytest.param(
            {"flights": {"0": "17"}},
            "resume['flights']['0']='17' is invalid: expected an int >= 0.",
            id="offset-as-text",
        ),
        pytest.param(
            {"flights": {0: 1.5}},
            "resume['flights'][0]=1.5 is invalid: expected an int >= 0.",
            id="fraction",
        ),
        pytest.param(
            {"flights": {0: False}},
            "resume['flights'][0]=False is invalid: expected an int >= 0.",
            id="False",
        ),
        pytest.param(
            {"flights": {0: None}},
            "resume['flights'][0]=None is invalid: expected an int >= 0.",
            id="None",
        ),
    ],
)
def test_an_impossible_position_is_named(resume: object, sentence: str) -> None:
    with pytest.raises(InvalidStartError) as caught:
        parse_positions(resume)
    assert str(caught.value) == sentence


def test_saved_positions_are_above_the_starts_and_other_partitions_start_as_written() -> None:
    subscription = subscribe({"flights": 100}, resume={"flights": {"1": 7}, "weather": {"0": 5}})
    spans = subscription.over({"flights": [0, 1]})
    assert {key.partition: span.start for key, span in spans.items()} == {0: Offset(100), 1: Offset(7)}


@pytest.mark.parametrize("start", ["latest", -10, 100, True])
def test_partitions_that_are_newer_than_the_saved_ones_start_at_their_first_message(start: Start) -> None:
    [flights] = subscribe({"flights": start}, resume={"flights": {"1": 7, "2": 8}}).selections
    spans = flights.over([0, 1, 2, 3, 4])
    assert [spans[number].start for number in (1, 2, 3, 4)] == [Offset(7), Offset(8), Earliest(), Earliest()]
    assert spans[0].start == parse(start)


def test_named_partitions_start_as_written_also_where_they_are_newer_than_the_saved_ones() -> None:
    [flights] = subscribe({"flights": {0: 5, 1: "latest"}}, resume={"flights": {0: 7}}).selections
    assert [span.start for span in flights.over([0, 1]).values()] == [Offset(7), Latest()]


def test_a_saved_position_of_a_partition_that_is_not_read_is_passed_over() -> None:
    subscription = subscribe({"flights": [0]}, resume={"flights": {1: 7}})
    assert list(subscription.over({"flights": [0, 1]})) == [("flights", 0)]


partitions = st.dictionaries(st.integers(0, 2**31 - 1), st.integers(0, 2**63 - 1), min_size=1, max_size=5)


@given(st.dictionaries(st.sampled_from(["flights", "weather", "a.b-c"]), partitions))
def test_the_positions_of_a_report_come_back_from_json_as_they_were(
    positions: dict[str, dict[int, int]],
) -> None:
    report = Report(
        tuple(
            PartitionReport(topic, number, 0, None, offset, 0, 0, Ended.CLOSED)
            for topic, saved in positions.items()
            for number, offset in saved.items()
        )
    )
    parsed = parse_positions(json.loads(json.dumps(report.positions)))
    assert parsed == {
        topic: {number: Offset(offset) for number, offset in saved.items()}
        for topic, saved in positions.items()
    }
