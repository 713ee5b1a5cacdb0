"""Newest first, what is fetched depends on what is given and not on the topic's length.

It works while producers write and retention removes, with large payloads, and over long gaps.
"""

from __future__ import annotations

import itertools
import json

import pytest
from confluent_kafka.admin import AdminClient

from framework import App
from framework_iterator import Iterator
from framework_iterator.reading.source import Source
from tests import support
from tests.scenarios.ordering import FIRST, in_order, places_of, rows_in
from tests.scenarios.reading import report_of
from tests.scenarios.test_every_offset_is_accounted_for import account
from tests.scenarios.test_the_end_is_pinned import in_the_background
from tests.scenarios.test_time_order_takes_bounded_memory import write


class Received:
    """Counts what librdkafka received, by its statistics."""

    def __init__(self) -> None:
        self.messages = self.bytes = self.taken = 0

    def take(self, statistics: str) -> None:
        self.taken += 1
        topics = json.loads(statistics)["topics"].values()
        partitions = [each for topic in topics for each in topic["partitions"].values()]
        self.messages = max(self.messages, sum(each["rxmsgs"] for each in partitions))
        self.bytes = max(self.bytes, sum(each["rxbytes"] for each in partitions))


def received(name: str, limit: int, monkeypatch: pytest.MonkeyPatch) -> Received:
    """What a run has received that gives so many messages of this topic, newest first."""
    received = Received()
    serve = Source.serve_callbacks

    def serve_statistics(source: Source) -> None:
        """At the end of the run, until there are statistics that are newer than its last fetch."""
        serve(source)  # what has come until now may be older
        newer = received.taken + 2

        def are_there() -> bool:
            serve(source)
            return received.taken >= newer

        support.wait_until(are_there, "statistics")

    settings = {"statistics.interval.ms": 10, "stats_cb": received.take}
    with monkeypatch.context() as patch:
        patch.setattr(Source, "serve_callbacks", serve_statistics)
        assert len(list(Iterator(name, order="newest", limit=limit, settings=settings))) == limit
    return received


def test_the_last_ten_of_a_long_topic_cost_what_they_cost_of_a_short_one(
    app: App, kafka: str, topic: support.TopicFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [topic(4) for _ in range(2)]
    for name, count in zip(names, [1_000, 100_000], strict=True):
        for number in range(4):
            write(kafka, name, number, count // 4, 100, 0)
    short, long = (Iterator(name, order="newest", limit=10) for name in names)
    for iterator in (short, long):
        list(iterator)
    assert [each.position - each.start for each in report_of(short)] == [
        each.position - each.start for each in report_of(long)
    ]
    counts = [received(name, 10, monkeypatch).messages for name in names]
    assert all(40 <= count <= 200 for count in counts), counts


def test_the_latest_that_pass_a_filter_are_read_back_to(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(2)
    for number in range(2):
        write(kafka, name, number, 50_000, 100, 0)
    iterator = Iterator(name, order="newest", where=lambda message: message.offset % 1000 == 0, limit=5)
    assert [(each.partition, each.offset) for each in iterator] == [
        (1, 49_000), (0, 49_000), (1, 48_000), (0, 48_000), (1, 47_000)
    ]  # fmt: skip
    assert sum(each.position - each.start for each in report_of(iterator)) < 2 * 3_600


def test_of_payloads_of_a_megabyte_a_few_are_fetched(
    app: App, kafka: str, topic: support.TopicFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = topic(1)
    write(kafka, name, 0, 150, 1_000_000, 0)
    iterator = Iterator(name, order="newest", limit=3)
    assert [message.offset for message in iterator] == [149, 148, 147]
    assert report_of(iterator).partitions[0].start == 147
    assert 3_000_000 <= received(name, 3, monkeypatch).bytes <= 20_000_000
    assert [message.offset for message in Iterator(name, order="newest")] == list(range(149, -1, -1))


@pytest.mark.parametrize("limit", [10, 5_000, None])
def test_while_producers_write_and_retention_removes(
    app: App, kafka: str, admin: AdminClient, topic: support.TopicFactory, limit: int | None
) -> None:
    name = topic(3, {number: ["x"] * 20_000 for number in range(3)})
    writer = support.make_producer(kafka)
    # However far ahead the writer gets, more than the highest limit is left.
    low = itertools.chain(range(100, 14_000, 700), itertools.repeat(14_000))

    def write() -> None:
        for number in range(300):
            writer.produce(name, "more", partition=number % 3)
        writer.flush(support.LIMIT)
        support.delete_records(admin, name, dict.fromkeys(range(3), next(low)))

    with in_the_background(write) as begun:
        assert begun.wait(support.LIMIT)
        for _ in range(3):
            iterator = Iterator(name, order="newest", limit=limit)
            offsets: dict[int, list[int]] = {0: [], 1: [], 2: []}
            for message in iterator:
                offsets[message.partition].append(message.offset)
            report = report_of(iterator)
            account(report)
            assert (report.ended, report.messages) == ("limit" if limit else "end", limit or report.messages)
            for each in report:
                assert each.stop is not None
                given = offsets[each.partition]
                assert given == list(range(each.stop - 1, each.stop - 1 - len(given), -1))
                assert (each.messages, each.gaps) == (len(given), 0)


def test_many_windows_of_uneven_payloads_give_each_message_once(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(2)
    producer = support.make_producer(kafka, linger_ms=5)
    for index in range(3_000):
        # Every hundredth is large: windows that were sized by small ones are cut.
        size = 500_000 if index % 100 == 0 else index % 3_000
        producer.produce(name, bytes(size), partition=index % 2, timestamp=FIRST + index)
        producer.poll(0)
    assert producer.flush(support.LIMIT) == 0
    expected = in_order(rows_in(kafka, name), "newest")
    assert places_of(Iterator(name, order="newest")) == expected
    assert places_of(Iterator(name, order="newest", limit=1_501)) == expected[:1_501]
