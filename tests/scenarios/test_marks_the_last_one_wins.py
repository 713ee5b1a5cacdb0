"""The last mark of a partition is what is committed, also when it goes back."""

from __future__ import annotations

from typing import Any, TypeAlias

import pytest
from confluent_kafka.admin import AdminClient

from framework import App
from framework_iterator import Iterator
from tests import support
from tests.scenarios.marking import committed
from tests.scenarios.reading import shown
from tests.scenarios.ways import Read

Step: TypeAlias = tuple[int, bool]
LATER, NOW = False, True


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([(4, LATER), (1, LATER)], 2),
        ([(1, LATER), (4, LATER), (1, LATER)], 2),
        ([(4, NOW), (1, LATER)], 2),
        ([(4, LATER), (1, NOW)], 2),
        ([(4, LATER), (1, NOW), (4, LATER)], 5),
        ([(4, NOW), (1, LATER), (4, LATER)], 5),
        ([(4, NOW), (1, NOW), (4, LATER)], 5),
        ([(4, LATER), (1, LATER), (4, NOW), (0, LATER)], 1),
        ([(2, NOW), (2, LATER)], 3),
        ([(4, LATER), (0, LATER)] * 50 + [(3, LATER)], 4),
    ],
    ids=[
        "back",
        "forth and back",
        "back after the broker had it",
        "back at once while another is away",
        "forth after back at once",
        "forth after back",
        "forth after back that the broker had",
        "back after all",
        "the same again",
        "many times",
    ],
)
@pytest.mark.parametrize("leave_at_once", [True, False], ids=["break", "read on"])
def test_what_was_marked_last_is_committed(
    app: App,
    admin: AdminClient,
    topic: support.TopicFactory,
    steps: list[Step],
    expected: int,
    leave_at_once: bool,
    read: Read,
) -> None:
    name = topic(1, ["a"] * 1_000)
    iterator: Iterator[Any] = Iterator(name, group_id=f"{name}-group")
    seen = []
    for message in read(iterator):
        seen.append(message)
        if len(seen) == 5:
            for offset, blocking in steps:
                iterator.mark_as_consumed(seen[offset], blocking=blocking)
            if leave_at_once:
                break
    assert committed(admin, f"{name}-group") == {(name, 0): expected}


def test_going_back_and_forth_again_after_the_broker_confirmed_is_not_taken_for_done(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    # 5 is confirmed; 1 is sent, a second later; 5 is marked again, and the run is left at once.
    name = topic(1, ["a"] * 5)
    iterator: Iterator[Any, None] = Iterator(
        name, follow=True, yield_none=True, max_wait=0.05, group_id=f"{name}-group"
    )
    seen: list[Any] = []
    idle = 0
    for message in iterator:
        if message is not None:
            seen.append(message)
            if len(seen) == 5:
                iterator.mark_as_consumed(seen[4])
        elif committed(admin, f"{name}-group") == {(name, 0): 5}:
            idle += 1
        if idle == 25:
            iterator.mark_as_consumed(seen[0])
            iterator.mark_as_consumed(seen[4])
            break
    assert committed(admin, f"{name}-group") == {(name, 0): 5}


def test_a_mark_that_goes_back_makes_messages_come_again(
    app: App, topic: support.TopicFactory, read: Read
) -> None:
    name = topic(1, ["a", "b", "c", "d"])
    iterator: Iterator[Any] = Iterator(name, group_id=f"{name}-group")
    seen: list[Any] = []
    for message in read(iterator):
        seen.append(message)
        iterator.mark_as_consumed(message, blocking=True)
    for _ in read(iterator):
        iterator.mark_as_consumed(seen[0])
    assert shown(Iterator({name: True}, group_id=f"{name}-group")) == "b@1 c@2 d@3"
