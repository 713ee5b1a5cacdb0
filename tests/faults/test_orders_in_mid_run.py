"""Runs in an order meet the faults of any run: a broker that goes away, a topic deleted or made anew."""

from __future__ import annotations

import collections.abc as cabc

import pytest

from framework import BrokerTimeoutError, PartitionNotFoundError, TopicNotFoundError
from framework_iterator import Iterator
from tests import support
from tests.faults.brokers import Broker, app_of, assert_reads_on, bounded
from tests.faults.haste import Haste
from tests.kafka_server import KafkaServer
from tests.scenarios.ordering import ORDERS, Order, in_order, places_of, rows_in
from tests.scenarios.reading import report_of
from tests.scenarios.test_every_offset_is_accounted_for import account
from tests.scenarios.waiting import beside
from tests.support import SMALL

WAYS = pytest.mark.parametrize("end", [KafkaServer.kill, KafkaServer.pause], ids=["killed", "frozen"])


def long_topic(broker: Broker) -> str:
    """Two partitions, of which newest first reads several windows."""
    return in_batches(broker, {number: [f"{each}" for each in range(6_000)] for number in range(2)})


def in_batches(broker: Broker, messages: cabc.Mapping[int, list[str]]) -> str:
    """A topic of small batches: a slow broker would get the most in one, and give it in one fetch."""
    name = broker.topic(len(messages))
    support.fill(support.make_producer(broker.straight, batch_num_messages=200), name, messages)
    return name


@WAYS
@ORDERS
def test_a_broker_that_comes_back_costs_no_message(
    broker: Broker, end: cabc.Callable[[KafkaServer], None], order: Order
) -> None:
    name = long_topic(broker)
    expected = in_order(rows_in(broker.straight, name), order)
    iterator = Iterator(name, app=app_of(broker.straight), settings=SMALL, order=order)
    run = iter(iterator)
    given = [next(run) for _ in range(700)]
    end(broker.server)

    def come_back() -> None:
        broker.server.resume() if broker.server.is_running else broker.server.start()

    with beside(come_back), bounded(60.0):
        for message in run:
            given.append(message)
            account(report_of(iterator))
    assert places_of(given) == expected
    assert (report_of(iterator).ended, report_of(iterator).lost) == ("end", 0)
    assert_reads_on(broker)


@WAYS
@ORDERS
def test_a_broker_that_stays_away_ends_the_run_and_what_was_given_is_in_order(
    broker: Broker, end: cabc.Callable[[KafkaServer], None], order: Order, haste: Haste
) -> None:
    name = long_topic(broker)
    expected = in_order(rows_in(broker.straight, name), order)
    iterator = Iterator(name, app=app_of(broker.straight), settings=SMALL, order=order)
    given = []
    with bounded(), pytest.raises(BrokerTimeoutError) as caught:
        for message in iterator:
            given.append(message)
            if len(given) == 700:
                end(broker.server)
                haste.begin()
    haste.end()
    assert 700 <= len(given) < 12_000
    assert places_of(given) == expected[: len(given)]
    report = report_of(iterator)
    account(report)
    assert (report.ended, report.error, report.messages) == ("error", caught.value, len(given))
    broker.recover()
    if order == "time":
        rest = Iterator(name, app=app_of(broker.straight), resume=report.positions, order="time")
        assert places_of(given) + places_of(rest) == expected


@ORDERS
def test_a_deleted_topic_ends_the_run_with_its_name(broker: Broker, order: Order) -> None:
    kept, name = broker.topic(1, ["a"]), long_topic(broker)
    iterator = Iterator([kept, name], app=app_of(broker.straight), settings=SMALL, order=order)
    given = 0
    with bounded(60.0), pytest.raises(TopicNotFoundError, match=f"^Topic '{name}' doesn't exist") as caught:
        for _ in iterator:
            given += 1
            if given == 20:
                support.delete_topics(broker.admin, [name])
    report = report_of(iterator)
    account(report)
    assert (report.ended, report.error, report.messages) == ("error", caught.value, given)
    assert_reads_on(broker)


@ORDERS
def test_a_topic_made_anew_with_fewer_messages_has_lost_the_rest(broker: Broker, order: Order) -> None:
    name = in_batches(broker, {0: [f"{each}" for each in range(12_000)]})
    iterator = Iterator(name, app=app_of(broker.straight), settings=SMALL, order=order)
    offsets = []
    with bounded(60.0):
        for message in iterator:
            offsets.append(message.offset)
            if len(offsets) == 20:
                broker.make_anew(name)
                support.produce(broker.producer, name, ["new"] * 10)
            account(report_of(iterator))
    [partition] = report_of(iterator)
    assert (partition.messages + partition.lost, partition.gaps) == (12_000, 0)
    assert (partition.position, partition.ended) == (12_000, "end")
    assert partition.messages == len(offsets) < 12_000
    assert offsets == sorted(set(offsets), reverse=order == "newest")
    assert_reads_on(broker)


@ORDERS
def test_a_partition_that_the_new_topic_lacks_is_named(broker: Broker, order: Order) -> None:
    name = long_topic(broker)
    iterator = Iterator(name, app=app_of(broker.straight), settings=SMALL, order=order)
    given = 0
    with bounded(60.0), pytest.raises(PartitionNotFoundError) as caught:
        for _ in iterator:
            given += 1
            if given == 20:
                broker.make_anew(name)
                support.produce(broker.producer, name, ["new"] * 6_000)
    assert str(caught.value) == f"Topic '{name}' has no partition 1. It has partition 0."
    account(report_of(iterator))
    assert report_of(iterator).error is caught.value
    assert_reads_on(broker)
