"""What each order gives, worked out from what is in the broker, by the rule as it is written."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, Literal, TypeAlias

import pytest

from framework import Message
from framework_iterator import Iterator
from tests import support
from tests.scenarios.batching import Place

Order: TypeAlias = Literal["time", "newest"]
Rows: TypeAlias = dict[tuple[str, int], list[tuple[int, int]]]
"""Of each topic and partition, the timestamp and the offset of each message."""

EACH: tuple[Order, Order] = ("time", "newest")
ORDERS = pytest.mark.parametrize("order", EACH)
ALL_ORDERS = pytest.mark.parametrize("order", [None, *EACH], ids=["arrival", "time", "newest"])
FIRST = 1_700_000_000_000
"""A timestamp that is past, for messages whose order matters."""


def rows_in(kafka: str, *names: str, isolation: str = "read_committed") -> Rows:
    """What is in these topics, read with nothing but the client library."""
    admin = support.make_admin(kafka)
    return {
        (name, number): [
            (each.timestamp()[1], support.offset_of(each))
            for each in support.read_all(kafka, name, number, isolation)
        ]
        for name in names
        for number in admin.list_topics(name, timeout=support.LIMIT).topics[name].partitions
    }


def in_order(rows: Rows, order: Order) -> list[Place]:
    """The rule: of the heads of all partitions, that with the smallest timestamp, topic, partition is next.

    Newest first, the heads are the last messages, and the one with the largest is next.
    """
    # The head of each is its last one here, as a list is popped there.
    left = {key: row[::-1] if order == "time" else row[:] for key, row in rows.items() if row}
    choose: Any = min if order == "time" else max
    found = []
    while left:
        key = choose(left, key=lambda key: (left[key][-1][0], key))
        found.append((*key, left[key].pop()[1]))
        if not left[key]:
            del left[key]
    return found


def places_of(messages: cabc.Iterable[Message[Any]]) -> list[Place]:
    """Topic, partition and offset of each message, in the order in which they came."""
    return [(each.topic, each.partition, each.offset) for each in messages]


def read_places(iterator: Iterator[Any]) -> list[Place]:
    """The same of all that an iterator gives."""
    return places_of(iterator)


def at(*milliseconds: int, key: str | None = None) -> list[support.Item]:
    """Messages with these timestamps, counted from `FIRST`; the payload says which."""
    return [support.Record(f"{each}", key=key, timestamp=FIRST + each) for each in milliseconds]
