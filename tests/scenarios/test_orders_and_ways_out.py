"""In each order, a run ends where it is told to: stop, stopped partitions, exact limits, break and close."""

from __future__ import annotations

import collections.abc as cabc
import itertools
import threading
from typing import Any

import pytest

from framework import App
from framework_iterator import Ended, Iterator
from tests import support
from tests.held import all_is_as, counts
from tests.scenarios.ordering import (
    ALL_ORDERS,
    EACH,
    ORDERS,
    Order,
    at,
    in_order,
    places_of,
    read_places,
    rows_in,
)
from tests.scenarios.reading import report_of, shown
from tests.scenarios.test_nothing_is_left_behind import WAYS_OUT


def three_partitions(topic: support.TopicFactory, each: int = 2000) -> str:
    """Partitions whose messages take turns in time."""
    return topic(3, {number: at(*range(number, 3 * each, 3)) for number in range(3)})


@ORDERS
def test_stop_ends_a_run_after_the_message_in_the_body(
    app: App, kafka: str, topic: support.TopicFactory, order: Order
) -> None:
    name = three_partitions(topic)
    expected = in_order(rows_in(kafka, name), order)
    for turn in (0, 1, 499, 500, 501, 5000):
        iterator = Iterator(name, order=order)
        given = []
        for message in iterator:
            given.append(message)
            if len(given) == turn + 1:
                iterator.stop()
        assert places_of(given) == expected[: turn + 1]
        assert (report_of(iterator).ended, report_of(iterator).messages) == ("stopped", turn + 1)


@ORDERS
def test_stop_from_another_thread_ends_a_run_that_finds_nothing(
    app: App, topic: support.TopicFactory, order: Order
) -> None:
    name = three_partitions(topic, 20_000)
    tested, stopped, count = threading.Event(), threading.Event(), itertools.count()

    def never(message: object) -> bool:
        if next(count) == 1000:  # it does not read all meanwhile
            tested.set()
            assert stopped.wait(support.LIMIT)
        return False

    iterator = Iterator(name, order=order, where=never)

    def stop() -> None:
        assert tested.wait(support.LIMIT)
        iterator.stop()
        stopped.set()

    thread = threading.Thread(target=stop)
    thread.start()
    assert list(iterator) == []
    thread.join()
    report = report_of(iterator)
    assert (report.ended, report.messages, report.gaps) == ("stopped", 0, 0)
    assert report.filtered == sum(each.position - each.start for each in report) <= 1001


@ORDERS
def test_a_stopped_partition_gives_nothing_more_and_the_others_stay_in_order(
    app: App, kafka: str, topic: support.TopicFactory, order: Order
) -> None:
    name = three_partitions(topic)
    rows = rows_in(kafka, name)
    everything = in_order(rows, order)
    for after in (0, 700, 3001):
        _, stopped, _ = everything[after]
        iterator = Iterator(name, order=order)
        given = []
        for message in iterator:
            given.append(message)
            if len(given) == after + 1:
                iterator.stop_current_partition()
        rest = [each for each in everything[after + 1 :] if each[1] != stopped]
        assert places_of(given) == everything[: after + 1] + rest
        report = report_of(iterator)
        of_it = sum(each[1] == stopped for each in everything[: after + 1])
        assert (report[name, stopped].messages, report[name, stopped].ended) == (of_it, "stopped")
        assert (report.messages, report.gaps, report.ended) == (len(given), 0, "end")


@ORDERS
def test_a_partition_that_the_order_waits_for_is_stopped(
    app: App, topic: support.TopicFactory, order: Order
) -> None:
    # Partition 1 comes after all of partition 0, or before: it is stopped before its first message.
    name = topic(3, {0: at(*range(3000)), 1: at(*range(10_000, 13_000)), 2: at(*range(20_000, 23_000))})
    iterator = Iterator(name, order=order)
    run = iter(iterator)
    first = next(run)
    iterator.stop_partition(name, 1)
    given = [first, *run]
    expected = [(0, offset) for offset in range(3000)] + [(2, offset) for offset in range(3000)]
    if order == "newest":
        expected.reverse()
    assert [(each.partition, each.offset) for each in given] == expected
    partition = report_of(iterator)[name, 1]
    assert (partition.messages, partition.position - partition.start, partition.ended) == (0, 0, "stopped")


@ORDERS
def test_all_partitions_are_stopped(app: App, topic: support.TopicFactory, order: Order) -> None:
    name = three_partitions(topic)
    iterator = Iterator(name, order=order)
    for _ in iterator:
        for number in range(3):
            iterator.stop_partition(name, number)
    assert (report_of(iterator).ended, report_of(iterator).messages) == ("stopped", 1)


@ALL_ORDERS
@pytest.mark.parametrize("limit", [0, 1, 2, 499, 500, 501, 5999, 6000, 6001])
def test_a_limit_is_exact(
    app: App, kafka: str, topic: support.TopicFactory, order: Order | None, limit: int
) -> None:
    name = three_partitions(topic)
    count = min(limit, 6000)
    iterator = Iterator(name, order=order, limit=limit)
    given = read_places(iterator)
    assert len(given) == report_of(iterator).messages == count
    # Where all was read before the limit is reached, that is the end.
    assert report_of(iterator).ended == ("limit" if limit < 6000 else "end")
    if order is not None:
        assert given == in_order(rows_in(kafka, name), order)[:count]
    for size in (1, 7, 10_000):
        batches = list(Iterator(name, order=order, limit=limit).batches(size))
        assert sum(map(len, batches)) == count
        assert all(0 < len(batch) <= size for batch in batches)
        if order is not None:
            assert [place for batch in batches for place in places_of(batch)] == given


@ALL_ORDERS
@pytest.mark.parametrize("limit", [0, 1, 3, 857, 858])
def test_a_limit_counts_what_filters_let_pass(
    app: App, topic: support.TopicFactory, order: Order | None, limit: int
) -> None:
    name = three_partitions(topic)
    tests: list[dict[str, Any]] = [
        {"where": lambda message: int(message.payload) % 7 == 0},
        {"containing": "7"},
    ]
    for options in tests:
        everything = read_places(Iterator(name, order=order, **options))
        iterator = Iterator(name, order=order, limit=limit, **options)
        given = read_places(iterator)
        assert len(given) == report_of(iterator).messages == min(limit, len(everything))
        batched = [
            place
            for batch in Iterator(name, order=order, limit=limit, **options).batches(5)
            for place in places_of(batch)
        ]
        assert len(batched) == len(given)
        if order is not None:
            assert given == batched == everything[:limit]


@ALL_ORDERS
@pytest.mark.parametrize(("leave", "limit", "ended", "messages"), WAYS_OUT)
def test_every_way_out_closes_the_client_and_says_so_in_the_report(
    app: App,
    topic: support.TopicFactory,
    leave: cabc.Callable[[Iterator[object]], None],
    limit: int | None,
    ended: Ended,
    messages: int,
    order: Order | None,
) -> None:
    name = topic(2, {0: ["a"] * 10, 1: ["a"] * 10})
    iterator: Iterator[object] = Iterator(
        name, limit=limit, where=lambda message: message.payload == "a", order=order
    )
    iterator.plan()  # loads what is loaded once
    before = counts()
    leave(iterator)
    assert all_is_as(before)
    assert (report_of(iterator).ended, report_of(iterator).messages) == (ended, messages)


def test_first_is_the_first_of_the_order(app: App, topic: support.TopicFactory) -> None:
    name = topic(3, {0: at(5, 6), 1: at(3, 9)})
    for order, expected in zip(EACH, ["3@0", "9@1"], strict=True):
        iterator = Iterator(name, order=order)
        first = iterator.first()
        assert first is not None
        assert shown([first]) == expected
        assert (report_of(iterator).ended, report_of(iterator).messages) == ("limit", 1)
    assert Iterator({name: [2]}, order="newest").first() is None
    found = Iterator(name, order="newest", where=lambda message: message.partition == 0).first()
    assert found is not None
    assert shown([found]) == "6@1"
