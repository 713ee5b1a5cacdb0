"""`stop_partition` drops what was fetched of that partition already, and nothing of any other."""

from __future__ import annotations

import collections

import pytest
from confluent_kafka import Producer

from framework import App
from framework_iterator import Ended, Iterator, NotIteratingError, Report
from tests import support
from tests.scenarios.reading import report_of
from tests.scenarios.ways import Read


def ended(report: Report) -> dict[int, Ended | None]:
    return {each.partition: each.ended for each in report.partitions}


def test_thousands_that_were_fetched_are_dropped_and_the_other_partitions_are_complete(
    app: App, topic: support.TopicFactory, read: Read
) -> None:
    name = topic(3, {number: ["x"] * 5000 for number in range(3)})
    iterator = Iterator(name)
    offsets: dict[int, list[int]] = collections.defaultdict(list)
    for message in read(iterator):
        offsets[message.partition].append(message.offset)
        if message.partition == 1 and message.offset == 41:
            iterator.stop_partition(name, 1)
    assert offsets == {0: list(range(5000)), 1: list(range(42)), 2: list(range(5000))}
    report = report_of(iterator)
    assert [(each.messages, each.position) for each in report.partitions] == [
        (5000, 5000),
        (42, 42),
        (5000, 5000),
    ]
    assert ended(report) == {0: "end", 1: "stopped", 2: "end"}
    assert (report.ended, report.messages) == ("end", 10_042)


def test_a_partition_is_stopped_from_the_body_of_another_one(app: App, topic: support.TopicFactory) -> None:
    name = topic(2, {0: ["x"] * 5000, 1: ["y"] * 5000})
    iterator = Iterator(name)
    run = iter(iterator)
    first = next(run)
    other = 1 - first.partition
    iterator.stop_partition(name, other)
    assert [(each.partition, each.offset) for each in run] == [
        (first.partition, offset) for offset in range(1, 5000)
    ]
    report = report_of(iterator)[name, other]
    assert (report.messages, report.position, report.ended) == (0, 0, "stopped")


def test_the_current_partition_is_that_of_the_message_in_the_body(
    app: App, topic: support.TopicFactory, read: Read
) -> None:
    name = topic(4, {number: ["x"] * 2000 for number in range(4)})
    iterator = Iterator(name)
    offsets: dict[int, list[int]] = collections.defaultdict(list)
    for message in read(iterator):
        offsets[message.partition].append(message.offset)
        if message.offset == 10 * message.partition:
            iterator.stop_current_partition()
    assert offsets == {number: list(range(10 * number + 1)) for number in range(4)}
    report = report_of(iterator)
    assert set(ended(report).values()) == {"stopped"}
    assert (report.ended, report.messages) == ("stopped", 64)


def test_when_all_are_stopped_the_run_is_over_at_once_also_when_following(
    app: App, topic: support.TopicFactory, read: Read
) -> None:
    name = topic(2, {0: ["x"] * 1000, 1: ["y"] * 1000})
    iterator = Iterator(name, follow=True)
    for _ in read(iterator):
        iterator.stop_partition(name, 0)
        iterator.stop_partition(name, 1)
    assert (report_of(iterator).ended, report_of(iterator).messages) == ("stopped", 1)


def test_one_that_ended_and_one_that_was_stopped_make_an_end(app: App, topic: support.TopicFactory) -> None:
    name = topic(3, {0: ["a"], 1: ["b", "c"]})
    iterator = Iterator(name)
    for message in iterator:
        if message.partition == 1:
            iterator.stop_current_partition()
    assert ended(report_of(iterator)) == {0: "end", 1: "stopped", 2: "end"}
    assert (report_of(iterator).ended, report_of(iterator).messages) == ("end", 2)


def test_where_nothing_else_was_to_be_read_the_run_was_stopped(app: App, topic: support.TopicFactory) -> None:
    iterator = Iterator(topic(2, {1: ["b", "c"]}))
    for _ in iterator:
        iterator.stop_current_partition()
    assert ended(report_of(iterator)) == {0: "end", 1: "stopped"}
    assert (report_of(iterator).ended, report_of(iterator).messages) == ("stopped", 1)


def test_after_its_last_message_a_partition_has_ended_already(app: App, topic: support.TopicFactory) -> None:
    iterator = Iterator(topic(1, ["a", "b"]))
    for message in iterator:
        if message.offset == 1:
            iterator.stop_current_partition()
    assert ended(report_of(iterator)) == {0: "end"}
    assert report_of(iterator).ended == "end"


def test_stopping_twice_or_after_the_end_is_no_error(app: App, topic: support.TopicFactory) -> None:
    name = topic(3, {0: ["a"] * 1000, 1: ["b"]})
    iterator = Iterator(name)
    for message in iterator:
        if message.partition == 0:
            iterator.stop_partition(name, 0)
            iterator.stop_partition(name, 0)
            iterator.stop_current_partition()
            iterator.stop_partition(name, 2)
    assert ended(report_of(iterator)) == {0: "stopped", 1: "end", 2: "end"}


def test_a_partition_that_isnt_read_is_an_error_and_the_run_goes_on(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(2, {0: ["a"], 1: ["b"]})
    iterator = Iterator({name: [0]})
    sentences = []
    for _ in iterator:
        for wanted in [(name, 1), (name, 7), (name, -1), ("other", 0)]:
            with pytest.raises(NotIteratingError) as caught:
                iterator.stop_partition(*wanted)
            sentences.append(str(caught.value))
    assert sentences == [
        f"{name}-1 isn't read by this run.",
        f"{name}-7 isn't read by this run.",
        f"{name}--1 isn't read by this run.",
        "other-0 isn't read by this run.",
    ]
    assert (report_of(iterator).ended, report_of(iterator).messages) == ("end", 1)


def test_before_any_message_there_is_no_current_partition(
    app: App, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1)
    iterator = Iterator(name, follow=True, yield_none=True, max_wait=0.05)
    run = iter(iterator)
    message: object = next(run)
    assert message is None
    with pytest.raises(NotIteratingError) as caught:
        iterator.stop_current_partition()
    assert str(caught.value) == "There is no current message, and so no current partition."
    support.produce(producer, name, ["a"])
    while not report_of(iterator).messages:
        message = next(run)
    assert str(message) == f"{name}-0@0"
    iterator.stop_current_partition()
    assert list(run) == []


def test_when_idle_the_current_partition_is_that_of_the_last_message(
    app: App, topic: support.TopicFactory, read: Read
) -> None:
    name = topic(2, {1: ["a"]})
    iterator = Iterator(name, follow=True, yield_none=True, max_wait=0.05)
    idle = 0
    for message in read(iterator):
        if message is None and report_of(iterator).messages:
            iterator.stop_current_partition()
            idle += 1
            if idle == 2:
                iterator.stop_partition(name, 0)
    assert ended(report_of(iterator)) == {0: "stopped", 1: "stopped"}


def test_outside_a_run_both_are_errors(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["a"])
    iterator = Iterator(name)
    list(iterator)
    sentence = f"^<Iterator {name}> has no live run: call this from within the loop.$"
    with pytest.raises(NotIteratingError, match=sentence):
        iterator.stop_partition(name, 0)
    with pytest.raises(NotIteratingError, match=sentence):
        iterator.stop_current_partition()


def test_the_topic_may_be_a_declared_one(app: App, topic: support.TopicFactory) -> None:
    declared = app.topic(topic(2, {0: ["a"] * 100, 1: ["b"]}), payload=str)
    iterator = Iterator(declared)
    for message in iterator:
        if message.partition == 0:
            iterator.stop_partition(declared, 0)
    assert ended(report_of(iterator)) == {0: "stopped", 1: "end"}
    assert report_of(iterator).messages == 2


def test_equal_partition_numbers_of_two_topics_are_two_partitions(
    app: App, topic: support.TopicFactory
) -> None:
    left, right = (topic(2, {0: ["x"] * 3000, 1: ["y"] * 3000}) for _ in range(2))
    iterator = Iterator([left, right])
    counts: collections.Counter[tuple[str, int]] = collections.Counter()
    for message in iterator:
        counts[message.topic, message.partition] += 1
        if (message.topic, message.partition) == (right, 1):
            iterator.stop_partition(right, 1)
    assert counts == {(left, 0): 3000, (left, 1): 3000, (right, 0): 3000, (right, 1): 1}
    assert report_of(iterator)[right, 1].ended == "stopped"
    assert report_of(iterator)[left, 1].ended == "end"


def test_following_goes_on_with_the_partitions_that_are_left(
    app: App, topic: support.TopicFactory, producer: Producer, read: Read
) -> None:
    name = topic(2, {0: ["a"] * 1000, 1: ["b"]})
    iterator = Iterator(name, follow=True)
    seen: dict[int, list[str]] = collections.defaultdict(list)
    for message in read(iterator):
        seen[message.partition].append(message.payload)
        if message.partition == 0:
            iterator.stop_current_partition()
        if len(seen) == 2 and len(seen[1]) == 1:
            support.fill(producer, name, {0: ["dropped"], 1: ["c"]})
        if message.payload == "c":
            iterator.stop()
    assert seen == {0: ["a"], 1: ["b", "c"]}
    assert ended(report_of(iterator)) == {0: "stopped", 1: "stopped"}
