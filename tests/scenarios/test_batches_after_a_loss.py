"""What retention removes in front of a reader of batches is counted as lost, and the next batch goes on."""

from __future__ import annotations

import itertools

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from framework import App
from framework_iterator import Iterator
from tests import support
from tests.scenarios.reading import report_of
from tests.support import SMALL


def filled(producer: Producer, name: str, count: int) -> str:
    """Append messages of 3 KB, each in a batch of its own: a broker sends whole batches."""
    for index in range(count):
        support.produce(producer, name, [f"{index} ".ljust(3000, ".")])
    return name


@pytest.mark.parametrize("size", [1, 4, 10])
def test_between_two_batches(
    app: App, admin: AdminClient, producer: Producer, topic: support.TopicFactory, size: int
) -> None:
    name = filled(producer, topic(1), 60)
    iterator = Iterator(name, settings=SMALL, max_wait=support.LIMIT)
    offsets: list[int] = []
    for batch in iterator.batches(size):
        if not offsets:
            support.delete_records(admin, name, {0: 50})
        offsets += batch.offsets
    [(before, after)] = [each for each in itertools.pairwise(offsets) if each[1] != each[0] + 1]
    assert offsets == [*range(before + 1), *range(50, 60)]
    assert (after, size <= before + 1 < 50) == (50, True)
    [partition] = report_of(iterator)
    assert (partition.lost, partition.messages, partition.gaps) == (49 - before, before + 11, 0)
    assert (partition.position, partition.ended) == (60, "end")


def test_of_all_that_was_left_the_last_batch_is_what_was_fetched_before(
    app: App, admin: AdminClient, producer: Producer, topic: support.TopicFactory
) -> None:
    name = filled(producer, topic(1), 40)
    iterator = Iterator(name, settings=SMALL, max_wait=support.LIMIT)
    offsets: list[int] = []
    for batch in iterator.batches(size=3):
        if not offsets:
            support.delete_records(admin, name, {0: 40})
        offsets += batch.offsets
    assert offsets == list(range(len(offsets)))
    report = report_of(iterator)
    assert 3 <= len(offsets) < 40
    assert (report.messages, report.lost, report.ended) == (len(offsets), 40 - len(offsets), "end")


def test_in_one_partition_it_takes_nothing_from_the_batches_of_the_other(
    app: App, admin: AdminClient, producer: Producer, topic: support.TopicFactory
) -> None:
    name = filled(producer, topic(2, {1: ["y"] * 500}), 60)
    iterator = Iterator(name, settings=SMALL)
    other: list[int] = []
    for number, batch in enumerate(iterator.batches(size=5)):
        if number == 0:
            support.delete_records(admin, name, {0: 55})
        other += [message.offset for message in batch if message.partition == 1]
    assert other == list(range(500))
    report = report_of(iterator)
    assert report[name, 0].messages + report[name, 0].lost == 60
    assert (report[name, 1].lost, report[name, 0].lost > 0, report.gaps) == (0, True, 0)
