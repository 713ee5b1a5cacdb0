"""A scan gives what one loop gives, whatever its workers are, and accounts for each offset."""

from __future__ import annotations

import collections.abc as cabc
import operator
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest

from framework.testing import reset_current_app
from framework_iterator import Ended, InvalidOptionError, Iterator, scan
from tests import support
from tests.scenarios import scanning
from tests.scenarios.scanning import APP


@pytest.fixture(autouse=True)
def _no_apps() -> cabc.Iterator[None]:
    yield
    reset_current_app()


@pytest.fixture
def given(kafka: str) -> dict[str, Any]:
    return {"app": APP, "settings": {"bootstrap.servers": kafka}}


def test_a_count_and_a_sum_over_two_processes(topic: support.TopicFactory, given: dict[str, Any]) -> None:
    name = topic(3, {0: list(map(str, range(900))), 2: ["7"] * 60})
    result = scan(name, scanning.numbers, scanning.added, workers=2, **given)
    assert result.value == (960, sum(range(900)) + 420)
    assert repr(result) == "<Scan of 2 parts: 960 messages>"
    rows = [(each.partition, each.start, each.position, each.messages, each.gaps) for each in result.report]
    assert rows == [(0, 0, 900, 900, 0), (1, 0, 0, 0, 0), (2, 0, 60, 60, 0)]
    assert result.report.ended is Ended.END
    assert [report.messages for report in result.reports] == [480, 480]  # partition 0 was cut


def test_each_message_once_and_in_order_over_cut_partitions_and_topics(
    topic: support.TopicFactory, given: dict[str, Any], kafka: str
) -> None:
    left, right = topic(2, {0: ["x"] * 500, 1: ["x"] * 3}), topic(1, ["y"] * 77)
    with support.transaction(kafka) as writer:
        support.produce(writer, left, ["b"] * 9)
    with ThreadPoolExecutor(3) as threads:
        result = scan(
            {left: {0: 10, 1: 0}, right: -20},
            scanning.places,
            operator.add,
            executor=threads,
            workers=5,
            **given,
        )
    expected = [(left, 0, offset) for offset in range(10, 509)]
    expected += [(left, 1, offset) for offset in range(3)] + [(right, 0, offset) for offset in range(57, 77)]
    assert sorted(result.value) == sorted(expected)
    of_left = [place for place in result.value if place[:2] == (left, 0)]
    assert of_left == sorted(of_left)  # parts that cut a partition are combined in its order
    report = result.report
    assert (report.messages, report.gaps, report.lost) == (522, 1, 0)
    assert report.positions == {left: {0: 510, 1: 3}, right: {0: 77}}


def test_filters_are_sent_and_counted(topic: support.TopicFactory, given: dict[str, Any]) -> None:
    name = topic(2, {0: list(map(str, range(100))), 1: list(map(str, range(50)))})
    result = scan(name, scanning.numbers, scanning.added, workers=2, where=scanning.is_even, **given)
    assert result.value[0] == 75
    assert (result.report.messages, result.report.filtered) == (75, 75)


def test_a_plan_and_a_function_that_takes_batches(
    topic: support.TopicFactory, given: dict[str, Any], kafka: str
) -> None:
    name = topic(1, ["x"] * 100)
    app = scanning.create_app()
    plan = Iterator({name: 40}, app=app, settings=given["settings"]).plan()
    with ThreadPoolExecutor(2) as threads:
        result = scan(plan, scanning.in_batches, operator.add, workers=2, executor=threads, **given)
    assert (result.value, result.report.positions) == (60, {name: {0: 100}})


def test_a_pool_of_the_standard_library(topic: support.TopicFactory, given: dict[str, Any]) -> None:
    name = topic(2, {0: ["1"] * 10, 1: ["2"] * 10})
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        result = scan(name, scanning.numbers, scanning.added, executor=pool, workers=2, **given)
    assert result.value == (20, 30)


def test_a_topic_with_nothing_to_read_is_one_part(topic: support.TopicFactory, given: dict[str, Any]) -> None:
    result = scan(topic(3), scanning.numbers, scanning.added, workers=4, **given)
    assert (result.value, repr(result)) == ((0, 0), "<Scan of 1 part: 0 messages>")
    assert (len(result.report), result.report.ended) == (3, Ended.END)


def test_a_function_that_reads_a_little_or_nothing(
    topic: support.TopicFactory, given: dict[str, Any]
) -> None:
    name = topic(1, ["x"] * 100)
    with ThreadPoolExecutor(2) as threads:
        result = scan(name, scanning.first_two, operator.add, workers=2, executor=threads, **given)
        nothing = scan(name, scanning.nothing, operator.add, workers=2, executor=threads, **given)
    # Read on at 2: what the second part has read comes later.
    assert (result.value, result.report.positions) == (4, {name: {0: 2}})
    assert [report.messages for report in result.reports] == [2, 2]
    assert (result.report.messages, result.report.ended) == (2, Ended.CLOSED)
    assert (nothing.report.messages, nothing.report.positions) == (0, {name: {0: 0}})


def test_what_combine_raises_reaches_the_caller(topic: support.TopicFactory, given: dict[str, Any]) -> None:
    name = topic(2, {0: ["x"] * 10, 1: ["x"] * 10})
    before = set(threading.enumerate())
    with pytest.raises(TypeError, match="unsupported operand"):
        scan(name, scanning.places, operator.sub, workers=2, **given)
    support.wait_until(lambda: set(threading.enumerate()) <= before, "threads that end")


def test_a_scan_that_would_follow_is_refused(kafka: str) -> None:
    settings = {"bootstrap.servers": kafka, "enable.partition.eof": False}
    with pytest.raises(InvalidOptionError) as caught:
        scan("x", scanning.nothing, operator.add, app=APP, settings=settings)
    assert str(caught.value) == "settings={'enable.partition.eof': False} is refused: a scan has an end."
