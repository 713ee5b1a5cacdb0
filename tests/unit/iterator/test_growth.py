from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from framework.types import TopicPartition
from framework_iterator import PlannedPartition
from framework_iterator.planning.growth import growth_of, plan_new
from framework_iterator.planning.starts import Moment, Offset
from framework_iterator.planning.subscription import subscribe
from tests.unit.iterator.fakes import F0, F1, W0

MOMENT = dt.datetime.fromtimestamp(5, dt.UTC)
F2 = TopicPartition("flights", 2)


@pytest.mark.parametrize(
    ("topics", "growing"),
    [
        pytest.param("flights", ["flights"], id="a-topic"),
        pytest.param({"flights": "latest"}, ["flights"], id="a-start"),
        pytest.param({"flights": {0: 5}}, [], id="starts-of-partitions"),
        pytest.param({"flights": [0, 1]}, [], id="partition-numbers"),
        pytest.param({"flights": [0], "weather": True}, ["weather"], id="only-one-is-whole"),
        pytest.param(["weather", "flights"], ["weather", "flights"], id="several"),
    ],
)
def test_a_topic_grows_unless_its_partitions_are_named(topics: Any, growing: list[str]) -> None:
    assert list(growth_of(subscribe(topics), [F0, F1, W0])) == growing


@pytest.mark.parametrize(
    ("until", "growth"),
    [
        pytest.param(None, {"flights": None}, id="no-end"),
        pytest.param(7, {"flights": Offset(7)}, id="an-offset"),
        pytest.param(MOMENT, {"flights": Moment(5000)}, id="a-moment"),
        pytest.param("latest", {}, id="the-end-as-it-was"),
        pytest.param("earliest", {}, id="the-beginning"),
        pytest.param(-1, {}, id="before-the-end-as-it-was"),
        pytest.param(dt.timedelta(hours=1), {}, id="before-the-run"),
        pytest.param({"weather": 7}, {"flights": None}, id="the-end-of-another-topic"),
        pytest.param({"flights": {0: 7}}, {"flights": None}, id="the-end-of-one-partition"),
        pytest.param({"flights": {0: 7, 1: 7}}, {}, id="an-end-for-each-partition"),
        pytest.param({"flights": {0: 7, 1: None}}, {"flights": None}, id="none-is-no-end"),
    ],
)
def test_new_partitions_end_where_the_others_end(until: Any, growth: dict[str, Any]) -> None:
    # Ends in the log as it was when the run began lie before every message of a new partition.
    topics = ["flights", "weather"] if until == {"weather": 7} else ["flights"]
    found = growth_of(subscribe(topics, until), [F0, F1, W0])
    assert {topic: end for topic, end in found.items() if topic == "flights"} == growth


@pytest.mark.parametrize(
    ("until", "stop", "moment"),
    [(None, None, None), (Offset(7), 7, None), (Moment(5000), None, 5000)],
    ids=["no-end", "offset", "moment"],
)
def test_a_new_partition_is_read_from_its_first_offset(
    until: Offset | Moment | None, stop: int | None, moment: int | None
) -> None:
    assert plan_new(F2, until) == PlannedPartition("flights", 2, 0, 0, 0, stop, moment)
