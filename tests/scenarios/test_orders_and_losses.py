"""In each order, what retention removes in mid-run is counted as lost, and the report adds up meanwhile."""

from __future__ import annotations

import logging

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from framework import App
from framework_iterator import Iterator
from tests import support
from tests.scenarios.ordering import ORDERS, Order, at
from tests.scenarios.reading import report_of
from tests.scenarios.test_data_loss import filled, said, split, warnings
from tests.scenarios.test_every_offset_is_accounted_for import account
from tests.scenarios.ways import Read
from tests.support import SMALL


def told(caplog: pytest.LogCaptureFixture) -> list[int]:
    """How many offsets each warning tells: of each window on the way back, and these get larger."""
    return [int(text.split(": ")[1].split(" ")[0]) for _, text in warnings(caplog)]


def test_in_time_order(
    app: App,
    admin: AdminClient,
    producer: Producer,
    topic: support.TopicFactory,
    caplog: pytest.LogCaptureFixture,
    read: Read,
) -> None:
    name = filled(producer, topic(2, {1: at(0, 1, 2)}), 60)
    iterator = Iterator(name, settings=SMALL, order="time")
    offsets = []
    for message in read(iterator):
        account(report_of(iterator))
        if message.partition == 0:
            offsets.append(message.offset)
            if message.offset == 1:
                support.delete_records(admin, name, {0: 50})
    first, resumed = split(offsets)
    assert resumed == 50
    assert offsets == [*range(first), *range(50, 60)]
    partition = report_of(iterator)[name, 0]
    assert (partition.messages, partition.lost, partition.gaps) == (first + 10, 50 - first, 0)
    assert (partition.position, partition.ended) == (60, "end")
    assert warnings(caplog) == [(logging.WARNING, said(name, 50 - first, first))]


def test_newest_first(
    app: App,
    admin: AdminClient,
    topic: support.TopicFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    name = topic(1, ["x"] * 3000)
    iterator = Iterator(name, order="newest")
    offsets = []
    for message in iterator:
        account(report_of(iterator))
        offsets.append(message.offset)
        if message.offset == 2990:
            support.delete_records(admin, name, {0: 1200})
    assert offsets == list(range(2999, 1199, -1))
    [partition] = report_of(iterator)
    assert (partition.start, partition.position, partition.ended) == (0, 3000, "end")
    assert (partition.messages, partition.lost, partition.gaps) == (1800, 1200, 0)
    assert sum(told(caplog)) == 1200


def test_newest_first_when_all_that_is_left_is_removed(
    app: App,
    admin: AdminClient,
    topic: support.TopicFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    name = topic(2, {0: ["x"] * 20_000, 1: at(5)})
    iterator = Iterator(name, order="newest")
    offsets: list[int] = []
    for message in iterator:
        account(report_of(iterator))
        if message.partition == 0:
            offsets.append(message.offset)
            if message.offset == 19_990:
                support.delete_records(admin, name, {0: 20_000})
    read = len(offsets)
    assert offsets == list(range(19_999, 19_999 - read, -1))
    assert 10 <= read <= 1000
    partition = report_of(iterator)[name, 0]
    assert (partition.start, partition.position, partition.ended) == (0, 20_000, "end")
    assert (partition.messages, partition.lost, partition.gaps) == (read, 20_000 - read, 0)
    assert report_of(iterator)[name, 1].messages == 1
    assert sum(told(caplog)) == 20_000 - read
    assert len(told(caplog)) <= 11


def test_newest_first_when_retention_removes_twice(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(1, ["x"] * 30_000)
    iterator = Iterator(name, order="newest")
    offsets = []
    for message in iterator:
        offsets.append(message.offset)
        if message.offset in (29_000, 25_000):
            support.delete_records(admin, name, {0: 5000 if message.offset == 29_000 else 12_000})
            account(report_of(iterator))
    account(report_of(iterator))
    assert offsets == list(range(29_999, 29_999 - len(offsets), -1))
    [partition] = report_of(iterator)
    assert (partition.messages + partition.lost, partition.gaps) == (30_000, 0)
    assert partition.lost >= 12_000 - 500
    assert (partition.start, partition.ended) == (0, "end")


@ORDERS
def test_what_is_removed_after_it_was_given_is_no_loss(
    app: App, admin: AdminClient, topic: support.TopicFactory, order: Order
) -> None:
    name = topic(1, ["x"] * 12)
    iterator = Iterator(name, order=order)
    for message in iterator:
        if message.offset == 6:
            support.delete_records(admin, name, {0: 12})
    [partition] = report_of(iterator)
    assert (partition.messages, partition.lost, partition.ended) == (12, 0, "end")
