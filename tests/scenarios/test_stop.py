"""`stop()` ends the run after the current message, from wherever it is called; an idle run ends as well."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import os
import signal
import threading
import time
from typing import Any

import pytest
from confluent_kafka import Producer

from framework import App, BrokerUnavailableError, Message
from framework_iterator import Ended, Iterator, NotIteratingError
from framework_iterator.planning.queries import Queries
from tests import support
from tests.scenarios.reading import report_of, shown
from tests.scenarios.waiting import Fetches, beside
from tests.scenarios.ways import Read


@contextlib.contextmanager
def on_signal(call: cabc.Callable[[], None]) -> cabc.Iterator[None]:
    """Call this when SIGUSR1 comes; its own alarm is pytest-timeout's."""
    before = signal.signal(signal.SIGUSR1, lambda *_: call())
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, before)


def outcome(iterator: Iterator[Any, Any]) -> tuple[Ended | None, int, int]:
    """Why it ended, how many messages it gave, and the position of its only partition."""
    report = report_of(iterator)
    [partition] = report.partitions
    assert partition.messages == report.messages
    return report.ended, report.messages, partition.position


def test_in_the_loop_it_ends_the_run_after_the_current_message(
    app: App, topic: support.TopicFactory, read: Read
) -> None:
    iterator = Iterator(topic(1, ["x"] * 3000))
    offsets = []
    for message in read(iterator):
        offsets.append(message.offset)
        if message.offset == 1234:
            iterator.stop()
            iterator.stop()
    assert offsets == list(range(1235))
    assert outcome(iterator) == ("stopped", 1235, 1235)
    assert report_of(iterator).partitions[0].ended == "stopped"


def test_after_the_last_message_the_partition_has_ended_and_the_run_was_stopped(
    app: App, topic: support.TopicFactory, read: Read
) -> None:
    iterator = Iterator(topic(1, ["a", "b"]))
    for message in read(iterator):
        if message.offset == 1:
            iterator.stop()
    assert outcome(iterator) == ("stopped", 2, 2)
    assert report_of(iterator).partitions[0].ended == "end"


def test_at_the_limits_last_message_it_was_stopped_before_it_reached_the_limit(
    app: App, topic: support.TopicFactory, read: Read
) -> None:
    iterator = Iterator(topic(1, ["a", "b", "c"]), limit=2)
    for message in read(iterator):
        if message.offset == 1:
            iterator.stop()
    assert outcome(iterator) == ("stopped", 2, 2)


def test_between_two_messages_that_are_asked_for_by_hand(
    app: App, topic: support.TopicFactory, read: Read
) -> None:
    iterator = Iterator(topic(1, ["a", "b", "c"]))
    run = iter(read(iterator))
    assert next(run).payload == "a"
    iterator.stop()
    assert list(run) == []
    assert outcome(iterator) == ("stopped", 1, 1)


def test_from_another_thread_while_the_body_works_no_further_message_comes(
    app: App, topic: support.TopicFactory, read: Read
) -> None:
    iterator = Iterator(topic(1, ["x"] * 3000))
    reached, stopped = threading.Event(), threading.Event()
    offsets = []

    def stop() -> None:
        assert reached.wait(support.LIMIT)
        iterator.stop()
        stopped.set()

    with beside(stop):
        for message in read(iterator):
            offsets.append(message.offset)
            if message.offset == 700:
                reached.set()
                assert stopped.wait(support.LIMIT)
    assert offsets == list(range(701))
    assert outcome(iterator) == ("stopped", 701, 701)


def test_from_another_thread_at_any_moment_of_a_follow_that_never_rests(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    iterator = Iterator(topic(1, ["x"]), follow=True)
    writer = support.make_producer(kafka)
    [name] = iterator.plan()
    reached, over = threading.Event(), threading.Event()

    def write() -> None:
        while not over.is_set():
            support.produce(writer, name.topic, ["y"] * 50)

    def stop() -> None:
        assert reached.wait(support.LIMIT)
        iterator.stop()

    offsets = []
    with beside(write), beside(stop):
        for message in iterator:
            offsets.append(message.offset)
            if len(offsets) == 300:
                reached.set()
        over.set()
    assert len(offsets) >= 300
    assert offsets == list(range(len(offsets)))
    assert outcome(iterator) == ("stopped", len(offsets), len(offsets))


def test_from_another_thread_an_idle_follow_ends(
    app: App, topic: support.TopicFactory, monkeypatch: pytest.MonkeyPatch, read: Read
) -> None:
    iterator = Iterator(topic(1, ["a", "b"]), follow=True)
    fetches = Fetches(monkeypatch)

    def stop() -> None:
        fetches.until_idle(messages=2)
        iterator.stop()

    with beside(stop):
        assert shown(read(iterator)) == "a@0 b@1"
    assert outcome(iterator) == ("stopped", 2, 2)


def test_in_the_body_of_an_idle_loop(app: App, topic: support.TopicFactory, read: Read) -> None:
    iterator = Iterator(topic(1, ["a"]), follow=True, yield_none=True, max_wait=0.05)
    seen: list[Message[Any] | None] = []
    for message in read(iterator):
        seen.append(message)
        if message is None and report_of(iterator).messages:
            iterator.stop()
    assert shown(each for each in seen if each is not None) == "a@0"
    assert seen[-1] is None
    assert outcome(iterator) == ("stopped", 1, 1)


def test_from_a_signal_handler_in_the_body(app: App, topic: support.TopicFactory) -> None:
    iterator = Iterator(topic(1, ["x"] * 3000))
    offsets = []
    with on_signal(iterator.stop):
        for message in iterator:
            offsets.append(message.offset)
            if message.offset == 999:
                signal.raise_signal(signal.SIGUSR1)
    assert offsets == list(range(1000))
    assert outcome(iterator) == ("stopped", 1000, 1000)


def kick_once_idle(monkeypatch: pytest.MonkeyPatch) -> cabc.Callable[[], None]:
    """Return what sends SIGUSR1 once a run waits for messages after its first one."""
    fetches = Fetches(monkeypatch)

    def kick() -> None:
        fetches.until_idle(messages=1)
        os.kill(os.getpid(), signal.SIGUSR1)

    return kick


def test_from_a_signal_handler_while_an_idle_follow_waits(
    app: App, topic: support.TopicFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    iterator = Iterator(topic(1, ["a"]), follow=True)
    with on_signal(iterator.stop), beside(kick_once_idle(monkeypatch)):
        assert shown(iterator) == "a@0"
    assert outcome(iterator) == ("stopped", 1, 1)


class TimeLimitError(Exception):
    """What a signal handler raises, as Celery's for the soft time limit of a task does."""


def test_what_a_signal_handler_raises_leaves_an_idle_follow_as_its_body_would(
    app: App, topic: support.TopicFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    iterator = Iterator(topic(1, ["a"]), follow=True)

    def end() -> None:
        raise TimeLimitError

    with on_signal(end), beside(kick_once_idle(monkeypatch)), pytest.raises(TimeLimitError):
        for _ in iterator:
            pass
    assert outcome(iterator) == ("closed", 1, 1)
    assert report_of(iterator).error is None


def test_while_the_run_still_looks_up_where_to_begin(
    app: App, topic: support.TopicFactory, monkeypatch: pytest.MonkeyPatch, read: Read
) -> None:
    iterator = Iterator(topic(1, ["a", "b"]))
    partitions = Queries.partitions

    def stop_first(source: Queries, topics: cabc.Sequence[str]) -> dict[str, list[int]]:
        iterator.stop()
        return partitions(source, topics)

    monkeypatch.setattr(Queries, "partitions", stop_first)
    assert list(read(iterator)) == []
    assert outcome(iterator) == ("stopped", 0, 0)
    monkeypatch.undo()
    assert shown(read(iterator)) == "a@0 b@1"


def test_a_look_up_that_failed_leaves_nothing_to_be_stopped(app: App) -> None:
    nobody = App(kafka={"bootstrap.servers": "127.0.0.1:1"}, broker_timeout=0.3)
    iterator = Iterator("flights", app=nobody)
    with pytest.raises(BrokerUnavailableError):
        list(iterator)
    with pytest.raises(NotIteratingError):
        iterator.stop()


def test_outside_a_run_it_is_an_error(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["a", "b"])
    iterator = Iterator(name)
    sentence = f"<Iterator {name}> has no live run: call this from within the loop."

    def is_refused() -> bool:
        with pytest.raises(NotIteratingError) as caught:
            iterator.stop()
        return str(caught.value) == sentence

    assert is_refused()
    run = iter(iterator)
    assert is_refused()  # it begins with its first message
    assert shown(run) == "a@0 b@1"
    assert is_refused()
    for _ in iterator:
        break
    assert is_refused()
    iterator.first()
    assert is_refused()


def test_a_stopped_iterator_can_run_again(app: App, topic: support.TopicFactory, producer: Producer) -> None:
    name = topic(1, ["a", "b"])
    iterator = Iterator(name)
    for _ in iterator:
        iterator.stop()
    assert outcome(iterator) == ("stopped", 1, 1)
    support.produce(producer, name, ["c"])
    assert shown(iterator) == "a@0 b@1 c@2"
    assert outcome(iterator) == ("end", 3, 3)


def test_an_idle_run_ends_with_its_max_wait_and_not_with_the_brokers(
    app: App, topic: support.TopicFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So long the broker keeps a fetch open that finds nothing: far longer than any machine needs to stop.
    slow = {"fetch.wait.max.ms": 55_000}
    iterator = Iterator({topic(1, ["a"]): "latest"}, follow=True, max_wait=0.2, settings=slow)
    fetches = Fetches(monkeypatch)
    stopped: list[float] = []

    def stop() -> None:
        fetches.until_idle()
        stopped.append(time.monotonic())
        iterator.stop()

    with beside(stop):
        assert list(iterator) == []
    assert time.monotonic() - stopped[0] < 30
