"""The parts of `plan.split(n)`, read by an Iterator each, give every message of the plan once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from confluent_kafka import Producer

from framework import App
from framework_iterator import InvalidOptionError, Iterator, Plan
from tests import support
from tests.scenarios.batching import in_broker
from tests.scenarios.programs import output_of


def read_in_threads(app: App, parts: tuple[Plan, ...]) -> list[tuple[str, int, int]]:
    """What the parts give, read at the same time."""

    def read(part: Plan) -> list[tuple[str, int, int]]:
        return [(each.topic, each.partition, each.offset) for each in Iterator(part, app=app)]

    with ThreadPoolExecutor(len(parts)) as threads:
        return sorted(place for places in threads.map(read, parts) for place in places)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 50])
def test_over_partitions_of_unequal_size_and_several_topics(
    app: App, topic: support.TopicFactory, n: int
) -> None:
    left = topic(4, {0: ["x"] * 500, 1: ["x"] * 3, 3: ["x"] * 120})
    right = topic(2, {1: ["y"] * 77})
    plan = Iterator([left, right]).plan()
    parts = plan.split(n)
    assert 1 <= len(parts) <= n
    everything = [
        *[
            (left, number, offset)
            for number, count in ((0, 500), (1, 3), (3, 120))
            for offset in range(count)
        ],
        *[(right, 1, offset) for offset in range(77)],
    ]
    assert read_in_threads(app, parts) == sorted(everything)


def test_a_partition_that_is_cut_where_there_is_no_message(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a"] * 10)
    for commit in (False, True, False):
        with support.transaction(kafka, commit=commit) as writer:
            support.produce(writer, name, ["b"] * 9)
    plan = Iterator(name).plan()
    for n in (2, 3, 5, 40):
        expected = [(name, 0, offset) for offset in in_broker(kafka, name)[name, 0]]
        assert read_in_threads(app, plan.split(n)) == expected


def test_with_starts_and_ends_and_while_a_producer_writes(
    app: App, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(2, {0: ["x"] * 100, 1: ["x"] * 100})
    plan = Iterator({name: {0: 50, 1: -90}}, until={name: {0: 70}}).plan()
    support.fill(producer, name, {0: ["later"] * 10, 1: ["later"] * 10})
    expected = [*[(name, 0, offset) for offset in range(50, 70)]]
    expected += [(name, 1, offset) for offset in range(10, 100)]
    assert read_in_threads(app, plan.split(4)) == expected


def test_in_processes_of_a_pool(kafka: str, topic: support.TopicFactory) -> None:
    body = """
import multiprocessing

def offsets(part):
    return [(message.partition, message.offset) for message in Iterator(part)]

parts = Iterator(topic).plan().split(3)
with multiprocessing.get_context("fork").Pool(3) as pool:
    found = [place for places in pool.map(offsets, parts) for place in places]
say(len(parts), len(found), len(set(found)))
"""
    name = topic(2, {0: ["x"] * 900, 1: ["x"] * 60})
    assert output_of(body, kafka, name) == ["3 960 960"]


def test_an_empty_plan_gives_parts_that_give_nothing(app: App, topic: support.TopicFactory) -> None:
    plan = Iterator(topic(3)).plan()
    parts = plan.split(2)
    assert [key for part in parts for key in part] == list(plan)
    assert read_in_threads(app, parts) == []


def test_a_plan_that_follows_cant_be_split_and_neither_can_one_into_no_parts(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a"])
    with pytest.raises(InvalidOptionError) as caught:
        Iterator(name, follow=True).plan().split(2)
    assert str(caught.value) == "A plan that follows can't be split: its partitions have no end."
    with pytest.raises(InvalidOptionError) as caught:
        Iterator(name).plan().split(0)
    assert str(caught.value) == "split(0) is invalid: expected an int >= 1."
