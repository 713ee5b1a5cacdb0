from __future__ import annotations

import json

import pytest

from framework.types import TopicPartition
from framework_iterator.reading.fetch_stats import FetchStats

F0, F1 = TopicPartition("flights", 0), TopicPartition("flights", 1)


def told(**offsets: int) -> str:
    """Statistics, as far as they matter: `told(_0=7)` is that 7 is fetched next of flights-0."""
    partitions = {name[1:]: {"next_offset": offset} for name, offset in offsets.items()}
    return json.dumps({"topics": {"flights": {"partitions": partitions}}})


def test_what_lies_past_the_position_is_an_advance_once() -> None:
    stats = FetchStats()
    stats(told(_0=7, _1=0))
    assert stats.has_advanced({F0: 3, F1: 0})
    assert not stats.has_advanced({F0: 3, F1: 0})
    stats(told(_0=8, _1=0))
    assert stats.has_advanced({F0: 3, F1: 0})


@pytest.mark.parametrize(
    "statistics",
    ["", "{}", '{"topics": {}}', '{"topics": {"flights": {}}}', told(_1=9), told(_0=-1001), told(_0=3)],
)
def test_what_tells_of_nothing_past_the_position_is_none(statistics: str) -> None:
    stats = FetchStats()
    stats(statistics)
    assert not stats.has_advanced({F0: 3})


def test_a_damaged_batch_that_is_fetched_again_and_again_is_an_advance_at_most_once() -> None:
    stats = FetchStats()
    made = []
    for offset in (3, 4, 3, 4, 3, 4):
        stats(told(_0=offset))
        made.append(stats.has_advanced({F0: 3}))
    assert made == [False, True, False, False, False, False]


@pytest.mark.parametrize(("stall_timeout", "pause"), [(60.0, 15_000), (0.1, 1000), (1e9, 86_400_000)])
def test_statistics_come_a_few_times_before_a_run_has_stalled(stall_timeout: float, pause: int) -> None:
    stats = FetchStats()
    ours = {"stats_cb": stats, "statistics.interval.ms": pause}
    assert stats.add_to({"statistics.interval.ms": 0}, stall_timeout) == ours
    assert stats.add_to({"statistics.interval.ms": 0, "stats_cb": print}, stall_timeout) == ours


def test_statistics_that_somebody_wants_come_as_they_are_wanted() -> None:
    stats = FetchStats()
    heard: list[str] = []
    wanted = {"statistics.interval.ms": 2000, "stats_cb": heard.append}
    assert stats.add_to(wanted, 60.0) == {"statistics.interval.ms": 2000, "stats_cb": stats}
    stats(told(_0=7))
    assert heard == [told(_0=7)]
    assert stats.add_to(wanted | {"stats_cb": 1}, 60.0) == wanted | {"stats_cb": 1}
