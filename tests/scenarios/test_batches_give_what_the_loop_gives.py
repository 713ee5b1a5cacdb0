"""Batches hold the messages that a loop would give: all of them, each once, and each partition in order."""

from __future__ import annotations

import threading

import pytest
from confluent_kafka import Producer

from framework import App
from framework_iterator import Batch, Iterator
from tests import support
from tests.scenarios.batching import flat, places, sizes
from tests.scenarios.reading import by_partition, report_of, shown
from tests.scenarios.waiting import beside


def test_of_one_partition_in_the_same_order(app: App, topic: support.TopicFactory) -> None:
    iterator = Iterator(topic(1, ["a", "b", "c", "d", "e"]))
    batches = list(iterator.batches(size=2))
    assert [shown(batch) for batch in batches] == ["a@0 b@1", "c@2 d@3", "e@4"]
    assert shown(flat(batches)) == shown(iterator) == "a@0 b@1 c@2 d@3 e@4"
    assert [(type(batch), len(batch)) for batch in batches] == [(Batch, 2), (Batch, 2), (Batch, 1)]


def test_of_several_partitions_and_topics(app: App, topic: support.TopicFactory) -> None:
    names = [topic(3, {number: ["x"] * 1100 * number for number in range(3)}) for _ in range(3)]
    iterator = Iterator(names, max_wait=support.LIMIT)
    batches = list(iterator.batches(size=700))
    everything = {(name, number): list(range(1100 * number)) for name in names for number in (1, 2)}
    assert places(flat(batches)) == places(iterator) == everything
    assert sizes(batches) == [700] * 14 + [100]
    assert {name for batch in batches for name in batch.topics} == set(names)


def test_starts_and_ends_are_those_of_the_iterator(app: App, topic: support.TopicFactory) -> None:
    name = topic(2, {0: ["a", "b", "c", "d"], 1: ["e", "f", "g"]})
    iterator = Iterator({name: {0: 1, 1: -2}}, until={name: {0: 3}})
    assert by_partition(flat(iterator.batches())) == "0: b@1 c@2 | 1: f@1 g@2"
    report = report_of(iterator)
    assert [(each.messages, each.position, each.ended) for each in report] == [(2, 3, "end"), (2, 3, "end")]


@pytest.mark.parametrize("size", [1, 10_000])
def test_an_empty_topic_gives_no_batch(app: App, topic: support.TopicFactory, size: int) -> None:
    iterator = Iterator(topic(2))
    assert list(iterator.batches(size)) == []
    assert (report_of(iterator).ended, report_of(iterator).messages) == ("end", 0)


def test_a_producer_that_goes_on_neither_prolongs_the_run_nor_fills_its_last_batch(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(2, {0: ["x"] * 3000, 1: ["x"] * 3000})
    writer, enough = support.make_producer(kafka), threading.Event()

    def write() -> None:
        while not enough.is_set():
            support.produce(writer, name, ["more"] * 50, partition=1)

    iterator = Iterator(name)
    with beside(write):
        try:
            messages = flat(iterator.batches(size=400))
        finally:
            enough.set()
    report = report_of(iterator)
    ends = [each.stop or 0 for each in report]
    assert ends[0] == 3000
    assert places(messages) == {(name, number): list(range(end)) for number, end in enumerate(ends)}
    assert [each.position for each in report] == ends
    assert report.ended == "end"


def test_a_second_run_resolves_its_end_anew(
    app: App, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, ["a"])
    iterator = Iterator(name)
    assert [shown(batch) for batch in iterator.batches()] == ["a@0"]
    support.produce(producer, name, ["b"])
    assert [shown(batch) for batch in iterator.batches()] == ["a@0 b@1"]
