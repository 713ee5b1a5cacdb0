"""Following begins as any run does, and goes on with what is new: for ever, or to an end that lies ahead."""

from __future__ import annotations

import collections.abc as cabc
import datetime as dt
import threading
import time
from typing import Any

import pytest
from confluent_kafka import Producer

from framework import App, Message, timestamps
from framework.types import TopicPartition
from framework_iterator import Iterator
from framework_iterator.planning.queries import Queries
from tests import support
from tests.faults.brokers import Broker, app_of
from tests.scenarios.reading import by_partition, report_of, shown
from tests.scenarios.waiting import Fetches, beside
from tests.scenarios.ways import Read
from tests.support import Record

MINUTE = dt.timedelta(minutes=1)
# A look-up in mid-run waits behind the fetch that the broker holds back, by default for half a second.
BRISK = {"fetch.wait.max.ms": 20}


def now() -> dt.datetime:
    """In the milliseconds that Kafka has."""
    return dt.datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000, dt.UTC)


class WallClock:
    """The time for runs, which stands still but for the test: so no moment passes before a run has begun."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = now()
        monkeypatch.setattr(timestamps, "now", lambda: timestamps.to_milliseconds(self.now))


def test_it_begins_where_a_run_begins_and_goes_on_with_what_is_new(
    app: App, topic: support.TopicFactory, producer: Producer, read: Read
) -> None:
    name = topic(2, {0: ["a", "b", "c"], 1: ["d"]})
    messages = []
    for message in read(iterator := Iterator({name: {0: -2, 1: "latest"}}, follow=True)):
        messages.append(message)
        if len(messages) == 2:
            support.fill(producer, name, {0: ["e"], 1: ["f"]})
        if len(messages) == 4:
            break
    assert by_partition(messages) == "0: b@1 c@2 e@3 | 1: f@1"
    report = report_of(iterator)
    assert [(each.start, each.stop, each.position, each.ended) for each in report.partitions] == [
        (1, None, 4, "closed"),
        (1, None, 2, "closed"),
    ]
    assert report.ended == "closed"


def test_what_is_new_wakes_an_idle_follow(
    app: App, topic: support.TopicFactory, producer: Producer, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = topic(3)
    fetches = Fetches(monkeypatch)
    messages: list[Message[Any]] = []

    def write() -> None:
        for turn, number in enumerate((2, 0, 1), start=1):
            fetches.until_idle()
            support.produce(producer, name, ["a", "b"], number)
            support.wait_until(lambda turn=turn: len(messages) == 2 * turn, "what was written")  # type: ignore[misc]

    with beside(write):
        for message in Iterator(name, follow=True, limit=6):
            messages.append(message)
    assert [(each.partition, each.offset) for each in messages] == [
        (number, offset) for number in (2, 0, 1) for offset in (0, 1)
    ]


@pytest.mark.parametrize("value", [False, "false"])
def test_librdkafkas_own_setting_means_the_same(
    app: App, topic: support.TopicFactory, producer: Producer, value: object
) -> None:
    name = topic(1, ["a"])
    messages = []
    for message in Iterator(name, settings={"enable.partition.eof": value}, limit=2):
        messages.append(message)
        support.produce(producer, name, ["b"])
    assert shown(messages) == "a@0 b@1"


def test_a_limit_ends_it(app: App, topic: support.TopicFactory, producer: Producer, read: Read) -> None:
    name = topic(1, ["a", "b"])
    iterator = Iterator(name, follow=True, limit=3)
    messages = []
    for message in read(iterator):
        messages.append(message)
        if message.payload == "b":
            support.produce(producer, name, ["c", "d"])
    assert shown(messages) == "a@0 b@1 c@2"
    assert (report_of(iterator).ended, report_of(iterator).partitions[0].ended) == ("limit", "limit")


def test_an_offset_that_lies_ahead_ends_it(
    app: App, topic: support.TopicFactory, producer: Producer, read: Read
) -> None:
    name = topic(1, ["a", "b"])
    iterator = Iterator(name, follow=True, until=4)
    messages = []
    for message in read(iterator):
        messages.append(message)
        if message.payload == "b":
            support.produce(producer, name, ["c", "d", "e", "f"])
    assert shown(messages) == "a@0 b@1 c@2 d@3"
    [partition] = report_of(iterator).partitions
    assert (partition.stop, partition.position, partition.ended) == (4, 4, "end")
    assert report_of(iterator).ended == "end"


def test_an_end_in_front_of_what_is_there_ends_it_there(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["a", "b", "c"])
    assert shown(Iterator(name, follow=True, until=2)) == "a@0 b@1"
    assert shown(Iterator(name, follow=True, until=-1)) == "a@0 b@1"
    assert shown(Iterator(name, follow=True, until="latest")) == "a@0 b@1 c@2"
    assert shown(Iterator(name, follow=True, until="earliest")) == ""
    assert shown(Iterator({name: 2}, follow=True, until=1)) == ""


def test_each_partition_has_its_own_end(app: App, topic: support.TopicFactory, producer: Producer) -> None:
    name = topic(3, {0: ["a"], 1: ["b"], 2: ["c", "d"]})
    iterator = Iterator(name, follow=True, until={name: {0: 2, 1: now() + 10 * MINUTE, 2: 1}})
    messages = []
    for message in iterator:
        messages.append(message)
        if len(messages) == 3:
            late = Record("late", timestamp=now() + 20 * MINUTE)
            support.fill(producer, name, {0: ["e", "f"], 1: ["g", late, "h"], 2: ["i"]})
    assert by_partition(messages) == "0: a@0 e@1 | 1: b@0 g@1 | 2: c@0"
    assert [each.stop for each in report_of(iterator).partitions] == [2, 2, 1]
    assert report_of(iterator).ended == "end"


def test_the_first_message_at_or_after_a_moment_ahead_ends_it_and_none_behind_comes(
    app: App, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, ["a"])
    moment = now() + 10 * MINUTE
    iterator = Iterator(name, follow=True, until=moment)
    messages = []
    for message in iterator:
        messages.append(message)
        if message.payload == "a":
            before = Record("b", timestamp=moment - MINUTE)
            support.produce(producer, name, [before, Record("late", timestamp=moment), "early again"])
    assert shown(messages) == "a@0 b@1"
    [partition] = report_of(iterator).partitions
    assert (partition.stop, partition.position, partition.ended) == (2, 2, "end")


def test_a_moment_ahead_that_a_message_has_passed_already_ends_it_there(
    app: App, topic: support.TopicFactory
) -> None:
    moment = now() + 10 * MINUTE
    name = topic(1, ["a", Record("late", timestamp=moment + MINUTE), "b"])
    assert shown(Iterator(name, follow=True, until=moment)) == "a@0"


def test_a_moment_that_the_clock_passes_with_nothing_new_ends_it(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(2, {0: ["a", "b"]})
    iterator = Iterator(name, follow=True, until=now() + dt.timedelta(seconds=0.7))
    assert shown(iterator) == "a@0 b@1"
    assert [(each.stop, each.ended) for each in report_of(iterator).partitions] == [(2, "end"), (0, "end")]


def test_when_the_clock_passes_it_a_backlog_is_still_read_to_its_end(
    app: App, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, ["x"] * 3000)
    moment = now() + dt.timedelta(seconds=0.5)
    offsets = []
    for message in Iterator(name, follow=True, until=moment, settings=BRISK):
        offsets.append(message.offset)
        if message.offset == 10:
            support.wait_until(lambda: now() > moment, "the moment")
    assert offsets == list(range(3000))


def test_what_is_written_in_time_and_comes_late_belongs_to_it(
    app: App, topic: support.TopicFactory, producer: Producer, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = topic(1, ["a"])
    clock = WallClock(monkeypatch)
    moment = clock.now + MINUTE
    messages = []
    for message in Iterator(name, follow=True, until=moment, settings=BRISK):
        messages.append(message)
        if message.payload == "a":
            support.produce(producer, name, [Record("b", timestamp=moment - dt.timedelta(milliseconds=1))])
            clock.now = moment
            support.produce(producer, name, [Record("c", timestamp=moment)])
    assert shown(messages) == "a@0 b@1"


def test_a_moment_in_the_past_with_nothing_after_it_ends_it_at_the_end(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(2, {0: [Record("a", timestamp=now() - 5 * MINUTE)]})
    iterator = Iterator(name, follow=True, until=now() - MINUTE, settings=BRISK)
    assert shown(iterator) == "a@0"
    assert report_of(iterator).ended == "end"
    assert shown(Iterator(name, follow=True, until=MINUTE)) == "a@0"


def test_a_message_written_just_when_the_moment_is_looked_up_does_not_slip_in(
    app: App, topic: support.TopicFactory, producer: Producer, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = topic(1, ["a"])
    looked_up = Queries.offsets_at
    following = False

    def and_then_one_more(
        source: Queries, moments: cabc.Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, int | None]:
        found = looked_up(source, moments)
        if following and moments:
            support.produce(producer, name, ["after the moment"])
        return found

    monkeypatch.setattr(Queries, "offsets_at", and_then_one_more)
    messages = []
    for message in (iterator := Iterator(name, follow=True, until=now() + dt.timedelta(seconds=0.3))):
        following = True
        messages.append(message)
    assert shown(messages) == "a@0"
    assert report_of(iterator).partitions[0].stop == 1


@pytest.mark.parametrize("commit", [True, False], ids=["committed", "aborted"])
def test_markers_as_the_last_thing_hold_up_neither_an_offset_nor_a_moment(
    app: App, kafka: str, topic: support.TopicFactory, commit: bool
) -> None:
    name = topic(1, ["a"])
    with support.transaction(kafka, commit=commit) as writer:
        support.produce(writer, name, ["b"])
    expected = "a@0 b@1" if commit else "a@0"
    assert shown(Iterator(name, follow=True, until=3)) == expected
    assert shown(Iterator(name, follow=True, until=now(), settings=BRISK)) == expected
    assert (
        shown(Iterator(name, follow=True, until=now() + dt.timedelta(seconds=0.4), settings=BRISK))
        == expected
    )


def test_a_marker_that_comes_while_following_reaches_the_offset(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a"])
    messages = []
    for message in (iterator := Iterator(name, follow=True, until=3)):
        messages.append(message)
        if message.payload == "a":
            with support.transaction(kafka, commit=False) as writer:
                support.produce(writer, name, ["never"])
    assert shown(messages) == "a@0"
    assert report_of(iterator).partitions[0].position == 3


def test_an_open_transaction_is_waited_for_and_given_when_it_commits(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a"])
    run = iter(Iterator(name, follow=True, yield_none=True, max_wait=0.05))
    with support.transaction(kafka) as writer:
        support.produce(writer, name, ["b"])
        while (first := next(run)) is None:  # its fetch may take longer than that
            pass
        assert [next(run), next(run), next(run)] == [None] * 3
    while (second := next(run)) is None:
        pass
    assert shown([first, second]) == "a@0 b@1"


def test_a_break_out_of_an_idle_follow_closes_it(app: App, topic: support.TopicFactory) -> None:
    iterator = Iterator(topic(1), follow=True, yield_none=True, max_wait=0.05)
    for message in iterator:
        assert message is None
        break
    assert (report_of(iterator).ended, report_of(iterator).messages) == ("closed", 0)


def test_every_message_of_many_writers_comes_once_and_in_order(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(4)
    begun = threading.Event()

    def write() -> None:
        writer = support.make_producer(kafka)
        assert begun.wait(support.LIMIT)
        for batch in range(20):
            for number in range(4):
                support.produce(writer, name, [str(batch * 25 + index) for index in range(25)], number)

    seen: dict[int, list[str]] = {number: [] for number in range(4)}
    with beside(write):
        for message in Iterator(name, follow=True, yield_none=True, max_wait=0.05, limit=2000):
            begun.set()
            if message is not None:
                assert message.offset == len(seen[message.partition])
                seen[message.partition].append(message.payload)
    assert seen == {number: [str(index) for index in range(500)] for number in range(4)}


def test_a_broker_restart_is_survived(broker: Broker) -> None:
    name = broker.topic(2, {0: ["a"], 1: ["b"]})
    messages = []
    for message in (iterator := Iterator(name, app=app_of(broker.straight), follow=True)):
        messages.append(message)
        if len(messages) == 2:
            broker.server.restart()
            support.fill(broker.producer, name, {0: ["c"], 1: ["d"]})
        if len(messages) == 4:
            iterator.stop()
    assert by_partition(messages) == "0: a@0 c@1 | 1: b@0 d@1"
    assert report_of(iterator).ended == "stopped"


def test_a_moment_that_passes_while_no_broker_is_there_to_be_asked_is_waited_for(
    broker: Broker, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = broker.topic(2, ["a"])
    app = app_of(broker.straight, stall_timeout=0.3)
    clock = WallClock(monkeypatch)

    def is_waited_for() -> bool:
        return any("Retrying." in record.getMessage() for record in caplog.records)

    def come_back() -> None:
        support.wait_until(is_waited_for, "a warning that nobody answers", 2 * support.LIMIT)
        broker.server.start()

    messages = []
    with beside(come_back):
        iterator = Iterator(name, app=app, follow=True, until=clock.now + MINUTE)
        for message in iterator:
            messages.append(message)
            broker.server.kill()
            clock.now += MINUTE
    assert shown(messages) == "a@0"
    assert report_of(iterator).ended == "end"
