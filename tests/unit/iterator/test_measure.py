from __future__ import annotations

from typing import Any

import pytest

from framework import App, Topic
from framework.testing import build_message
from framework_iterator import Ended, InvalidOptionError, PartitionReport, Report
from framework_iterator.sizes import Sizes, measure

FLIGHTS: Topic[Any] = Topic("flights")
WEATHER: Topic[Any] = Topic("weather")


class Run:
    """In place of an Iterator: a run of two topics, of which flights-1 has no messages."""

    def __init__(self) -> None:
        self._app = App()
        self.report: Report | None = None

    def __iter__(self) -> Any:
        self.report = Report(tuple(map(read, ["flights", "flights", "weather"], [0, 1, 0])), Ended.END)
        for topic, payload in [("weather", b"55555"), ("flights", b"1"), ("flights", b"4444")]:
            yield build_message(topic, payload, app=self._app)


def read(topic: str, partition: int) -> PartitionReport:
    counts = {"messages": 0, "filtered": 0, "unreadable": 0, "lost": 0}
    return PartitionReport(topic, partition, start=0, stop=0, position=0, **counts, ended=Ended.END)


@pytest.fixture
def sizes() -> Sizes:
    return measure(Run())  # type: ignore[arg-type]


def test_a_partition_is_found_by_name_and_by_topic(sizes: Sizes) -> None:
    assert sizes["flights", 0] is sizes[FLIGHTS, 0]
    assert (sizes[FLIGHTS, 0].count, sizes[FLIGHTS, 0].average, sizes[FLIGHTS, 0].maximum) == (2, 2.5, 4)
    assert (sizes[WEATHER, 0].median, sizes[WEATHER, 0].p95, sizes[WEATHER, 0].p99) == (5, 5, 5)
    assert sizes[FLIGHTS, 0].quantile(1) == 4


def test_a_partition_that_was_not_read_is_a_key_error(sizes: Sizes) -> None:
    with pytest.raises(KeyError):
        sizes[WEATHER, 1]


def test_it_iterates_over_all_partitions_in_the_order_of_the_plan(sizes: Sizes) -> None:
    assert len(sizes) == 3
    assert [(str(each.key), each.count) for each in sizes] == [
        ("flights-0", 2),
        ("flights-1", 0),
        ("weather-0", 1),
    ]


def test_a_partition_without_messages_has_no_sizes(sizes: Sizes) -> None:
    empty = sizes[FLIGHTS, 1]

    assert (empty.count, empty.average, empty.median, empty.maximum) == (0, None, None, None)


def test_rows_have_a_total_without_a_partition(sizes: Sizes) -> None:
    *_, weather, total = sizes.rows()

    assert weather == {
        "topic": "weather", "partition": 0, "count": 1,
        "average": 5.0, "median": 5, "p95": 5, "p99": 5, "maximum": 5,
    }  # fmt: skip
    assert total == {
        "topic": None, "partition": None, "count": 3,
        "average": 10 / 3, "median": 4, "p95": 5, "p99": 5, "maximum": 5,
    }  # fmt: skip


def test_its_text_is_a_table(sizes: Sizes) -> None:
    assert str(sizes).splitlines() == [
        "topic    partition  count  average  median  p95  p99  maximum",
        "flights          0      2        2       1    4    4        4",
        "flights          1      0        -       -    -    -        -",
        "weather          0      1        5       5    5    5        5",
        "                        3        3       4    5    5        5",
    ]


@pytest.mark.parametrize("share", [-0.1, 1.01, 95, float("nan")])
def test_a_quantile_beyond_all_sizes_is_an_error(sizes: Sizes, share: float) -> None:
    with pytest.raises(
        InvalidOptionError, match=r"^quantile\(.*\) is invalid: expected a number from 0 to 1\.$"
    ):
        sizes.total.quantile(share)
