from __future__ import annotations

import collections.abc as cabc
import signal

import pytest
from confluent_kafka import Producer

from example_app.models import Flight
from example_app.scripts import tail
from framework import App, Topic
from framework_iterator import Ended, Iterator
from tests import support
from tests.example.conftest import Process, Programs, flight
from tests.support import TopicFactory

MODULE = "example_app.scripts.tail"


@pytest.fixture
def flights(topic: TopicFactory) -> str:
    return topic(1, [flight("UA1", 5), flight("UA2", -3)])


@pytest.fixture
def tailing(flights: str, programs: Programs) -> cabc.Iterator[Process]:
    """The program, which has shown its first line."""
    with programs.start(flights, MODULE) as process:
        assert line_of(process) == f"{flights}-0@1 2013-12-31 17:00 UA2 EWR-LAX -3 min"
        yield process
        process.kill()  # does nothing to one that has ended


def line_of(process: Process) -> str:
    if process.stdout is None:
        raise ValueError("started without a pipe")
    return process.stdout.readline().rstrip("\n")


def test_new_flights_are_shown(flights: str, tailing: Process, producer: Producer) -> None:
    support.produce(producer, flights, [flight("B67", 42)])
    assert line_of(tailing) == f"{flights}-0@2 2013-12-31 17:00 B67 EWR-LAX +42 min"
    support.produce(producer, flights, [flight("AA9", None)])
    assert line_of(tailing) == f"{flights}-0@3 2013-12-31 17:00 AA9 EWR-LAX cancelled"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_it_without_noise(tailing: Process, number: signal.Signals, code: int) -> None:
    tailing.send_signal(number)
    assert tailing.communicate(timeout=20) == ("", "")
    assert tailing.returncode == code


def test_a_reader_who_has_seen_enough_ends_it_without_noise(
    flights: str, tailing: Process, producer: Producer
) -> None:
    assert tailing.stdout is not None
    assert tailing.stderr is not None
    tailing.stdout.close()
    support.produce(producer, flights, [flight("B67", 42)])
    assert tailing.stderr.read() == ""
    assert tailing.wait(20) == 0


def test_it_leaves_when_nothing_came_for_so_long(flights: str, programs: Programs) -> None:
    shown = f"{flights}-0@1 2013-12-31 17:00 UA2 EWR-LAX -3 min\n"
    assert programs.run(flights, MODULE, "--idle", "2") == (0, shown, "")


def test_it_leaves_an_empty_topic_as_well(app: App, topic: TopicFactory) -> None:
    flights = Topic(topic(2), payload=Flight)
    iterator = Iterator({flights: "latest"}, app=app, follow=True, yield_none=True, max_wait=0.05)
    tail.tail(iterator, idle=0.1)
    assert iterator.report is not None
    assert iterator.report.ended is Ended.CLOSED


def test_what_is_no_flight_is_shown_as_such(
    app: App, topic: TopicFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    flights = Topic(topic(1, ["a bird", None, flight("UA1", 0)]), payload=Flight)
    tail.tail(Iterator(flights, app=app, yield_none=True))
    bird, tombstone, last = capsys.readouterr().out.splitlines()
    assert bird.startswith(f"{flights.name}-0@0 no flight: Can't read the payload of ")
    assert tombstone == f"{flights.name}-0@1 no flight: a tombstone"
    assert last == f"{flights.name}-0@2 2013-12-31 17:00 UA1 EWR-LAX +0 min"


def test_sigterm_before_a_run_ends_it_at_once(app: App) -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        tail.stop_on_sigterm(Iterator(Topic("flights", payload=Flight), app=app, yield_none=True))
        with pytest.raises(SystemExit) as end:
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert end.value.code == 0
