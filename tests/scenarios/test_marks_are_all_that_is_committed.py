"""Only what was marked is committed: nothing is sent without a mark, no other partition gets an offset."""

from __future__ import annotations

import collections
import logging
import re
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from framework import App
from framework_iterator import Iterator
from tests import support
from tests.scenarios.marking import committed
from tests.scenarios.reading import shown

PROTOCOL = {"debug": "protocol"}


def sent(caplog: pytest.LogCaptureFixture) -> dict[str, int]:
    """How often librdkafka says to have sent which request."""
    found = (re.search(r"Sent (\w+)Request", record.getMessage()) for record in caplog.records)
    return collections.Counter(each[1] for each in found if each)


@pytest.mark.parametrize("follow", [False, True])
def test_without_a_mark_nothing_is_sent(
    app: App,
    admin: AdminClient,
    topic: support.TopicFactory,
    caplog: pytest.LogCaptureFixture,
    follow: bool,
) -> None:
    name = topic(2, {0: ["a", "b"], 1: ["c"]})
    group = f"{name}-group"
    with caplog.at_level(logging.DEBUG, "framework.librdkafka"):
        run = Iterator({name: True}, limit=3, follow=follow, group_id=group, settings=PROTOCOL)
        assert sorted(message.payload for message in run) == ["a", "b", "c"]
    requests = sent(caplog)
    assert requests["Fetch"] > 0
    assert requests["OffsetCommit"] == 0
    assert committed(admin, group) == {}
    assert group not in {each.group_id for each in admin.list_consumer_groups().result().valid}


def test_a_single_blocking_mark_is_sent_once(
    app: App, topic: support.TopicFactory, caplog: pytest.LogCaptureFixture
) -> None:
    name = topic(1, ["a", "b", "c"])
    iterator: Iterator[Any] = Iterator(name, group_id=f"{name}-group", settings=PROTOCOL)
    with caplog.at_level(logging.DEBUG, "framework.librdkafka"):
        for message in iterator:
            if message.offset == 1:
                iterator.mark_as_consumed(message, blocking=True)
    assert sent(caplog)["OffsetCommit"] == 1


def test_many_marks_are_sent_in_few_commits(
    app: App, admin: AdminClient, topic: support.TopicFactory, caplog: pytest.LogCaptureFixture
) -> None:
    name = topic(2, {0: ["a"] * 1_000, 1: ["b"] * 1_000})
    iterator: Iterator[Any] = Iterator(name, group_id=f"{name}-group", settings=PROTOCOL)
    with caplog.at_level(logging.DEBUG, "framework.librdkafka"):
        for message in iterator:
            iterator.mark_as_consumed(message)
    assert committed(admin, f"{name}-group") == {(name, 0): 1_000, (name, 1): 1_000}
    # The first mark goes at once and the rest at the end, or each second on a slow machine.
    assert 1 <= sent(caplog)["OffsetCommit"] <= 10


def test_a_partition_that_was_marked_and_then_ended_keeps_its_mark(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    # Partition 1 ends at once and is left, while 0 goes on for several rounds.
    name = topic(2, {0: ["a"] * 3_000, 1: ["b", "c", "d"]})
    group = f"{name}-group"
    iterator: Iterator[Any] = Iterator({name: {0: 0, 1: 0}}, until={name: {1: 2}}, group_id=group)
    for message in iterator:
        if (message.partition, message.offset) == (1, 0):
            iterator.mark_as_consumed(message, blocking=True)
    assert iterator.report is not None
    assert iterator.report.messages == 3_002
    assert committed(admin, group) == {(name, 1): 1}


def test_a_partition_that_was_marked_and_then_stopped_keeps_its_mark(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(2, {0: ["a"] * 2_000, 1: ["b"] * 2_000})
    iterator: Iterator[Any] = Iterator(name, group_id=f"{name}-group")
    for message in iterator:
        if message.offset == 10:
            iterator.mark_as_consumed(message)
            iterator.stop_current_partition()
    assert committed(admin, f"{name}-group") == {(name, 0): 11, (name, 1): 11}


def test_a_message_of_a_partition_that_has_ended_may_still_be_marked(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(2, {0: ["a"] * 2_000, 1: ["b"] * 2_000})
    iterator: Iterator[Any] = Iterator(name, until=1_500, group_id=f"{name}-group")
    firsts = []
    for message in iterator:
        if message.offset == 0:
            firsts.append(message)
        if message.offset == 1_499 and len(firsts) == 2:
            for first in firsts:
                iterator.mark_as_consumed(first)
    assert committed(admin, f"{name}-group") == {(name, 0): 1, (name, 1): 1}


def test_partitions_of_equal_number_in_two_topics_are_kept_apart(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    flights, weather = topic(2, {0: ["a"] * 3, 1: ["b"] * 3}), topic(2, {0: ["c"] * 3, 1: ["d"] * 3})
    group = f"{flights}-group"
    iterator: Iterator[Any] = Iterator([flights, weather], group_id=group)
    marks = {(flights, 0, 2), (weather, 0, 0), (weather, 1, 1)}
    for message in iterator:
        if (message.topic, message.partition, message.offset) in marks:
            iterator.mark_as_consumed(message)
    assert committed(admin, group) == {(flights, 0): 3, (weather, 0): 1, (weather, 1): 2}


def test_two_iterators_with_one_group_leave_each_others_partitions_alone(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(2, {0: ["a", "b"], 1: ["c", "d"]})
    group = f"{name}-group"
    left: Iterator[Any] = Iterator({name: [0]}, group_id=group)
    right: Iterator[Any] = Iterator({name: [1]}, group_id=group)
    for one, other in zip(left, right, strict=True):
        left.mark_as_consumed(one)
        right.mark_as_consumed(other)
    assert committed(admin, group) == {(name, 0): 2, (name, 1): 2}


def test_a_later_run_commits_only_its_own_marks(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    # The first run's mark of partition 0 must not come again with the second's of partition 1.
    name = topic(2, {0: ["a", "b"], 1: ["c", "d"]})
    group = f"{name}-group"
    iterator: Iterator[Any] = Iterator(name, group_id=group)
    for message in iterator:
        if message.partition == 0:
            iterator.mark_as_consumed(message)
    others: Iterator[Any] = Iterator({name: [0]}, limit=1, group_id=group)
    for message in others:
        others.mark_as_consumed(message)
    for message in iterator:
        if message.partition == 1:
            iterator.mark_as_consumed(message)
    assert committed(admin, group) == {(name, 0): 1, (name, 1): 2}
    assert shown(Iterator({name: True}, group_id=group)) == "b@1"
