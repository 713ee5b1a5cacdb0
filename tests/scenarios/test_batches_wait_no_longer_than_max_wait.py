"""A batch waits for more messages, but never longer than `max_wait` once it has one."""

from __future__ import annotations

import time
from typing import Any

from confluent_kafka import Producer

from framework import App
from framework_iterator import Batch, Iterator
from tests import support
from tests.scenarios.reading import report_of, shown
from tests.scenarios.waiting import beside

# Far more than any wait here on a busy machine, far less than the minute that is waited in vain.
AT_ONCE = 20.0


def test_following_what_has_arrived_is_given_though_the_batch_is_not_full(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a", "b", "c"])
    # What is produced at once arrives at once, in one batch.
    producer = support.make_producer(kafka, linger_ms=10_000)
    given: list[str] = []
    for batch in Iterator(name, follow=True, limit=6, max_wait=0.1).batches(size=2):
        given.append(shown(batch))
        if given[-1].endswith("c@2"):
            support.produce(producer, name, ["d", "e"])
        if given[-1].endswith("e@4"):
            support.produce(producer, name, ["f"])
    assert given == ["a@0 b@1", "c@2", "d@3 e@4", "f@5"]


def test_a_full_batch_does_not_wait(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["x"] * 40)
    began = time.monotonic()
    iterator = Iterator(name, follow=True, max_wait=60.0, limit=40)
    assert [len(batch) for batch in iterator.batches(size=20)] == [20, 20]
    assert time.monotonic() - began < AT_ONCE


def test_the_last_batch_of_a_run_with_an_end_does_not_wait(app: App, topic: support.TopicFactory) -> None:
    name = topic(3, {0: ["a", "b"], 2: ["c"]})
    began = time.monotonic()
    iterator = Iterator(name, max_wait=60.0)
    assert [len(batch) for batch in iterator.batches(size=20)] == [3]
    assert time.monotonic() - began < AT_ONCE


def test_one_that_markers_end_does_not_wait(app: App, kafka: str, topic: support.TopicFactory) -> None:
    name = topic(1, ["a", "b"])
    with support.transaction(kafka, commit=False) as writer:
        support.produce(writer, name, ["no"] * 10)
    began = time.monotonic()
    assert [shown(batch) for batch in Iterator(name, max_wait=60.0).batches(size=20)] == ["a@0 b@1"]
    assert time.monotonic() - began < AT_ONCE


def test_a_trickle_of_messages_does_not_prolong_a_batch(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(1, ["x"])
    iterator = Iterator(name, follow=True, max_wait=0.3)
    writer = support.make_producer(kafka)
    given: list[Batch[Any]] = []

    def trickle() -> None:
        while not given:
            support.produce(writer, name, ["y"])

    with beside(trickle):
        for batch in iterator.batches(size=1_000_000):
            given.append(batch)
            iterator.stop()
    assert [message.offset for message in given[0]] == list(range(len(given[0])))
    assert report_of(iterator).messages == len(given[0]) > 0


def test_with_yield_none_silence_gives_none_between_batches(
    app: App, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, ["a", "b"])
    seen: list[str | None] = []
    for batch in (iterator := Iterator(name, follow=True, yield_none=True, max_wait=0.1)).batches():
        seen.append(None if batch is None else shown(batch))
        if seen[-2:] == ["a@0 b@1", None]:
            support.produce(producer, name, ["c"])
        if seen[-3:] == ["c@2", None, None]:
            break
    while seen[0] is None:  # connecting may take a while
        del seen[0]
    assert [each for each in seen if each is not None] == ["a@0 b@1", "c@2"]
    assert seen[:2] == ["a@0 b@1", None]
    assert (report_of(iterator).ended, report_of(iterator).messages) == ("closed", 3)


def test_with_yield_none_a_run_with_an_end_gives_the_same_batches(
    app: App, topic: support.TopicFactory
) -> None:
    iterator = Iterator(topic(1, ["x"] * 25), yield_none=True, max_wait=0.01)
    batches = [batch for batch in iterator.batches(size=10) if batch is not None]
    assert [message.offset for batch in batches for message in batch] == list(range(25))
    assert report_of(iterator).ended == "end"
