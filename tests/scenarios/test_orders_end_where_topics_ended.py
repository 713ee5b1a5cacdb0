"""In each order, and with filters, a run gives exactly what was there when it began.

Producers go on writing at full speed meanwhile, also in transactions: committed, aborted and open ones.
"""

from __future__ import annotations

import collections
from typing import Any

from framework import App
from framework_iterator import Iterator
from tests import support
from tests.scenarios.ordering import ALL_ORDERS, ORDERS, Order
from tests.scenarios.reading import by_partition, report_of, shown
from tests.scenarios.test_the_end_is_pinned import finished, in_the_background


@ORDERS
def test_a_producer_at_full_speed_neither_prolongs_a_run_nor_loses_it_a_message(
    app: App, kafka: str, topic: support.TopicFactory, order: Order
) -> None:
    name = topic(3, {number: ["x"] * 5000 for number in range(3)})
    writer = support.make_producer(kafka)

    def write() -> None:
        for number in range(300):
            writer.produce(name, "more", partition=number % 3)
        writer.flush(support.LIMIT)

    with in_the_background(write) as begun:
        assert begun.wait(support.LIMIT)
        for _ in range(3):
            iterator = Iterator(name, order=order)
            offsets: dict[int, list[int]] = {0: [], 1: [], 2: []}
            for message in iterator:
                offsets[message.partition].append(message.offset)
            for partition in finished(iterator):
                assert partition.stop is not None
                assert partition.stop > 5000
                expected = list(range(partition.stop))
                assert offsets[partition.partition] == (expected if order == "time" else expected[::-1])
                assert (partition.messages, partition.position) == (partition.stop, partition.stop)


def test_filters_give_all_that_was_there_and_nothing_of_what_comes(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(2, {number: [f"{each}-{each % 7}." for each in range(3000)] for number in range(2)})
    writer = support.make_producer(kafka)

    def write() -> None:
        for number in range(300):
            writer.produce(name, "more-3.", partition=number % 2)
        writer.flush(support.LIMIT)

    def is_third(message: Any) -> bool:
        return bool(message.payload.endswith("-3."))

    with in_the_background(write) as begun:
        assert begun.wait(support.LIMIT)
        iterators = [Iterator(name, containing="-3."), Iterator(name, where=is_third)]
        runs = [(iterator, list(iterator)) for iterator in iterators]
    for iterator, messages in runs:
        counts = collections.Counter(message.partition for message in messages)
        for partition in finished(iterator):
            assert partition.stop is not None
            old, new = sum(each % 7 == 3 for each in range(3000)), partition.stop - 3000
            assert counts[partition.partition] == partition.messages == old + new
            assert partition.filtered == 3000 - old


@ALL_ORDERS
def test_transactions_that_are_written_meanwhile_are_whole_or_not_there(
    app: App, kafka: str, topic: support.TopicFactory, order: Order | None
) -> None:
    name = topic(1, ["x"] * 2000)
    writer = support.make_producer(kafka, transactional_id=name)
    writer.init_transactions(support.LIMIT)
    turn = iter(range(1_000_000))

    def write() -> None:
        writer.begin_transaction()
        commit = next(turn) % 2 == 0
        writer.produce(name, "kept" if commit else "aborted", partition=0)
        writer.produce(name, "kept" if commit else "aborted", partition=0)
        if commit:
            writer.commit_transaction(support.LIMIT)
        else:
            writer.flush(support.LIMIT)
            writer.abort_transaction(support.LIMIT)

    with in_the_background(write) as begun:
        assert begun.wait(support.LIMIT)
        runs = [
            (iterator, list(iterator))
            for iterator in [Iterator(name, order=order, containing="e") for _ in range(10)]
        ]
    kept = [
        support.offset_of(each)
        for each in support.read_all(kafka, name, isolation="read_committed")
        if each.value() == b"kept"
    ]
    for iterator, messages in runs:
        stop = finished(iterator).partitions[0].stop
        assert stop is not None
        expected = [offset for offset in kept if offset < stop]
        assert [each.offset for each in messages] == (expected[::-1] if order == "newest" else expected)


@ALL_ORDERS
def test_markers_are_last_and_an_open_transaction_stays_outside(
    app: App, kafka: str, topic: support.TopicFactory, order: Order | None
) -> None:
    name = topic(2, {0: ["a", "b"]})
    with support.transaction(kafka) as committed:
        support.produce(committed, name, ["c", "d"])
    with support.transaction(kafka, commit=False) as aborted:
        support.produce(aborted, name, ["never", "never"])
        support.produce(aborted, name, ["never"], partition=1)
    iterator = Iterator(name, order=order)
    limited = Iterator(name, order=order, limit=5)
    expected = "d@3 c@2 b@1 a@0" if order == "newest" else "a@0 b@1 c@2 d@3"
    with support.transaction(kafka) as writer:
        support.produce(writer, name, ["e"])
        support.produce(writer, name, ["f"], partition=1)
        assert shown(iterator) == shown(limited) == expected
        assert finished(iterator).messages == finished(limited).messages == 4
        assert [(each.stop, each.gaps) for each in report_of(iterator)] == [(8, 4), (2, 2)]
    again = "e@8 d@3 c@2 b@1 a@0" if order == "newest" else "a@0 b@1 c@2 d@3 e@8"
    assert by_partition(iterator) == f"0: {again} | 1: f@2"
    assert [(each.stop, each.gaps) for each in report_of(iterator)] == [(10, 5), (4, 3)]
