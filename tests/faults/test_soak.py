"""Followed for long, over restarts and stopped partitions: each message once, in order, and nothing grows."""

from __future__ import annotations

import gc
import os
import pathlib
import random
import threading
import time

import pytest
from confluent_kafka import Producer

from framework_iterator import Iterator
from tests import support
from tests.faults.brokers import FULL, Broker, app_of, assert_reads_on
from tests.held import counts
from tests.scenarios.reading import report_of
from tests.scenarios.waiting import beside

SECONDS = 240.0 if FULL else 10.0
PARTITIONS = 6
STOPPED = 2
"""So many of the partitions are stopped on the way, each at a moment of its own."""


def memory() -> int:
    """Bytes of this process that are in memory."""
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


class Writer:
    """Numbers, to each partition its own from 0 on, while a broker comes and goes."""

    def __init__(self, broker: Broker, name: str) -> None:
        self._broker, self._name = broker, name
        self.written = [0] * PARTITIONS
        self.is_over = threading.Event()
        self._chance = random.Random(3)

    def write(self) -> None:
        producer = support.make_producer(self._broker.straight, enable_idempotence=True)
        restarts = 8 if FULL else 1
        ends = time.monotonic() + SECONDS
        at = [ends - SECONDS * self._chance.uniform(0.2, 0.8) for _ in range(restarts)]
        at.sort(reverse=True)
        try:
            while time.monotonic() < ends:
                number, count = self._chance.randrange(PARTITIONS), self._chance.randrange(1, 50)
                for _ in range(count):
                    self._send(producer, number)
                producer.poll(0.01)
                if at and time.monotonic() > at[-1]:
                    at.pop()
                    self._broker.server.restart()
            if producer.flush(60):
                raise TimeoutError("The broker did not take all that was written.")
        finally:
            self.is_over.set()

    def _send(self, producer: Producer, number: int) -> None:
        producer.produce(self._name, str(self.written[number]), partition=number)
        self.written[number] += 1


@pytest.mark.timeout(SECONDS + 180)
def test_each_message_comes_once_and_in_order_and_nothing_grows(broker: Broker) -> None:
    name = broker.topic(PARTITIONS)
    writer = Writer(broker, name)
    chance = random.Random(11)
    stops = {number: chance.randrange(100, 500) for number in range(STOPPED)}
    iterator = Iterator(name, app=app_of(broker.straight), follow=True, yield_none=True, max_wait=0.1)
    read = [0] * PARTITIONS

    def wanted() -> list[int]:
        """A slow machine may write less than what is read until a stop."""
        return [min(stops.get(number, count), count) for number, count in enumerate(writer.written)]

    at_first: tuple[int, tuple[int, int]] | None = None
    warm = time.monotonic() + SECONDS / 4
    with beside(writer.write):
        for message in iterator:
            if message is not None:
                assert (message.offset, message.payload) == (read[message.partition], str(message.offset))
                read[message.partition] += 1
                if read[message.partition] == stops.get(message.partition):
                    iterator.stop_current_partition()
            if at_first is None and time.monotonic() > warm:
                gc.collect()
                at_first = memory(), counts()
            if writer.is_over.is_set() and read == wanted():
                break
        gc.collect()
        at_last = memory(), counts()
    assert read == wanted()
    assert report_of(iterator).messages == sum(read) > 0
    assert report_of(iterator).lost == 0
    assert at_first is not None
    # A reconnection more or less has its thread and its socket; a leak has them by the restart.
    assert at_last[1][0] <= at_first[1][0] + 4
    assert at_last[1][1] <= at_first[1][1] + 8
    assert at_last[0] < at_first[0] + 60_000_000
    assert_reads_on(broker)


@pytest.mark.timeout(SECONDS + 120)
def test_many_short_runs_through_a_torn_network_leave_nothing_behind(broker: Broker) -> None:
    name = broker.large(5)
    broker.proxy.cuts = 0.05
    app = app_of(broker.proxied, reconnect_backoff_max_ms=50)
    before: tuple[int, tuple[int, int]] | None = None
    runs = 200 if FULL else 12
    for run in range(runs):
        assert [message.offset for message in Iterator(name, app=app)] == list(range(5))
        if run == runs // 4:
            before = memory(), counts()
    assert before is not None
    support.wait_until(
        lambda: all(now <= then + 2 for now, then in zip(counts(), before[1], strict=True)), "clients that go"
    )
    assert memory() < before[0] + 40_000_000
    assert_reads_on(broker)
