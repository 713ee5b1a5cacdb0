"""A followed topic grows while its broker fails, or while it is made anew: its new partitions are read."""

from __future__ import annotations

import threading

import pytest

from framework_iterator import Iterator
from framework_iterator.reading import discovery, recreations
from tests import support
from tests.faults.brokers import Broker, app_of, assert_reads_on, bounded
from tests.scenarios.growing import grow
from tests.scenarios.reading import by_partition, report_of
from tests.scenarios.waiting import beside


@pytest.fixture(autouse=True)
def _look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "DISCOVER_EVERY", 0.5)


def test_partitions_that_are_added_once_the_broker_is_back_are_read(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    name = broker.topic(1, ["a"])
    killed = threading.Event()

    def has_failed() -> bool:
        return killed.is_set() and "The look-up of new partitions failed." in caplog.text

    def come_back() -> None:
        support.wait_until(has_failed, "a look-up that fails")
        broker.server.start()
        grow(broker.admin, name, 3, broker.producer)
        support.fill(broker.producer, name, {0: ["b"], 2: ["c", "d"]})

    messages = []
    with bounded(60), beside(come_back):
        for message in (iterator := Iterator(name, app=app_of(broker.straight), follow=True)):
            messages.append(message)
            if len(messages) == 1:
                broker.server.kill()
                killed.set()
            if len(messages) == 4:
                iterator.stop()
    assert by_partition(messages) == "0: a@0 b@1 | 2: c@0 d@1"
    assert [each.partition for each in report_of(iterator)] == [0, 1, 2]
    assert_reads_on(broker)


def test_a_topic_made_anew_with_more_partitions_is_read_whole(
    broker: Broker, known: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recreations, "CHECK_EVERY", 0.5)
    name = broker.topic(1, ["a"])
    expected = {(0, "a", 0), (0, "b", 0), (0, "c", 1), (2, "d", 0)}
    read: set[tuple[int, str, int]] = set()
    is_new = False
    with bounded():
        iterator = Iterator(name, app=app_of(broker.straight), follow=True, yield_none=True, max_wait=0.1)
        for message in iterator:
            if message is not None:
                read.add((message.partition, message.payload, message.offset))
            if read and name in known and not is_new:
                broker.make_anew(name, 3)
                broker.producer.list_topics(name, timeout=support.LIMIT)
                support.fill(broker.producer, name, {0: ["b", "c"], 2: ["d"]})
                is_new = True
            if len(read) == len(expected):
                iterator.stop()
    assert read == expected
    assert_reads_on(broker)


def test_what_kafka_removed_before_a_new_partition_was_found_counts_as_lost(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    name = broker.topic(1, ["a"])
    messages = []
    with bounded():
        for message in (iterator := Iterator(name, app=app_of(broker.straight), follow=True)):
            messages.append(message)
            if len(messages) == 1:
                grow(broker.admin, name, 2, broker.producer)
                support.fill(broker.producer, name, {1: ["b", "c", "d"]})
                support.delete_records(broker.admin, name, {1: 2})
            if len(messages) == 2:
                iterator.stop()
    assert by_partition(messages) == "0: a@0 | 1: d@2"
    assert (report_of(iterator)[name, 1].start, report_of(iterator)[name, 1].lost) == (0, 2)
    assert f"{name}-1: 2 offsets from 0 on were removed before they could be read. Continuing." in caplog.text
    assert_reads_on(broker)
