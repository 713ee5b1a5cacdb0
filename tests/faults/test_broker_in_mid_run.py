"""A broker that stops in mid-run is waited for: the run completes, or says so after stall_timeout."""

from __future__ import annotations

import collections.abc as cabc
import threading

import pytest

from framework import BrokerTimeoutError
from framework_iterator import Iterator
from tests import support
from tests.faults.brokers import Broker, app_of, assert_reads_on, bounded
from tests.faults.haste import Haste
from tests.kafka_server import KafkaServer
from tests.scenarios.reading import report_of
from tests.scenarios.waiting import Fetches, beside
from tests.support import SMALL

WAYS = pytest.mark.parametrize("end", [KafkaServer.kill, KafkaServer.pause], ids=["killed", "frozen"])


def back(server: KafkaServer) -> None:
    """Kill was meant to be undone by start, and pause by resume."""
    server.resume() if server.is_running else server.start()


@WAYS
def test_one_that_comes_back_costs_no_message(
    broker: Broker, end: cabc.Callable[[KafkaServer], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    iterator = Iterator(broker.large(40, 2), app=app_of(broker.straight), settings=SMALL)
    fetches, has_ended = Fetches(monkeypatch), threading.Event()
    offsets: dict[int, list[int]] = {0: [], 1: []}

    def come_back() -> None:
        has_ended.wait(support.LIMIT)
        fetches.until_idle()
        back(broker.server)

    with beside(come_back):
        for message in iterator:
            offsets[message.partition].append(message.offset)
            if report_of(iterator).messages == 10:
                end(broker.server)
                has_ended.set()
    assert offsets == {0: list(range(40)), 1: list(range(40))}
    assert (report_of(iterator).ended, report_of(iterator).lost) == ("end", 0)
    assert_reads_on(broker)


@WAYS
def test_one_that_is_gone_for_good_ends_the_run_and_the_report_tells_how_far_it_came(
    broker: Broker, end: cabc.Callable[[KafkaServer], None], haste: Haste
) -> None:
    name = broker.large(40)
    app = app_of(broker.straight)
    iterator = Iterator(name, app=app, settings=SMALL)
    offsets = []
    with bounded(), pytest.raises(BrokerTimeoutError) as caught:
        for message in iterator:
            offsets.append(message.offset)
            if message.offset == 5:
                end(broker.server)
                haste.begin()
    haste.end()
    assert 5 < len(offsets) < 40
    assert offsets == list(range(len(offsets)))
    assert f"No message for 60 s while waiting for {name}-0@{len(offsets)}." in str(caught.value)
    report = report_of(iterator)
    assert (report.ended, report.error, report.messages) == ("error", caught.value, len(offsets))
    assert_reads_on(broker, app)
    assert [message.offset for message in iterator] == list(range(40))


def test_time_in_the_body_of_the_loop_is_no_waiting(broker: Broker, haste: Haste) -> None:
    iterator = Iterator(broker.large(8), app=app_of(broker.straight), settings=SMALL)
    offsets = []
    for message in iterator:
        offsets.append(message.offset)
        if message.offset == 2:
            broker.server.restart()
            haste.put_forward(3600.0)
    assert offsets == list(range(8))
    assert_reads_on(broker)


@WAYS
def test_a_follow_tries_on_for_ever_and_says_so(
    broker: Broker,
    end: cabc.Callable[[KafkaServer], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    name = broker.topic(1, ["a"])
    app = app_of(broker.straight, stall_timeout=0.5)
    iterator = Iterator(name, app=app, follow=True, yield_none=True)
    messages = []
    for message in iterator:
        if message is not None:
            messages.append(message.payload)
            if message.payload == "a":
                end(broker.server)
            else:
                iterator.stop()
        elif any("Retrying." in each for each in caplog.messages):
            caplog.clear()
            back(broker.server)
            support.produce(broker.producer, name, ["b"])
    assert messages == ["a", "b"]
    assert report_of(iterator).ended == "stopped"
    assert_reads_on(broker)


def test_a_follow_can_be_stopped_without_a_broker(broker: Broker) -> None:
    iterator = Iterator(
        broker.topic(1, ["a"]), app=app_of(broker.straight, stall_timeout=0.5), follow=True, yield_none=True
    )
    with bounded():
        for message in iterator:
            if message is not None:
                broker.server.pause()
            else:
                iterator.stop()
    assert report_of(iterator).ended == "stopped"
    assert_reads_on(broker)
