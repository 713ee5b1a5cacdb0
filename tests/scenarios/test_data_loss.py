"""What retention removes in front of a slow reader is counted as lost and logged, and reading goes on."""

from __future__ import annotations

import itertools
import logging

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from framework import App
from framework.types import TopicPartition
from framework_iterator import Iterator
from framework_iterator.reading.source import Source
from tests import support
from tests.scenarios.reading import report_of
from tests.scenarios.ways import Read
from tests.support import SMALL

LOGGER = "framework_iterator.reading.events"


def filled(producer: Producer, name: str, count: int, partition: int = 0) -> str:
    """Append messages of 3 KB, each in a batch of its own: a broker sends whole batches."""
    for index in range(count):
        support.produce(producer, name, [f"{index} ".ljust(3000, ".")], partition)
    return name


def warnings(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    return [(each.levelno, each.getMessage()) for each in caplog.records if each.name == LOGGER]


def said(name: str, lost: int, first: int) -> str:
    return f"{name}-0: {lost} offsets from {first} on were removed before they could be read. Continuing."


def split(offsets: list[int]) -> tuple[int, int]:
    """The gap in what was read: the first offset that is missing, the first behind."""
    [gap] = [(left + 1, right) for left, right in itertools.pairwise(offsets) if right != left + 1]
    return gap


def test_the_gap_is_counted_exactly_and_logged_and_the_rest_is_read(
    app: App,
    admin: AdminClient,
    producer: Producer,
    topic: support.TopicFactory,
    caplog: pytest.LogCaptureFixture,
    read: Read,
) -> None:
    name = filled(producer, topic(2, {1: ["other"]}), 60)
    iterator = Iterator(name, settings=SMALL)
    offsets = []
    for message in read(iterator):
        if message.partition == 0:
            offsets.append(message.offset)
            if message.offset == 1:
                support.delete_records(admin, name, {0: 50})
    first, resumed = split(offsets)
    assert first < 50
    assert resumed == 50
    assert offsets == [*range(first), *range(50, 60)]
    report = report_of(iterator)
    partition = report[name, 0]
    assert (partition.lost, partition.messages, partition.position) == (50 - first, first + 10, 60)
    assert report[name, 1].lost == 0
    assert (report.lost, report.ended, report.error) == (50 - first, "end", None)
    assert warnings(caplog) == [
        (
            logging.WARNING,
            said(name, 50 - first, first),
        )
    ]
    assert [message.offset for message in Iterator({name: [0]})] == list(range(50, 60))


def test_it_happens_twice_in_one_run(
    app: App, admin: AdminClient, producer: Producer, topic: support.TopicFactory, read: Read
) -> None:
    name = filled(producer, topic(1), 90)
    iterator = Iterator(name, settings=SMALL)
    offsets = []
    for message in read(iterator):
        offsets.append(message.offset)
        if message.offset in (1, 41):
            support.delete_records(admin, name, {0: message.offset + 39})
    assert 40 in offsets
    assert offsets[-10:] == list(range(80, 90))
    report = report_of(iterator)
    assert (report.messages + report.lost, report.lost > 0) == (90, True)
    assert report.messages == len(offsets)
    assert report.ended == "end"
    assert [message.offset for message in Iterator(name)] == list(range(80, 90))


@pytest.mark.parametrize("beyond", [False, True], ids=["to-the-end", "beyond-the-end"])
def test_a_loss_of_all_that_was_left_ends_the_run(
    app: App,
    admin: AdminClient,
    producer: Producer,
    topic: support.TopicFactory,
    caplog: pytest.LogCaptureFixture,
    beyond: bool,
) -> None:
    name = filled(producer, topic(1), 40)
    iterator = Iterator(name, settings=SMALL)
    offsets = []
    for message in iterator:
        offsets.append(message.offset)
        if message.offset == 1:
            if beyond:
                filled(producer, name, 20)
            support.delete_records(admin, name, {0: 55 if beyond else 40})
    read = len(offsets)
    assert offsets == list(range(read))
    [partition] = report_of(iterator).partitions
    assert (partition.stop, partition.position, partition.ended) == (40, 40, "end")
    assert (partition.messages, partition.lost) == (read, 40 - read)
    assert [text for _, text in warnings(caplog)] == [said(name, 40 - read, read)]
    assert [message.offset for message in Iterator(name)] == (list(range(55, 60)) if beyond else [])


def test_a_follow_goes_on_with_what_is_left_and_with_what_comes(
    app: App, admin: AdminClient, producer: Producer, topic: support.TopicFactory, read: Read
) -> None:
    name = filled(producer, topic(1), 40)
    iterator = Iterator(name, settings=SMALL, follow=True)
    offsets = []
    for message in read(iterator):
        offsets.append(message.offset)
        if message.offset == 1:
            support.delete_records(admin, name, {0: 38})
        if message.offset == 39:
            support.produce(producer, name, ["new"])
        if message.offset == 40:
            iterator.stop()
    first, resumed = split(offsets)
    assert (resumed, offsets[-3:]) == (38, [38, 39, 40])
    assert (report_of(iterator).lost, report_of(iterator).messages) == (38 - first, first + 3)
    assert [message.offset for message in Iterator(name)] == [38, 39, 40]


def test_a_follow_that_lost_everything_waits_for_what_comes(
    app: App, admin: AdminClient, producer: Producer, topic: support.TopicFactory, read: Read
) -> None:
    name = filled(producer, topic(1), 40)
    iterator = Iterator(name, settings=SMALL, follow=True, yield_none=True, max_wait=0.3)
    offsets: list[int] = []
    for message in read(iterator):
        if message is not None:
            offsets.append(message.offset)
            if message.offset == 1:
                support.delete_records(admin, name, {0: 40})
            if message.offset == 40:
                break
        elif report_of(iterator).lost:
            support.produce(producer, name, ["new"])
    first, resumed = split(offsets)
    assert resumed == 40
    assert report_of(iterator).lost == 40 - first


def test_what_was_removed_between_the_plan_and_the_first_fetch_is_lost_and_not_skipped_silently(
    app: App,
    admin: AdminClient,
    producer: Producer,
    topic: support.TopicFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = topic(1, ["a", "b", "c", "d"])
    assign = Source.assign

    def too_late(source: Source, positions: dict[TopicPartition, int]) -> None:
        support.delete_records(admin, name, {0: 3})
        assign(source, positions)

    monkeypatch.setattr(Source, "assign", too_late)
    iterator = Iterator(name)
    assert [message.payload for message in iterator] == ["d"]
    [partition] = report_of(iterator).partitions
    assert (partition.start, partition.lost, partition.messages, partition.position) == (0, 3, 1, 4)


def test_what_was_prefetched_in_time_is_no_loss(
    app: App, admin: AdminClient, topic: support.TopicFactory, caplog: pytest.LogCaptureFixture
) -> None:
    name = topic(1, ["x"] * 400)
    iterator = Iterator(name)
    offsets = []
    for message in iterator:
        offsets.append(message.offset)
        if message.offset == 399:
            support.delete_records(admin, name, {0: 400})
    assert offsets == list(range(400))
    assert (report_of(iterator).lost, report_of(iterator).ended) == (0, "end")
    assert warnings(caplog) == []
