"""A run that starts with True goes on exactly behind the last mark: nothing is lost, nothing comes twice."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from framework import App
from framework_iterator import Iterator
from tests import support
from tests.scenarios.growing import grow
from tests.scenarios.reading import by_partition, shown


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.name == "framework_iterator.notes"]


@pytest.mark.parametrize("start", [True, "committed"])
def test_runs_that_each_read_a_little_read_everything_once(
    app: App, topic: support.TopicFactory, start: Any
) -> None:
    payloads = {number: [f"{number}.{offset}" for offset in range(7)] for number in range(3)}
    name = topic(3, payloads)
    runs: list[int] = []
    seen: list[str] = []
    while not runs or runs[-1]:
        iterator: Iterator[str] = Iterator({name: start}, limit=4, group_id=f"{name}-group")
        for message in iterator:
            seen.append(message.payload)
            iterator.mark_as_consumed(message)
        assert iterator.report is not None
        runs.append(iterator.report.messages)
    assert runs == [4, 4, 4, 4, 4, 1, 0]
    assert sorted(seen) == [payload for number in range(3) for payload in payloads[number]]


def test_what_was_read_and_not_marked_comes_again(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["a", "b", "c", "d"])
    iterator: Iterator[Any] = Iterator({name: True}, group_id=f"{name}-group")
    for message in iterator:
        if message.offset <= 1:
            iterator.mark_as_consumed(message)
    assert shown(iterator) == "c@2 d@3"
    assert shown(iterator) == "c@2 d@3"


def test_only_marked_partitions_go_on_the_others_begin_again(app: App, topic: support.TopicFactory) -> None:
    name = topic(2, {0: ["a", "b"], 1: ["c", "d"]})
    iterator: Iterator[Any] = Iterator({name: True}, group_id=f"{name}-group")
    for message in iterator:
        if message.partition == 1:
            iterator.mark_as_consumed(message)
    assert by_partition(iterator) == "0: a@0 b@1"
    plan = iterator.plan()
    assert (plan[name, 0].start, plan[name, 1].start) == (0, 2)


def test_another_start_pays_no_heed_to_marks(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["a", "b", "c"])
    iterator: Iterator[Any] = Iterator(name, group_id=f"{name}-group")
    for message in iterator:
        iterator.mark_as_consumed(message)
    assert shown(iterator) == "a@0 b@1 c@2"
    assert shown(Iterator({name: -1}, group_id=f"{name}-group")) == "c@2"
    assert shown(Iterator({name: True}, group_id=f"{name}-group")) == ""


def test_a_committed_offset_beyond_the_end_is_told(
    app: App, admin: AdminClient, topic: support.TopicFactory, caplog: pytest.LogCaptureFixture
) -> None:
    name = topic(1, ["a", "b", "c"])
    group = f"{name}-group"
    # Kafka itself leaves no such offset behind where a topic is deleted, but tools that copy offsets do.
    copied = ConsumerGroupTopicPartitions(group, [TopicPartition(name, 0, 1000)])
    admin.alter_consumer_group_offsets([copied])[group].result(support.LIMIT)
    assert shown(Iterator({name: True}, group_id=group)) == ""
    assert told(caplog) == [
        (
            f"{name}-0: the committed offset 1000 lies beyond the end (3): was the topic recreated, "
            "or its log truncated? Reading starts at 3."
        )
    ]


def test_messages_that_retention_removed_behind_the_committed_offset_are_told(
    app: App, admin: AdminClient, topic: support.TopicFactory, caplog: pytest.LogCaptureFixture
) -> None:
    name = topic(1, ["a", "b", "c", "d"])
    iterator: Iterator[Any] = Iterator({name: True}, group_id=f"{name}-group")
    for message in iterator:
        iterator.mark_as_consumed(message)
        break
    iterator.close()
    support.delete_records(admin, name, {0: 3})
    assert shown(iterator) == "d@3"
    assert told(caplog) == [
        (
            f"{name}-0: 2 offsets were removed between the committed offset 1 and the first kept offset 3: "
            "they were not read."
        )
    ]


def test_a_new_partition_that_starts_at_the_end_is_told(
    app: App,
    admin: AdminClient,
    producer: Producer,
    topic: support.TopicFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "framework_iterator.notes")
    name = topic(1, ["a"])
    iterator: Iterator[Any] = Iterator({name: 0}, group_id=f"{name}-group")
    for message in iterator:
        iterator.mark_as_consumed(message)
    grow(admin, name, 2, producer)
    support.fill(producer, name, {0: ["b"], 1: ["c"]})
    latest = {"auto.offset.reset": "latest"}
    assert by_partition(Iterator({name: True}, group_id=f"{name}-group", settings=latest)) == "0: b@1"
    assert told(caplog) == [
        f"{name}-1: group '{name}-group' has committed nothing: reading starts at the end."
    ]
    assert by_partition(Iterator({name: True}, group_id=f"{name}-group")) == "0: b@1 | 1: c@0"
