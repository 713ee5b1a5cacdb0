"""In each order, compacted and aborted offsets are read past, and the report adds up at every message."""

from __future__ import annotations

from typing import Any

import pytest

from framework import App
from framework_iterator import Iterator
from tests import support
from tests.scenarios.batching import in_broker
from tests.scenarios.ordering import ALL_ORDERS, ORDERS, Order, in_order, read_places, rows_in
from tests.scenarios.reading import report_of, shown
from tests.scenarios.test_every_offset_is_accounted_for import (
    account,
    assert_accounts_for,
    full_of_gaps,
)
from tests.scenarios.ways import Read
from tests.support import Record


@pytest.mark.parametrize(
    ("order", "expected"),
    [(None, "b@1 c@2 @3"), ("time", "b@1 c@2 @3"), ("newest", "@3 c@2 b@1")],
    ids=["arrival", "time", "newest"],
)
def test_a_compacted_topic_whose_end_was_aborted(
    app: App, kafka: str, topic: support.TopicFactory, order: Order | None, expected: str, read: Read
) -> None:
    name = topic(1, [Record("a", key="k"), Record("b", key="l"), Record("c", key="k")], **support.COMPACTED)
    assert support.compact(kafka, name) == [1, 2, 3]
    with support.transaction(kafka, commit=False) as aborted:
        support.produce(aborted, name, [Record("never", key="k"), Record("never", key="k")])
    iterator = Iterator(name, order=order)
    assert shown(read(iterator)) == expected
    [partition] = report_of(iterator)
    assert (partition.start, partition.stop, partition.position) == (0, 7, 7)
    assert (partition.messages, partition.gaps, partition.ended) == (3, 4, "end")


@ORDERS
def test_gaps_are_read_past_and_change_nothing_of_the_order(
    app: App, kafka: str, topic: support.TopicFactory, order: Order
) -> None:
    name = full_of_gaps(kafka, topic)
    assert read_places(Iterator(name, order=order)) == in_order(rows_in(kafka, name), order)


OPTIONS: list[dict[str, Any]] = [
    {},
    {"limit": 20},
    {"errors": "skip"},
    {"errors": "skip", "where": lambda message: "2" in message.payload, "limit": 4},
    {"containing": "2"},
    {"key": "4"},
]


@ALL_ORDERS
def test_the_report_adds_up_at_every_message(
    app: App, kafka: str, topic: support.TopicFactory, order: Order | None
) -> None:
    name = full_of_gaps(kafka, topic)
    app.topic(name, payload=str, key=str)
    there = in_broker(kafka, name)
    for options in OPTIONS:
        iterator: Iterator[Any] = Iterator(name, order=order, **options)
        given: list[Any] = []
        for message in iterator:
            given.append(message)
            report = report_of(iterator)
            assert_accounts(report, there)
            assert report.messages == len(given)
            partition = report[name, message.partition]
            # What a filter removed after it may count as read already.
            assert partition.start <= message.offset < partition.position
        assert_accounts(report_of(iterator), there)
        assert report_of(iterator).messages == len(given) > 0
        assert report_of(iterator).ended == ("limit" if "limit" in options else "end")


def assert_accounts(report: Any, there: Any) -> None:
    """It adds up; and what was read is what the broker has."""
    account(report)
    for each in report:
        passed = sum(each.start <= offset < each.position for offset in there[each.topic, each.partition])
        assert each.messages + each.filtered + each.unreadable == passed


@ALL_ORDERS
def test_the_report_adds_up_at_every_batch(
    app: App, kafka: str, topic: support.TopicFactory, order: Order | None
) -> None:
    name = full_of_gaps(kafka, topic)
    there = in_broker(kafka, name)
    for size in (1, 4, 1000):
        iterator = Iterator({name: {0: 250, 1: -60}}, until={name: {1: -7}}, errors="skip", order=order)
        for _ in iterator.batches(size):
            assert_accounts_for(report_of(iterator), there)
        assert_accounts_for(report_of(iterator), there)
        assert report_of(iterator).ended == "end"
        assert [each.start for each in report_of(iterator)] == [each.start for each in iterator.plan()]


@ORDERS
def test_the_report_adds_up_when_partitions_are_stopped_and_the_run_is_left(
    app: App, kafka: str, topic: support.TopicFactory, order: Order
) -> None:
    name = full_of_gaps(kafka, topic)
    there = in_broker(kafka, name)
    for stop_at in range(0, 40, 7):
        iterator = Iterator(name, errors="skip", order=order)
        for count, _ in enumerate(iterator):
            if count == stop_at:
                iterator.stop_current_partition()
            if count == stop_at + 10:
                break
        assert_accounts_for(report_of(iterator), there)


def test_a_long_gap_of_compaction_is_read_past_backwards(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    rows = [Record("a", key="a"), *[Record(f"{each}", key="k") for each in range(30_000)]]
    name = topic(1, rows, **support.COMPACTED)
    assert support.compact(kafka, name, gone=range(1, 30_000)) == [0, 30_000, 30_001]
    iterator = Iterator(name, order="newest", limit=3)
    assert shown(iterator) == "@30001 29999@30000 a@0"
    assert (report_of(iterator).gaps, report_of(iterator).ended) == (29_999, "end")


def test_a_long_gap_is_read_past_backwards(app: App, kafka: str, topic: support.TopicFactory) -> None:
    name = topic(2, {0: ["a", "b"], 1: ["x"]})
    with support.transaction(kafka, commit=False) as aborted:
        for _ in range(50_000):
            aborted.produce(name, "never", partition=0)
            aborted.poll(0)
        aborted.flush(support.LIMIT)
    support.produce(support.make_producer(kafka), name, ["c"])
    iterator = Iterator({name: [0]}, order="newest", limit=2)
    assert shown(iterator) == "c@50003 b@1"
    assert (report_of(iterator).gaps, report_of(iterator).ended) == (50_001, "limit")
    assert shown(Iterator({name: [0]}, order="newest")) == "c@50003 b@1 a@0"
    assert shown(Iterator({name: [0]}, order="time")) == "a@0 b@1 c@50003"
