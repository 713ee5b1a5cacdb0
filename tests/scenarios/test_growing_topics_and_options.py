"""What a run can do with the partitions that it began with, it can do with those that are added."""

from __future__ import annotations

import collections.abc as cabc
import datetime as dt
import functools
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from framework import App, Message
from framework.types import TopicPartition
from framework_iterator import Iterator, Plan
from framework_iterator.planning import probes
from framework_iterator.reading import discovery
from framework_iterator.reading.source import Source
from tests import support
from tests.scenarios.growing import grow
from tests.scenarios.reading import by_partition, report_of
from tests.support import Record

FAST: dict[str, Any] = {"follow": True, "yield_none": True, "max_wait": 0.05}


@pytest.fixture(autouse=True)
def _look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "DISCOVER_EVERY", 0.2)
    # The last look, at the end of a run, is not tried again.
    monkeypatch.setattr(probes, "IN_MID_RUN", support.LIMIT)


def first(iterator: Iterator[Any, Any], count: int) -> tuple[Any, list[Message[Any]]]:
    """A run that has given its first messages, so many, and then a None, and these messages."""
    run = iter(iterator)
    messages: list[Message[Any]] = []
    # On a busy machine, a None may come before the first message.
    while (message := next(run)) is not None or len(messages) < count:
        if message is not None:
            messages.append(message)
    return run, messages


def test_of_several_topics_one_grows(
    app: App, admin: AdminClient, topic: support.TopicFactory, producer: Producer
) -> None:
    one, two = topic(1, ["a"]), topic(2, {1: ["b"]})
    run, messages = first(iterator := Iterator({one: "latest", two: None}, **FAST), 1)
    grow(admin, one, 3, producer)
    support.fill(producer, one, {2: ["c"]})
    support.fill(producer, two, {0: ["d"]})
    while len(messages) < 3:
        if (message := next(run)) is not None:
            messages.append(message)
    iterator.close()
    assert sorted(message.payload for message in messages) == ["b", "c", "d"]
    assert report_of(iterator).positions == {one: {0: 1, 1: 0, 2: 1}, two: {0: 1, 1: 1}}


def test_partitions_that_are_added_between_plan_and_assignment_are_read(
    app: App,
    admin: AdminClient,
    topic: support.TopicFactory,
    producer: Producer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = topic(1, ["a"])
    assign = Source.assign

    def grow_first(source: Source, positions: cabc.Mapping[TopicPartition, int]) -> None:
        for size in (2, 3):  # twice in one interval
            grow(admin, name, size, producer)
        support.fill(producer, name, {1: ["b"], 2: ["c"]})
        assign(source, positions)

    monkeypatch.setattr(Source, "assign", grow_first)
    messages = list(Iterator(name, follow=True, limit=3))
    assert by_partition(messages) == "0: a@0 | 1: b@0 | 2: c@0"


def test_named_partitions_stay_as_named(
    app: App, admin: AdminClient, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, ["a"])
    plan: Plan = Iterator(name, follow=True).plan()
    counts = [1, 0, 1]
    named = [Iterator(topics, **FAST) for topics in ({name: [0]}, {name: {0: 1}}, plan)]
    runs = [first(iterator, count)[0] for iterator, count in zip(named, counts, strict=True)]
    whole, _ = first(Iterator(name, **FAST), 1)
    grow(admin, name, 2, producer)
    support.fill(producer, name, {0: ["b"], 1: ["c"]})
    while (message := next(whole)) is None or message.partition == 0:
        pass
    for iterator, run in zip(named, runs, strict=True):
        while next(run) is None:
            pass
        assert next(run) is None
        assert list(report_of(iterator).positions[name]) == [0]
        iterator.close()


def test_a_new_partition_is_marked_and_the_next_run_starts_after_it(
    app: App, admin: AdminClient, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, ["a"])
    run, _ = first(iterator := Iterator(name, group_id=f"{name}-group", **FAST), 1)
    grow(admin, name, 2, producer)
    support.fill(producer, name, {1: ["b", "c"]})
    while (message := next(run)) is None:
        pass
    iterator.mark_as_consumed(message, blocking=True)
    iterator.close()
    again = Iterator({name: True}, group_id=f"{name}-group")
    assert by_partition(again) == "0: a@0 | 1: c@1"


def test_a_new_partition_can_be_stopped_and_is_not_found_again(
    app: App, admin: AdminClient, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1)
    run, _ = first(iterator := Iterator(name, **FAST), 0)
    grow(admin, name, 2, producer)
    support.fill(producer, name, {1: ["b", "c"]})
    while next(run) is None:
        pass
    iterator.stop_current_partition()
    grow(admin, name, 3, producer)
    support.fill(producer, name, {1: ["d"], 2: ["e"]})
    messages: list[Message[Any]] = []
    while not messages:
        messages = [message for message in [next(run)] if message is not None]
    iterator.close()
    assert by_partition(messages) == "2: e@0"
    assert [(each.messages, each.ended) for each in report_of(iterator)] == [
        (0, "closed"), (1, "stopped"), (1, "closed")
    ]  # fmt: skip


def test_a_run_whose_last_partition_is_stopped_just_before_ends(
    app: App, admin: AdminClient, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, ["a"])
    for _ in (iterator := Iterator(name, follow=True)):
        grow(admin, name, 2, producer)
        iterator.stop_partition(name, 0)
    assert [each.ended for each in report_of(iterator)] == ["stopped"]


def test_batches_a_limit_and_unreadable_messages(
    app: App, admin: AdminClient, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, ["1"])
    numbers = app.topic(name, payload=int)
    iterator = Iterator(numbers, follow=True, limit=4, errors="skip", max_wait=0.05)
    given: list[list[int]] = []
    for batch in iterator.batches(10):
        given.append(list(batch.payloads))
        if len(given) == 1:
            grow(admin, name, 2, producer)
            support.fill(producer, name, {1: ["2", "no number", "3", "4", "5"]})
    assert [number for numbers in given for number in numbers] == [1, 2, 3, 4]
    report = report_of(iterator)
    assert (report[name, 1].messages, report[name, 1].unreadable, report[name, 1].ended) == (3, 1, "limit")


def test_aborted_messages_of_a_new_partition_are_not_given(
    app: App, kafka: str, admin: AdminClient, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1)
    run, _ = first(iterator := Iterator(name, **FAST), 0)
    grow(admin, name, 2, producer)
    for payload, commit in (("a", False), ("b", True)):
        with support.transaction(kafka, commit=commit) as writer:
            writer.list_topics(name, timeout=support.LIMIT)
            support.produce(writer, name, [payload], 1)
    while (message := next(run)) is None:
        pass
    iterator.close()
    assert (message.payload, message.offset) == ("b", 2)
    assert report_of(iterator)[name, 1].gaps == 2


def test_an_offset_ends_new_partitions_as_it_ends_the_others(
    app: App, admin: AdminClient, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, ["a"])
    messages = []
    for message in (iterator := Iterator(name, follow=True, until=2)):
        messages.append(message)
        if len(messages) == 1:
            # All at once, and so before the next look: the last one, at the end of the run, finds it.
            grow(admin, name, 2, producer)
            support.fill(producer, name, {0: ["b", "c"], 1: ["d", "e", "f"]})
    assert by_partition(messages) == "0: a@0 b@1 | 1: d@0 e@1"
    assert [(each.stop, each.ended) for each in report_of(iterator)] == [(2, "end"), (2, "end")]


def test_a_moment_ends_new_partitions_as_it_ends_the_others(
    app: App, admin: AdminClient, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, ["a"])
    moment = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(hours=1)
    late = functools.partial(Record, timestamp=moment)
    messages = []
    for message in (iterator := Iterator(name, follow=True, until=moment)):
        messages.append(message)
        if len(messages) == 1:
            grow(admin, name, 3, producer)
            support.fill(producer, name, {0: ["b", late("c")], 1: ["d", late("e"), "f"], 2: [late("g")]})
    assert by_partition(messages) == "0: a@0 b@1 | 1: d@0"
    assert [(each.stop, each.ended) for each in report_of(iterator)] == [(2, "end"), (1, "end"), (0, "end")]


def test_an_end_for_each_partition_leaves_new_ones_out(
    app: App, admin: AdminClient, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1, ["a"])
    messages = []
    for message in (iterator := Iterator(name, follow=True, until={name: {0: 2}})):
        messages.append(message)
        if len(messages) == 1:
            grow(admin, name, 2, producer)
            support.fill(producer, name, {1: ["b"], 0: ["c"]})
    assert by_partition(messages) == "0: a@0 c@1"
    assert report_of(iterator).ended == "end"
