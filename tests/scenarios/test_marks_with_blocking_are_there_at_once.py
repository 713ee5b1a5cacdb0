"""When a blocking mark returns, the broker has it."""

from __future__ import annotations

from typing import Any

from confluent_kafka.admin import AdminClient

from framework import App
from framework_iterator import Iterator
from tests import support
from tests.scenarios.marking import committed


def test_each_blocking_mark_is_committed_when_it_returns(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a", "b", "c"])
    group, found = f"{name}-group", []
    iterator: Iterator[Any] = Iterator(name, group_id=group)
    for message in iterator:
        iterator.mark_as_consumed(message, blocking=True)
        found.append(committed(admin, group))
    assert found == [{(name, 0): 1}, {(name, 0): 2}, {(name, 0): 3}]


def test_a_blocking_mark_takes_along_what_was_marked_before(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(2, {0: ["a", "b"], 1: ["c"]})
    group, left = f"{name}-group", 3
    iterator: Iterator[Any] = Iterator(name, group_id=group)
    for message in iterator:
        left -= 1
        iterator.mark_as_consumed(message, blocking=left == 0)
    assert left == 0
    assert committed(admin, group) == {(name, 0): 2, (name, 1): 1}


def test_a_blocking_mark_that_is_made_again_is_committed_again(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    # In between somebody else moved the group.
    name = topic(1, ["a", "b", "c"])
    group = f"{name}-group"
    ours: Iterator[Any] = Iterator(name, group_id=group)
    others: Iterator[Any] = Iterator({name: 2}, group_id=group)
    for message in ours:
        ours.mark_as_consumed(message, blocking=True)
        for other in others:
            others.mark_as_consumed(other, blocking=True)
        assert committed(admin, group) == {(name, 0): 3}
        ours.mark_as_consumed(message, blocking=True)
        assert committed(admin, group) == {(name, 0): message.offset + 1}
