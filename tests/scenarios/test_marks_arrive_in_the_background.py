"""Marks reach the broker while the run goes on, at the next mark or round a second later."""

from __future__ import annotations

from typing import Any

from confluent_kafka.admin import AdminClient

from framework import App
from framework_iterator import Iterator
from tests import support
from tests.scenarios.marking import committed
from tests.scenarios.ways import Read


def test_the_first_mark_arrives_while_the_loop_is_still_at_its_message(
    app: App, admin: AdminClient, topic: support.TopicFactory, read: Read
) -> None:
    name = topic(1, ["a", "b", "c"])
    group, found = f"{name}-group", []
    iterator: Iterator[Any] = Iterator(name, group_id=group)
    for message in read(iterator):
        if message.offset == 0:
            iterator.mark_as_consumed(message)
            support.wait_until(lambda: committed(admin, group), "the mark of the first message")
            found.append(committed(admin, group))
    assert found == [{(name, 0): 1}]


def test_a_long_body_that_marks_again_and_again_is_followed(
    app: App, admin: AdminClient, topic: support.TopicFactory, read: Read
) -> None:
    # No round comes to its help: all is in one batch.
    name = topic(1, ["a", "b", "c"])
    group, found = f"{name}-group", []
    iterator: Iterator[Any] = Iterator(name, group_id=group)
    for message in read(iterator):

        def has_come(message: Any = message) -> bool:
            iterator.mark_as_consumed(message)
            return committed(admin, group) == {(name, 0): message.offset + 1}

        support.wait_until(has_come, f"the mark of {message}")
        found.append(committed(admin, group))
    assert found == [{(name, 0): 1}, {(name, 0): 2}, {(name, 0): 3}]


def test_an_idle_run_sends_what_was_marked_last(
    app: App, admin: AdminClient, topic: support.TopicFactory, read: Read
) -> None:
    # The first mark is sent at once; the second has to wait, and no third comes.
    name = topic(1, ["a", "b"])
    group = f"{name}-group"
    iterator: Iterator[Any, None] = Iterator(
        name, follow=True, yield_none=True, max_wait=0.05, group_id=group
    )
    idle = 0
    for message in read(iterator):
        if message is not None:
            iterator.mark_as_consumed(message)
            continue
        idle += 1
        if committed(admin, group) == {(name, 0): 2}:
            break
        assert idle < 200
    assert iterator.report is not None
    assert iterator.report.messages == 2
