"""Messages in an order, by the rule as it is written: for tests of the two orders."""

from __future__ import annotations

import collections.abc as cabc
import typing

from framework.types import NativeMessage, TopicPartition
from framework_iterator.progress.delivery import key_of
from tests.unit.iterator.fakes import F0, F1, W0, native

W1 = TopicPartition("weather", 1)
KEYS = (F0, F1, W0, W1)


class Place(typing.NamedTuple):
    """Where a message lies, and when it was written."""

    key: TopicPartition
    offset: int
    time: int

    def message(self, payload: bytes = b"1") -> NativeMessage:
        return native(self.offset, payload, of=self.key, timestamp=(1, self.time))


Logs = cabc.Mapping[TopicPartition, list[Place]]
"""The messages of each partition, by offset."""


def log(key: TopicPartition, *times: int) -> list[Place]:
    """A partition with a message of each of these times, from offset 0."""
    return [Place(key, offset, time) for offset, time in enumerate(times)]


def logs(**times: list[int]) -> dict[TopicPartition, list[Place]]:
    """Partitions with messages of these times: `logs(F0=[1, 2], W0=[])`."""
    keys = {"F0": F0, "F1": F1, "W0": W0, "W1": W1}
    return {keys[name]: log(keys[name], *found) for name, found in times.items()}


def by_time(partitions: Logs) -> list[Place]:
    """Always the first message left of the partition where that is oldest; of equal ones, the first."""
    left = {key: list(found) for key, found in partitions.items() if found}
    ordered: list[Place] = []
    while left:
        key = min(left, key=lambda each: (left[each][0].time, each))
        ordered.append(left[key].pop(0))
        left = {key: found for key, found in left.items() if found}
    return ordered


def newest_first(partitions: Logs) -> list[Place]:
    """Always the last message left of the partition where that is newest; of equal ones, the last."""
    left = {key: list(found) for key, found in partitions.items() if found}
    ordered: list[Place] = []
    while left:
        key = max(left, key=lambda each: (left[each][-1].time, each))
        ordered.append(left[key].pop())
        left = {key: found for key, found in left.items() if found}
    return ordered


def places(messages: cabc.Iterable[NativeMessage]) -> list[Place]:
    return [Place(key_of(each), each.offset(), each.timestamp()[1]) for each in messages]
