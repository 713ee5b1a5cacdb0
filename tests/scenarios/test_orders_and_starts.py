"""Starts, ends, saved positions, named partitions, plans and several topics mean the same in each order."""

from __future__ import annotations

import datetime
import pickle
from typing import Any

from confluent_kafka import Producer

from framework import App
from framework_iterator import Iterator
from tests import support
from tests.scenarios.ordering import FIRST, ORDERS, Order, at, in_order, places_of, read_places, rows_in
from tests.scenarios.reading import report_of, shown


def test_starts_and_ends_bound_what_is_put_in_order(app: App, topic: support.TopicFactory) -> None:
    name = topic(2, {0: at(0, 10, 20, 30), 1: at(5, 15, 25, 35)})
    moment = datetime.datetime.fromtimestamp(FIRST / 1000 + 0.015, datetime.UTC)
    cases: list[tuple[Any, Any, str]] = [
        (name, None, "0@0 5@0 10@1 15@1 20@2 25@2 30@3 35@3"),
        ({name: 1}, None, "10@1 15@1 20@2 25@2 30@3 35@3"),
        ({name: -1}, None, "30@3 35@3"),
        ({name: {0: 3, 1: "earliest"}}, None, "5@0 15@1 25@2 30@3 35@3"),
        ({name: [1]}, None, "5@0 15@1 25@2 35@3"),
        ({name: moment}, None, "15@1 20@2 25@2 30@3 35@3"),
        (name, 2, "0@0 5@0 10@1 15@1"),
        (name, moment, "0@0 5@0 10@1"),
        ({name: 1}, {name: {0: 3, 1: -3}}, "10@1 20@2"),
        ({name: "latest"}, None, ""),
    ]
    for topics, until, expected in cases:
        assert shown(Iterator(topics, until=until, order="time")) == expected
        backwards = " ".join(reversed(expected.split()))
        assert shown(Iterator(topics, until=until, order="newest")) == backwards


def test_two_topics_are_one_stream(app: App, topic: support.TopicFactory) -> None:
    first, second = topic(2, {0: at(0, 30), 1: at(10)}), topic(1, at(5, 25, 60))
    for names in ([first, second], [second, first]):
        assert shown(Iterator(names, order="time")) == "0@0 5@0 10@0 25@1 30@1 60@2"
        assert shown(Iterator(names, order="newest")) == "60@2 30@1 25@1 10@0 5@0 0@0"
        iterator = Iterator(names, order="newest", limit=3)
        assert shown(iterator) == "60@2 30@1 25@1"
        assert [report_of(iterator)[each, 0].messages for each in (first, second)] == [1, 2]


@ORDERS
def test_equal_timestamps_go_by_topic_partition_and_offset(
    app: App, topic: support.TopicFactory, order: Order
) -> None:
    names = sorted(topic(2, {number: at(7, 7, 7) for number in range(2)}) for _ in range(2))
    expected = [(name, number, offset) for name in names for number in range(2) for offset in range(3)]
    if order == "newest":
        expected.reverse()
    assert read_places(Iterator(names[::-1], order=order)) == expected


@ORDERS
def test_a_plan_is_read_exactly(
    app: App, topic: support.TopicFactory, producer: Producer, order: Order
) -> None:
    name = topic(2, {0: at(0, 10, 20), 1: at(5, 15)})
    plan = Iterator({name: {0: 1, 1: 0}}).plan()
    support.fill(producer, name, {0: at(1), 1: at(2)})
    expected = "5@0 10@1 15@1 20@2"
    given = shown(Iterator(plan, order=order))
    assert given == (expected if order == "time" else " ".join(reversed(expected.split())))
    assert sorted(shown(Iterator(part, order=order)) for part in plan.split(2)) == sorted(
        ["10@1 20@2", "5@0 15@1"] if order == "time" else ["20@2 10@1", "15@1 5@0"]
    )


def test_time_order_can_be_resumed_where_it_was_left(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(3, {number: at(*range(number, 3000, 3)) for number in range(3)})
    expected = in_order(rows_in(kafka, name), "time")
    given: list[Any] = []
    positions = None
    for count in (1, 499, 500, 501, 10_000):
        iterator = Iterator(name, order="time", resume=positions)
        for number, message in enumerate(iterator, 1):
            given += places_of([message])
            if number == count:
                break
        positions = report_of(iterator).positions
    assert given == expected
    assert positions == {name: {0: 1000, 1: 1000, 2: 1000}}


def test_newest_first_leaves_the_positions_where_newer_messages_begin(
    app: App, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(2, {0: at(0, 10, 20), 1: at(5, 15)})
    iterator = Iterator(name, order="newest", limit=2)
    assert shown(iterator) == "20@2 15@1"
    assert [(each.start, each.position, each.stop) for each in report_of(iterator)] == [(2, 3, 3), (1, 2, 2)]
    positions = report_of(iterator).positions
    assert positions == {name: {0: 3, 1: 2}}
    support.fill(producer, name, {0: at(30), 1: at(31, 32)})
    newer = Iterator(name, order="newest", resume=positions)
    assert shown(newer) == "32@3 31@2 30@3"
    assert [(each.start, each.position) for each in report_of(newer)] == [(3, 4), (2, 4)]


@ORDERS
def test_messages_and_batches_can_be_pickled(app: App, topic: support.TopicFactory, order: Order) -> None:
    name = topic(2, {0: at(0, 10, 20), 1: at(5, 15)})
    expected = "0@0 5@0 10@1 15@1 20@2" if order == "time" else "20@2 15@1 10@1 5@0 0@0"
    messages = list(Iterator(name, order=order, where=lambda _: True))
    assert shown(pickle.loads(pickle.dumps(messages))) == expected
    [batch] = Iterator(name, order=order, max_wait=support.LIMIT).batches()
    assert shown(pickle.loads(pickle.dumps(list(batch)))) == expected
