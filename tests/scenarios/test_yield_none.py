"""`yield_none=True` gives None whenever `max_wait` passes without a message: an idle loop can leave."""

from __future__ import annotations

import functools
import time
from typing import Any

from confluent_kafka import Producer

from framework import App, Message
from framework_iterator import Iterator
from tests import support
from tests.scenarios.reading import report_of, shown
from tests.scenarios.ways import Read


def is_past(moment: float) -> bool:
    return time.monotonic() > moment


def test_an_idle_loop_is_told_again_and_again_and_leaves(
    app: App, topic: support.TopicFactory, read: Read
) -> None:
    iterator = Iterator(topic(1, ["a", "b"]), follow=True, yield_none=True, max_wait=0.05)
    messages, idle = [], 0
    for message in read(iterator):
        if message is not None:
            messages.append(message)
        elif messages:
            idle += 1
            if idle == 3:
                break
    assert shown(messages) == "a@0 b@1"
    assert (report_of(iterator).ended, report_of(iterator).messages) == ("closed", 2)


def test_without_it_no_none_comes(app: App, topic: support.TopicFactory, producer: Producer) -> None:
    name = topic(1, ["a"])
    messages = []
    for message in Iterator(name, follow=True, max_wait=0.05, limit=2):
        messages.append(message)
        support.produce(producer, name, ["b"])
    assert shown(messages) == "a@0 b@1"


def test_none_counts_neither_for_the_limit_nor_in_the_report(
    app: App, topic: support.TopicFactory, producer: Producer, read: Read
) -> None:
    name = topic(1)
    iterator = Iterator(name, follow=True, yield_none=True, max_wait=0.05, limit=2)
    seen: list[Message[Any] | None] = []
    for message in read(iterator):
        seen.append(message)
        if len(seen) == 4:
            assert seen == [None] * 4
            assert (report_of(iterator).messages, report_of(iterator).partitions[0].position) == (0, 0)
            support.produce(producer, name, ["a", "b", "c"])
    assert shown(message for message in seen if message is not None) == "a@0 b@1"
    report = report_of(iterator)
    assert (report.ended, report.messages, report.partitions[0].position) == ("limit", 2, 2)


def test_it_comes_no_sooner_than_max_wait(app: App, topic: support.TopicFactory) -> None:
    run = iter(Iterator(topic(1), follow=True, yield_none=True, max_wait=0.3))
    assert next(run) is None
    for _ in range(2):
        began = time.monotonic()
        assert next(run) is None
        # Less than a thousandth is what clocks and timers may differ by.
        assert time.monotonic() - began >= 0.29


def test_the_time_in_the_body_is_no_silence(app: App, topic: support.TopicFactory, read: Read) -> None:
    iterator = Iterator(topic(1, ["x"] * 2000), yield_none=True, max_wait=0.2)
    seen: list[Message[Any] | None] = []
    for message in read(iterator):
        seen.append(message)
        if len(seen) % 500 == 1:
            enough = time.monotonic() + 0.25
            support.wait_until(functools.partial(is_past, enough), "more than max_wait")
    # Connecting may take a while; then everything is there.
    while seen[0] is None:
        del seen[0]
    assert [message and message.offset for message in seen] == list(range(2000))


def test_a_run_with_an_end_ends_as_without_it(app: App, topic: support.TopicFactory, read: Read) -> None:
    iterator = Iterator(topic(3, {0: ["a", "b"], 2: ["c"]}), yield_none=True, max_wait=0.01)
    seen: list[Message[Any] | None] = list(read(iterator))
    assert sorted(message.payload for message in seen if message is not None) == ["a", "b", "c"]
    assert report_of(iterator).ended == "end"
    assert list(Iterator(topic(1), yield_none=True)) == []


def test_a_silent_partition_beside_a_busy_one_is_no_silence(
    app: App, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(2, {0: ["x"] * 20})
    seen: list[Message[Any] | None] = []
    for message in Iterator(name, follow=True, yield_none=True, max_wait=5.0, limit=200):
        seen.append(message)
        if len(seen) % 20 == 0:
            support.produce(producer, name, ["x"] * 20)
    assert [message and message.offset for message in seen] == list(range(200))
