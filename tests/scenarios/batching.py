"""How scenarios write what came in batches: their sizes, and the messages of all of them in one list."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, TypeAlias

from framework import Message
from framework_iterator import Batch
from tests import support

Place: TypeAlias = tuple[str, int, int]


def sizes(batches: cabc.Iterable[Batch[Any]]) -> list[int]:
    """How many messages each batch has."""
    return [len(batch) for batch in batches]


def flat(batches: cabc.Iterable[Batch[Any]]) -> list[Message[Any]]:
    """The messages of all batches, in order."""
    return [message for batch in batches for message in batch]


def places(messages: cabc.Iterable[Message[Any]]) -> dict[tuple[str, int], list[int]]:
    """The offsets of each partition, in the order in which they came."""
    found: dict[tuple[str, int], list[int]] = {}
    for message in messages:
        found.setdefault((message.topic, message.partition), []).append(message.offset)
    return found


def in_broker(kafka: str, *names: str, isolation: str = "read_committed") -> dict[tuple[str, int], list[int]]:
    """What is in these topics, read with nothing but the client library; empty partitions are left out."""
    admin = support.make_admin(kafka)
    found = {}
    for name in names:
        for number in sorted(admin.list_topics(name, timeout=support.LIMIT).topics[name].partitions):
            if messages := support.read_all(kafka, name, number, isolation):
                found[name, number] = [support.offset_of(message) for message in messages]
    return found
