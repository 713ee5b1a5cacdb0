from __future__ import annotations

import collections.abc as cabc
from typing import Any, cast

import pytest

from framework.types import TopicPartition
from framework_iterator.reading.open_transactions import Watch, offsets_behind
from framework_iterator.reading.source import Fetched, Source
from tests.clock import Clock
from tests.unit.iterator.fakes import F0, F1


class Fetches:
    """A source whose fetches, and whose next ones, brought these high watermarks."""

    def __init__(
        self,
        highs: dict[TopicPartition, int],
        stable: dict[TopicPartition, int],
        *next_fetches: dict[TopicPartition, int],
    ) -> None:
        self.highs, self.stable, self.next_fetches = highs, stable, list(next_fetches)
        self.calls: list[Any] = []
        self.queries = Requests(self)

    def high_watermarks(self, partitions: cabc.Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return {key: self.highs[key] for key in partitions if key in self.highs}

    def assign(self, positions: cabc.Mapping[TopicPartition, int]) -> None:
        self.calls.append(("assign", dict(positions)))

    def fetch(self, _max_wait: float) -> Fetched:
        self.calls.append("fetch")
        self.highs |= self.next_fetches.pop(0)
        return Fetched([], [])


class Requests:
    """Asks the broker for last stable offsets."""

    def __init__(self, source: Fetches) -> None:
        self._source = source

    def high_watermarks(self, partitions: cabc.Collection[TopicPartition]) -> dict[TopicPartition, int]:
        self._source.calls.append(("request", list(partitions)))
        return {key: self._source.stable[key] for key in partitions}


def behind(
    source: Fetches, ends: dict[TopicPartition, int], *, fetch: bool = False
) -> dict[TopicPartition, tuple[int, int]]:
    return offsets_behind(cast("Source", source), ends, fetch=fetch)


def test_where_nothing_lies_beyond_the_end_nothing_is_asked() -> None:
    source = Fetches({F0: 40, F1: 7}, {})
    assert behind(source, {F0: 40, F1: 7}) == {}
    assert source.calls == []


def test_an_end_that_is_still_the_last_stable_offset_has_an_open_transaction_behind_it() -> None:
    source = Fetches({F0: 52, F1: 7}, {F0: 40})
    assert behind(source, {F0: 40, F1: 7}) == {F0: (40, 12)}
    assert source.calls == [("request", [F0])]


def test_messages_that_were_written_since_are_stable_by_then() -> None:
    source = Fetches({F0: 52}, {F0: 60})
    assert behind(source, {F0: 40}) == {}


def test_partitions_that_had_nothing_to_read_are_fetched_where_nothing_was_given() -> None:
    source = Fetches({F0: 40}, {F1: 7}, {}, {F1: 8})
    assert behind(source, {F0: 40, F1: 7}, fetch=True) == {F1: (7, 1)}
    assert source.calls == [("assign", {F1: 7}), "fetch", "fetch", ("request", [F1])]


def test_where_something_was_given_they_are_not() -> None:
    source = Fetches({F0: 40}, {})
    assert behind(source, {F0: 40, F1: 7}) == {}
    assert source.calls == []


class Waiting:
    """A followed run that waits at these offsets, and a clock."""

    def __init__(self, caplog: pytest.LogCaptureFixture, **highs: int) -> None:
        self.caplog, self.clock = caplog, Clock()
        self.source = Fetches({F0: highs["f0"], F1: highs["f1"]}, {})
        self.watch = Watch(cast("Source", self.source), self.clock)

    def after(self, seconds: float, **ends: int) -> list[str]:
        """What is logged when so many seconds have passed."""
        self.caplog.clear()
        self.clock.now += seconds
        self.watch.check({{"f0": F0, "f1": F1}[name]: end for name, end in ends.items()})
        return [each.getMessage().partition(":")[0] for each in self.caplog.records]


def test_a_partition_that_waits_for_a_minute_below_its_high_watermark_is_named_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    run = Waiting(caplog, f0=52, f1=7)
    assert run.after(2, f0=40, f1=7) == []
    assert run.after(59, f0=40, f1=7) == []
    assert run.after(1, f0=40, f1=7) == ["flights-0"]
    assert run.after(600, f0=40, f1=7) == []
    assert run.source.calls == []


def test_a_partition_that_moves_on_waits_anew(caplog: pytest.LogCaptureFixture) -> None:
    run = Waiting(caplog, f0=52, f1=7)
    assert run.after(2, f0=40) == []
    assert run.after(59, f0=45) == []
    assert run.after(59, f0=45) == []
    assert run.after(1, f0=45) == ["flights-0"]


def test_a_partition_whose_end_was_not_reported_is_not_taken_to_wait(
    caplog: pytest.LogCaptureFixture,
) -> None:
    run = Waiting(caplog, f0=52, f1=7)
    assert run.after(2, f1=7) == []
    assert run.after(600, f1=7) == []
