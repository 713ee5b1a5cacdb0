"""A network that is slow, torn, or in pieces costs time and no message: each comes once, and in order."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from framework import BrokerUnavailableError
from framework_iterator import Iterator
from tests import support
from tests.faults.brokers import FULL, Broker, app_of, assert_reads_on, bounded
from tests.scenarios.reading import report_of
from tests.scenarios.waiting import Fetches, beside
from tests.support import SMALL

# Each cut costs librdkafka a second or so, until it looks for its brokers again.
LENGTH = 30 if FULL else 12


def read(broker: Broker, name: str, **kafka: Any) -> list[int]:
    """The offsets of a run through the proxy, which ends well."""
    iterator: Iterator[Any] = Iterator(name, app=app_of(broker.proxied, **kafka), settings=SMALL)
    offsets = [message.offset for message in iterator]
    assert (report_of(iterator).ended, report_of(iterator).lost) == ("end", 0)
    return offsets


def test_answers_that_come_late(broker: Broker) -> None:
    name = broker.large(10)
    broker.proxy.delay = 0.1
    assert read(broker, name) == list(range(10))
    assert_reads_on(broker)


def test_answers_that_come_byte_by_byte(broker: Broker) -> None:
    name = broker.large(10)
    broker.proxy.piece = 1
    assert read(broker, name) == list(range(10))
    assert_reads_on(broker)


def test_connections_that_are_cut_in_the_middle_of_answers(broker: Broker) -> None:
    name = broker.large(LENGTH)
    broker.proxy.cuts = 0.2
    assert read(broker, name, reconnect_backoff_max_ms=50) == list(range(LENGTH))
    assert broker.proxy.cut > (3 if FULL else 1)
    assert_reads_on(broker)


def test_all_of_it_at_once(broker: Broker) -> None:
    name = broker.large(LENGTH)
    broker.proxy.delay, broker.proxy.piece, broker.proxy.cuts = 0.02, 100, 0.1
    assert read(broker, name, reconnect_backoff_max_ms=50) == list(range(LENGTH))
    assert_reads_on(broker)


def test_a_network_that_is_away_for_a_while_in_mid_run(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    iterator = Iterator(broker.large(30), app=app_of(broker.proxied), settings=SMALL)
    fetches, is_away = Fetches(monkeypatch), threading.Event()
    offsets = []

    def come_back() -> None:
        is_away.wait(support.LIMIT)
        fetches.until_idle()
        broker.proxy.start()

    with beside(come_back):
        for message in iterator:
            offsets.append(message.offset)
            if message.offset == 5:
                broker.proxy.stop()
                is_away.set()
    assert offsets == list(range(30))
    assert_reads_on(broker, app_of(broker.proxied))


def test_answers_that_come_too_late_for_all_are_no_answers(broker: Broker) -> None:
    name = broker.topic(1, ["a"])
    broker.proxy.delay = 5.0
    app = app_of(broker.proxied, broker_timeout=2.0)
    with bounded(), pytest.raises(BrokerUnavailableError, match=f"No broker answered at {broker.proxied}"):
        list(Iterator(name, app=app))
    assert_reads_on(broker, app_of(broker.proxied))


def test_a_follow_over_a_torn_network(broker: Broker) -> None:
    name = broker.topic()
    app = app_of(broker.proxied, reconnect_backoff_max_ms=50)
    written, offsets = 0, []
    for message in Iterator(name, app=app, follow=True, yield_none=True, max_wait=0.05):
        if message is not None:
            offsets.append((message.offset, message.payload))
        if written < 2 * LENGTH and len(offsets) == written:
            broker.proxy.cuts = 0.2
            support.produce(broker.producer, name, [str(written + index) for index in range(6)])
            written += 6
        if len(offsets) == 2 * LENGTH:
            break
    assert offsets == [(index, str(index)) for index in range(2 * LENGTH)]
    assert_reads_on(broker)


def test_a_long_stretch_of_aborted_messages_is_no_stall(broker: Broker) -> None:
    # librdkafka leaves them out by itself: nothing of them reaches the run, however many there are.
    name = broker.topic(1, ["first"])
    with support.transaction(broker.straight, commit=False) as writer:
        for _ in range(40):
            support.produce(writer, name, ["never".ljust(3000, ".")])
    support.produce(broker.producer, name, ["last"])
    broker.proxy.delay = 0.1
    heard: list[str] = []
    wanted = {"statistics.interval.ms": 1000, "stats_cb": heard.append}

    def read_past_it(settings: dict[str, Any]) -> None:
        iterator = Iterator(name, app=app_of(broker.proxied, stall_timeout=3.0), settings=settings)
        assert [message.payload for message in iterator] == ["first", "last"]
        assert (report_of(iterator).ended, report_of(iterator).lost) == ("end", 0)

    with beside(lambda: read_past_it(SMALL | wanted)):
        read_past_it(SMALL)
    assert len(heard) > 2
    assert_reads_on(broker)
