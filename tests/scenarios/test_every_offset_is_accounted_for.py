"""At any time, each offset between start and position was a message, filtered, unreadable, lost, or a gap.

The gaps are compared with what is in the broker, since the report counts them as what is left over.
"""

from __future__ import annotations

import collections.abc as cabc
import operator
import sys
import threading
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from framework import App
from framework_iterator import Iterator, Report
from tests import support
from tests.scenarios.batching import in_broker
from tests.scenarios.reading import report_of
from tests.scenarios.waiting import beside
from tests.scenarios.ways import Read
from tests.support import SMALL, Record

BAD = b"\xff"
InBroker = cabc.Mapping[tuple[str, int], cabc.Collection[int]]


def account(report: Report) -> None:
    """Each partition's numbers add up, and none of them is impossible."""
    for each in report:
        read = each.messages + each.filtered + each.unreadable + each.lost + each.gaps
        assert read == each.position - each.start, each
        assert min(each.messages, each.filtered, each.unreadable, each.lost, each.gaps) >= 0, each
        assert each.start <= each.position, each


def assert_accounts_for(report: Report, in_broker: InBroker) -> None:
    """They are also those of what the broker has."""
    account(report)
    for each in report:
        there = in_broker.get((each.topic, each.partition), ())
        passed = sum(each.start <= offset < each.position for offset in there)
        assert (each.messages + each.unreadable, each.gaps) == (
            passed, each.position - each.start - passed
        ), each  # fmt: skip


def full_of_gaps(kafka: str, topic: support.TopicFactory) -> str:
    """Two partitions: compacted, and written in transactions, with payloads that can't be read."""
    rows = [Record(BAD if each % 5 == 0 else f"{each}", key=f"{each * each % 31}") for each in range(300)]
    name = topic(2, {0: rows}, **support.COMPACTED)
    support.compact(kafka, name)
    for turn in range(6):
        with support.transaction(kafka, commit=turn % 3 != 0) as writer:
            some = [Record(BAD if each % 4 == 0 else "x", key=f"{turn}-{each}") for each in range(15)]
            support.produce(writer, name, some, partition=1)
            support.produce(writer, name, some[:3], partition=0)
    return name


def test_after_each_message_over_compacted_and_aborted_ones(
    app: App, kafka: str, topic: support.TopicFactory, read: Read
) -> None:
    name = full_of_gaps(kafka, topic)
    there = in_broker(kafka, name)
    for options in (
        {},
        {"errors": "skip"},
        {"settings": SMALL},
        {"limit": 20},
        {"errors": "skip", "limit": 9},
    ):
        iterator: Iterator[Any] = Iterator(name, **options)
        for _ in read(iterator):
            assert_accounts_for(report_of(iterator), there)
        assert_accounts_for(report_of(iterator), there)


def test_after_each_batch_with_starts_and_ends(app: App, kafka: str, topic: support.TopicFactory) -> None:
    name = full_of_gaps(kafka, topic)
    there = in_broker(kafka, name)
    for size in (1, 4, 1000):
        iterator = Iterator({name: {0: 250, 1: -60}}, until={name: {1: -7}}, errors="skip")
        for _ in iterator.batches(size):
            assert_accounts_for(report_of(iterator), there)
        assert_accounts_for(report_of(iterator), there)
        assert report_of(iterator).ended == "end"


def test_through_a_loss(
    app: App, admin: AdminClient, producer: Producer, topic: support.TopicFactory, read: Read
) -> None:
    name = topic(2, {1: ["y", BAD] * 100})
    for index in range(60):  # one by one: a broker sends whole batches
        support.produce(producer, name, [BAD * 3000 if index % 7 == 0 else f"{index} ".ljust(3000, ".")])
    iterator = Iterator(name, settings=SMALL, errors="skip")
    given: list[tuple[int, int]] = []
    for message in read(iterator):
        given.append((message.partition, message.offset))
        if given[-1] == (0, 2):
            support.delete_records(admin, name, {0: 50})
        account(report_of(iterator))
    report = report_of(iterator)
    account(report)
    first, second = report
    assert (second.messages, second.unreadable, second.lost, second.gaps) == (100, 100, 0, 0)
    assert (first.messages + first.unreadable + first.lost, first.gaps, first.position) == (60, 0, 60)
    assert first.lost > 0
    assert first.messages == sum(partition == 0 for partition, _ in given)


def test_when_partitions_are_stopped_and_the_run_is_left(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = full_of_gaps(kafka, topic)
    there = in_broker(kafka, name)
    for stop_at in range(0, 40, 3):
        iterator = Iterator(name, errors="skip")
        for count, _ in enumerate(iterator):
            if count == stop_at:
                iterator.stop_current_partition()
            if count == stop_at + 10:
                break
        assert_accounts_for(report_of(iterator), there)


@pytest.fixture
def restless() -> cabc.Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_for_other_threads_that_look_while_it_runs(
    app: App, topic: support.TopicFactory, restless: None
) -> None:
    name = topic(8, {number: [BAD, "x", "y"] * 200 for number in range(8)})
    iterator = Iterator(name, errors="skip", settings={"queued.min.messages": 100})
    over = threading.Event()
    looks: list[Report] = []

    def look() -> None:
        while not over.is_set():
            if (report := iterator.report) is not None:
                looks.append(report)
            assert 0 <= operator.length_hint(iterator) <= 4800

    with beside(look), beside(look):
        try:
            for _ in iterator.batches(size=10):
                pass
        finally:
            over.set()
    for report in looks:
        account(report)
        assert report.gaps == 0, report
    assert (report_of(iterator).messages, report_of(iterator).unreadable) == (3200, 1600)
    assert looks
