from __future__ import annotations

import json

import pytest

from framework_iterator.reading.fetch_stats import FetchStats

F0, F1 = ("flights", 0), ("flights", 1)


def told(**offsets: int) -> str:
    """Statistics, as far as they matter: `told(_0=7)` is that 7 is fetched next of flights-0."""
    partitions = {name[1:]: {"next_offset": offset} for name, offset in offsets.items()}
    return json.dumps({"topics": {"flights": {"partitions": partitions}}})


def test_what_lies_past_the_position_is_headway_once() -> None:
    headway = FetchStats()
    headway(told(_0=7, _1=0))
    assert headway.is_made({F0: 3, F1: 0})
    assert not headway.is_made({F0: 3, F1: 0})
    headway(told(_0=8, _1=0))
    assert headway.is_made({F0: 3, F1: 0})


@pytest.mark.parametrize(
    "statistics",
    ["", "{}", '{"topics": {}}', '{"topics": {"flights": {}}}', told(_1=9), told(_0=-1001), told(_0=3)],
)
def test_what_tells_of_nothing_past_the_position_is_none(statistics: str) -> None:
    headway = FetchStats()
    headway(statistics)
    assert not headway.is_made({F0: 3})


def test_a_damaged_batch_that_is_fetched_again_and_again_is_headway_at_most_once() -> None:
    headway = FetchStats()
    made = []
    for offset in (3, 4, 3, 4, 3, 4):
        headway(told(_0=offset))
        made.append(headway.is_made({F0: 3}))
    assert made == [False, True, False, False, False, False]


@pytest.mark.parametrize(("stall_timeout", "pause"), [(60.0, 15_000), (0.1, 1000), (1e9, 86_400_000)])
def test_statistics_come_a_few_times_before_a_run_has_stalled(stall_timeout: float, pause: int) -> None:
    headway = FetchStats()
    ours = {"stats_cb": headway, "statistics.interval.ms": pause}
    assert headway.settings({"statistics.interval.ms": 0}, stall_timeout) == ours
    assert headway.settings({"statistics.interval.ms": 0, "stats_cb": print}, stall_timeout) == ours


def test_statistics_that_somebody_wants_come_as_they_are_wanted() -> None:
    headway = FetchStats()
    heard: list[str] = []
    wanted = {"statistics.interval.ms": 2000, "stats_cb": heard.append}
    assert headway.settings(wanted, 60.0) == {"statistics.interval.ms": 2000, "stats_cb": headway}
    headway(told(_0=7))
    assert heard == [told(_0=7)]
    assert headway.settings(wanted | {"stats_cb": 1}, 60.0) == wanted | {"stats_cb": 1}
