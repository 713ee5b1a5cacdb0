"""A followed topic that gets partitions is read whole: what is new begins at its first message."""

from __future__ import annotations

import collections
import datetime as dt
import threading
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from framework import App
from framework_iterator import Iterator, Start
from framework_iterator.reading import discovery
from tests import support
from tests.scenarios.growing import grow
from tests.scenarios.reading import by_partition, report_of
from tests.scenarios.waiting import beside


class KeyedProducer:
    """Writes numbered messages with many keys, as a service does: the client chooses the partition."""

    def __init__(self, kafka: str, topic: str) -> None:
        self.producer = support.make_producer(kafka, topic_metadata_refresh_interval_ms=200)
        self.topic = topic
        self.written: dict[int, list[str]] = collections.defaultdict(list)
        self.finished = threading.Event()
        self._stopped = threading.Event()

    def __call__(self) -> None:
        number = 0
        while not self._stopped.wait(0.001):
            self.producer.produce(
                self.topic, str(number), key=f"key {number % 97}", on_delivery=self._on_delivery
            )
            self.producer.poll(0)
            number += 1
        assert self.producer.flush(support.LIMIT) == 0
        self.finished.set()

    def stop(self) -> None:
        self._stopped.set()

    def _on_delivery(self, error: object, message: Any) -> None:
        assert error is None
        self.written[message.partition()].append(message.value().decode())


def test_every_message_of_a_keyed_producer_comes_once_and_in_order_while_the_topic_grows(
    app: App, kafka: str, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(1)
    writer = KeyedProducer(kafka, name)
    seen: dict[int, list[str]] = collections.defaultdict(list)
    growths = {1: 3, 3: 6}  # to six partitions, once three have been read
    with beside(writer):
        try:
            for message in (iterator := Iterator(name, follow=True, yield_none=True)):
                if message is not None:
                    assert message.offset == len(seen[message.partition])
                    seen[message.partition].append(message.payload)
                if len(seen) in growths:
                    grow(admin, name, growths.pop(len(seen)))
                if len(seen) == 6:
                    writer.stop()
                if writer.finished.is_set() and seen == writer.written:
                    iterator.stop()
        finally:
            writer.stop()
    assert seen == writer.written
    report = report_of(iterator)
    assert [each.partition for each in report] == [0, 1, 2, 3, 4, 5]
    assert report.positions == {name: {number: len(seen[number]) for number in range(6)}}
    assert (report.lost, report.gaps, report.ended) == (0, 0, "stopped")


@pytest.mark.parametrize(
    "start",
    ["latest", True, -1, 2, 1000, dt.timedelta(0), dt.datetime(2100, 1, 1, tzinfo=dt.UTC)],
    ids=["latest", "committed", "last", "offset", "beyond", "ago", "moment"],
)
def test_what_is_new_begins_at_its_first_message_wherever_the_others_start(
    app: App,
    admin: AdminClient,
    topic: support.TopicFactory,
    producer: Producer,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(discovery, "DISCOVER_EVERY", 0.5)
    name = topic(1, ["a", "b"])
    messages = []
    iterator = Iterator({name: start}, follow=True, group_id=f"{name}-group", yield_none=True, max_wait=0.05)
    is_grown = False
    for message in iterator:
        if message is None and not is_grown:
            grow(admin, name, 3, producer)
            support.fill(producer, name, {1: ["c", "d"], 2: ["e"]})
            is_grown = True
        elif message is not None and message.partition > 0:
            messages.append(message)
            if len(messages) == 3:
                break
    assert by_partition(messages) == "1: c@0 d@1 | 2: e@0"
    assert [each.start for each in report_of(iterator)][1:] == [0, 0]


def test_a_resumed_run_reads_new_partitions_from_their_first_message(
    app: App, admin: AdminClient, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, ["a", "b"])
    messages = []
    # Saved of a topic with more partitions, that was recreated since.
    for message in Iterator(name, follow=True, resume={name: {0: 1, 1: 1}}):
        messages.append(message)
        if len(messages) == 1:
            grow(admin, name, 2, producer)
            support.fill(producer, name, {1: ["c", "d"]})
        if len(messages) == 3:
            break
    assert by_partition(messages) == "0: b@1 | 1: c@0 d@1"
