"""Partitions, the order of their messages as the rule is written, and a source of them."""

from __future__ import annotations

import collections.abc as cabc
import typing

from hypothesis import strategies as st

from framework.types import NativeMessage, TopicPartition
from framework_iterator.progress.delivery import key_of
from framework_iterator.reading.source import Event, Fetched, Kind
from tests.unit.iterator.fakes import F0, F1, W0, FakeSource, native

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


@st.composite
def any_logs(draw: st.DrawFn) -> dict[TopicPartition, list[Place]]:
    """Partitions of two topics, some empty, with gaps; times with ties, disorder, and skew between them."""
    found = {}
    for key in draw(st.lists(st.sampled_from(KEYS), min_size=1, unique=True)):
        skew = draw(st.sampled_from([0, 0, 3, 10, 1000]))
        times = draw(st.lists(st.integers(-1, 9), max_size=12))
        offset, log = 0, []
        for time in times:
            offset += draw(st.integers(1, 3))
            log.append(Place(key, offset, skew + time))
        found[key] = log
    return found


class LogSource(FakeSource):
    """A source of partitions, from where it was told to read them; it reports their ends.

    Args:
        partitions: The messages of each partition.
        high: Where all partitions end.
        chunks: For each fetch, the partitions of which something arrives, by number, and how much; after
            those, three messages of each partition.
    """

    def __init__(
        self,
        partitions: Logs,
        high: int = 50,
        chunks: cabc.Iterable[list[tuple[int, int]]] = (),
        payload: bytes = b"1",
    ) -> None:
        super().__init__()
        self.left = {key: list(found) for key, found in partitions.items()}
        self.low: dict[TopicPartition, int] = dict.fromkeys(partitions, 0)
        self.high = high
        self.read = 0
        """How many messages were fetched in all."""
        self._chunks = iter(chunks)
        self._payload = payload
        self._positions: dict[TopicPartition, int] = {}
        self._reported: set[TopicPartition] = set()

    def assign(self, positions: cabc.Mapping[TopicPartition, int]) -> None:
        super().assign(positions)
        self._positions = dict(positions)

    def add(self, positions: cabc.Mapping[TopicPartition, int]) -> None:
        super().add(positions)
        self._positions |= positions
        self._reported -= positions.keys()

    def drop(self, partitions: cabc.Iterable[TopicPartition]) -> None:
        partitions = list(partitions)
        super().drop(partitions)
        for key in partitions:
            self._positions.pop(key, None)

    def remove(self, key: TopicPartition, low: int) -> None:
        """Retention removes the messages before an offset."""
        self.low[key] = max(low, self.low[key])
        self.left[key] = [each for each in self.left[key] if each.offset >= low]

    def watermarks(
        self, partitions: cabc.Collection[TopicPartition]
    ) -> dict[TopicPartition, tuple[int, int]]:
        return {key: (self.low[key], self.high) for key in partitions}

    def fetch(self, max_wait: float, count: int) -> Fetched:
        self.asked_for.append((max_wait, count))
        self.on_fetch()
        fetched = Fetched([], [])
        assigned = sorted(self._positions)
        everything = [(number, 3) for number in range(len(assigned))]
        for number, most in next(self._chunks, everything):
            if assigned:
                self._read(
                    assigned[number % len(assigned)], min(most, count - len(fetched.messages)), fetched
                )
        return fetched

    def _read(self, key: TopicPartition, most: int, fetched: Fetched) -> None:
        position = self._positions[key]
        if position < self.low[key] and key not in self._reported:
            self._reported.add(key)  # once; then it waits
            fetched.events.append(Event(Kind.OUT_OF_RANGE, key, -1))
        if key in self._reported:
            return
        found = [each for each in self.left[key] if each.offset >= position]
        fetched.messages.extend(each.message(self._payload) for each in found[:most])
        self.read += len(found[:most])
        if found[:most]:
            self._positions[key] = found[:most][-1].offset + 1
        elif not found:
            self._reported.add(key)
            fetched.events.append(Event(Kind.END, key, self.high))
