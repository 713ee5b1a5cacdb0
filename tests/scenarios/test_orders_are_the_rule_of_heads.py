"""Each order equals the rule, worked out message by message from what is in the broker.

The head of a partition with the smallest timestamp comes next; newest first, that with the largest.
"""

from __future__ import annotations

import collections.abc as cabc
import random

import pytest

from framework import App
from framework_iterator import Iterator
from tests import support
from tests.scenarios.ordering import EACH, FIRST, ORDERS, Order, at, in_order, places_of, read_places, rows_in
from tests.scenarios.reading import report_of, shown


def test_a_partitions_own_order_is_never_changed(app: App, topic: support.TopicFactory) -> None:
    name = topic(2, {0: at(10, 50, 20, 60), 1: at(30, 40)})
    assert shown(Iterator(name, order="time")) == "10@0 30@0 40@1 50@1 20@2 60@3"
    assert shown(Iterator(name, order="newest")) == "60@3 40@1 30@0 20@2 50@1 10@0"


def random_items(chance: random.Random, count: int) -> list[support.Item]:
    """Messages with the timestamps of some kind of partition: in order, in disorder, equal, backwards."""
    begin, step = chance.randrange(5000), chance.choice([1, 1, 7, 50])
    kind = chance.choice(["ascending", "disorder", "equal", "descending", "jumps"])
    times: cabc.Callable[[int], int] = {
        "ascending": lambda index: begin + index * step,
        "disorder": lambda index: begin + index * step + chance.randrange(-300, 300),
        "equal": lambda _: 2500,
        "descending": lambda index: begin - index,
        "jumps": lambda index: begin + index // 40 * 10_000,
    }[kind]
    return [support.Record(f"{index}", timestamp=FIRST + 50_000 + times(index)) for index in range(count)]


def random_topic(chance: random.Random, kafka: str, topic: support.TopicFactory) -> str:
    """Partitions of all sizes, empty ones too, with aborted transactions between."""
    partitions = chance.choice([1, 2, 5, 9])
    name = topic(partitions)
    for number in range(partitions):
        for _ in range(chance.randrange(3)):
            items = random_items(chance, chance.choice([0, 1, 5, 600, 1500]))
            support.produce(support.make_producer(kafka), name, items, number)
            if chance.random() < 0.3:
                with support.transaction(kafka, commit=chance.random() < 0.3) as writer:
                    support.produce(writer, name, random_items(chance, 20), number)
    return name


@pytest.mark.parametrize("seed", range(6))
def test_over_random_topics(app: App, kafka: str, topic: support.TopicFactory, seed: int) -> None:
    chance = random.Random(seed)
    names = [random_topic(chance, kafka, topic) for _ in range(chance.choice([1, 2]))]
    rows = rows_in(kafka, *names)
    for order in EACH:
        expected = in_order(rows, order)
        iterator = Iterator(names, order=order)
        assert read_places(iterator) == expected
        assert (report_of(iterator).messages, report_of(iterator).ended) == (len(expected), "end")
        size = chance.choice([1, 10, 999])
        batches = Iterator(names, order=order, settings={"queued.min.messages": 10}).batches(size)
        assert [place for batch in batches for place in places_of(batch)] == expected
        limit = chance.randrange(2000)
        assert read_places(Iterator(names, order=order, limit=limit)) == expected[:limit]


@ORDERS
def test_over_five_hundred_partitions(
    app: App, kafka: str, topic: support.TopicFactory, order: Order
) -> None:
    name = topic(500)
    producer = support.make_producer(kafka)
    chance = random.Random(1)
    for index in range(20_000):
        producer.produce(
            name, f"{index}", partition=chance.randrange(500), timestamp=FIRST + chance.randrange(10_000)
        )
        producer.poll(0)
    assert producer.flush(support.LIMIT) == 0
    iterator = Iterator(name, order=order)
    rows: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for message in Iterator(name):
        timestamp = message.raw_timestamp
        assert timestamp is not None
        rows.setdefault((name, message.partition), []).append((timestamp, message.offset))
    expected = in_order(rows, order)
    assert read_places(iterator) == expected
    assert (len(expected), len(report_of(iterator)), report_of(iterator).gaps) == (20_000, 500, 0)
    assert read_places(Iterator(name, order=order, limit=10)) == expected[:10]
