"""Messages, a clock and a source, for tests of a run that have no broker."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
from typing import Any, cast

from confluent_kafka import Message as ConfluentMessage

from framework.deserializers import Deserializers
from framework.types import NativeMessage, TopicPartition
from framework_iterator.batch import ByTopic
from framework_iterator.committing.committer import Committed
from framework_iterator.planning.plan import Plan, PlannedPartition
from framework_iterator.planning.probes import Lookup
from framework_iterator.planning.topic_ids import IdLookup
from framework_iterator.reading.fetch_stats import FetchStats
from framework_iterator.reading.source import Event, Fetched, Source
from framework_iterator.recipe import Recipe
from tests.clock import Clock

F0, F1, W0 = TopicPartition("flights", 0), TopicPartition("flights", 1), TopicPartition("weather", 0)
JSON: ByTopic = {"flights": Deserializers().compile()}
"""The deserializers of a run of one topic."""
TWO_TOPICS: ByTopic = {
    "flights": Deserializers(payload=int).compile(),
    "weather": Deserializers(payload=str).compile(),
}


def native(
    offset: int,
    payload: bytes | None = b"1",
    *,
    of: TopicPartition = F0,
    key: bytes | None = None,
    headers: list[tuple[str, bytes | None]] | None = None,
    timestamp: tuple[int, int] = (1, 0),
) -> NativeMessage:
    """A message as a consumer returns it."""
    message: Any = ConfluentMessage(
        topic=of.topic,
        partition=of.partition,
        offset=offset,
        key=key,
        value=payload,
        headers=cast("Any", headers),
        timestamp=timestamp,
    )
    return cast("NativeMessage", message)


def natives(of: TopicPartition, *offsets: int, payload: bytes = b"1") -> list[NativeMessage]:
    return [native(offset, payload, of=of) for offset in offsets]


def plan_of(*partitions: TopicPartition, stop: int | None = 100, high: int = 100) -> Plan:
    """Each partition from offset 0 to `stop`."""
    return Plan(tuple(PlannedPartition(*each, 0, high, 0, stop) for each in partitions))


class FakeCommitter:
    """Takes commits as the real one does; `error` fails the blocking ones, `refuses` the others."""

    def __init__(self) -> None:
        self.sent: list[dict[TopicPartition, int]] = []
        self.committed: list[tuple[dict[TopicPartition, int], float | None]] = []
        self.error: BaseException | None = None
        self.failure: BaseException | None = None
        self.refuses = False
        self.results: list[Committed] = []

    def send(self, offsets: cabc.Mapping[TopicPartition, int]) -> None:
        self.sent.append(dict(offsets))
        self.results.append(Committed({}, list(offsets)) if self.refuses else Committed(dict(offsets), []))

    def take_results(self) -> list[Committed]:
        results, self.results = self.results, []
        return results

    def commit(self, offsets: cabc.Mapping[TopicPartition, int], timeout: float | None = None) -> None:
        self.committed.append((dict(offsets), timeout))
        if self.error is not None:
            raise self.error

    def raise_failure(self) -> None:
        failure, self.failure = self.failure, None
        if failure is not None:
            raise failure


class FakeSource:
    """A source that returns these fetches, one after the other, and then nothing.

    It answers look-ups from `watermarks_of` and `existing`, or raises what is in `errors`; with
    `answers_at_once` False, a test answers the `lookups` in the background. `calls` has what was asked
    and done, in order.
    """

    def __init__(self, *fetches: cabc.Sequence[NativeMessage | Event], clock: Clock | None = None) -> None:
        self.fetches = list(fetches)
        self.clock = clock
        self.queries = self.probes = self.topic_ids = self
        self.fetch_stats = FetchStats()
        self.committer = FakeCommitter()
        self.watermarks_of: dict[TopicPartition, tuple[int, int]] = {}
        self.existing: dict[str, list[int]] = {}
        self.ids: dict[str, str] = {}
        self.errors: dict[str, BaseException] = {}
        self.calls: list[tuple[str, Any]] = []
        self.asked_for: list[tuple[float, int]] = []
        self.on_fetch: cabc.Callable[[], object] = lambda: None
        self.is_closed = False
        self.lookups: list[Lookup] = []
        self.answers_at_once = True

    def fetch(self, max_wait: float, count: int) -> Fetched:
        self.asked_for.append((max_wait, count))
        self.on_fetch()
        items = self.fetches.pop(0) if self.fetches else []
        if self.clock is not None and not items:
            self.clock.now += max_wait
        events = [each for each in items if isinstance(each, Event)]
        return Fetched([each for each in items if not isinstance(each, Event)], events)

    def serve_callbacks(self) -> None:
        if "serve_callbacks" in self.errors:
            raise self.errors["serve_callbacks"]

    def watermarks(
        self, partitions: cabc.Collection[TopicPartition]
    ) -> dict[TopicPartition, tuple[int, int]]:
        self._call("watermarks", list(partitions))
        return {key: self.watermarks_of.get(key, (0, 100)) for key in partitions}

    def high_watermarks(self, partitions: cabc.Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """Those that came with fetches: no request, and no transaction is open."""
        return {key: self.watermarks_of.get(key, (0, 100))[1] for key in partitions}

    def offsets_at(self, moments: cabc.Mapping[TopicPartition, int]) -> dict[TopicPartition, int | None]:
        self._call("offsets_at", dict(moments))
        return dict.fromkeys(moments)

    def committed(self, partitions: cabc.Collection[TopicPartition]) -> dict[TopicPartition, int | None]:
        return dict.fromkeys(partitions)

    def partitions(self, topics: cabc.Sequence[str]) -> dict[str, list[int]]:
        self._call("partitions", list(topics))
        return {topic: self.existing.get(topic, [0, 1]) for topic in topics}

    def check_exists(self, partitions: cabc.Collection[TopicPartition]) -> None:
        self._call("check_exists", list(partitions))

    def find_partitions(self, topics: cabc.Collection[str]) -> Lookup:
        self._call("find_partitions", list(topics))
        self.lookups.append(Lookup(topics))
        if self.answers_at_once:
            self.lookups[-1].found = {topic: self.existing.get(topic, []) for topic in topics}
        return self.lookups[-1]

    def find(self, topics: cabc.Collection[str]) -> IdLookup:
        lookup = IdLookup()
        lookup.found = self.ask(topics)
        return lookup

    def ask(self, topics: cabc.Collection[str]) -> dict[str, str]:
        self._call("ask", sorted(topics))
        return {topic: self.ids[topic] for topic in topics if topic in self.ids}

    def add(self, positions: cabc.Mapping[TopicPartition, int]) -> None:
        self._call("add", dict(positions))

    def assign(self, positions: cabc.Mapping[TopicPartition, int]) -> None:
        self._call("assign", dict(positions))

    def drop(self, partitions: cabc.Iterable[TopicPartition]) -> None:
        self._call("drop", list(partitions))

    def close(self, timeout: float = 1.0) -> None:
        self.is_closed = True
        self._call("close", timeout)

    def abandon(self) -> None:
        self._call("abandon", None)

    def _call(self, name: str, what: Any) -> None:
        self.calls.append((name, what))
        if name in self.errors:
            raise self.errors[name]


@dataclasses.dataclass(frozen=True)
class FakeRecipe(Recipe):
    """A recipe that opens this source, and plans this."""

    source: FakeSource
    plan: Plan

    def connect(self) -> Source:
        return cast("Source", self.source)

    def make_plan(self, source: Source) -> Plan:  # noqa: ARG002
        return self.plan
