from __future__ import annotations

import pytest

from framework_iterator.asynchronous.pace import MOST, Pace
from tests.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


def read(pace: Pace, clock: Clock, messages: int, seconds: float) -> list[int]:
    """Give messages whose bodies take so long; return after which of them others were let run."""
    yields, given = [], 0
    while given < messages:
        count = pace.count
        given += count
        clock.now += count * seconds
        if pace.is_due():
            yields.append(given)
            pace.restart()
    return yields


def test_a_fast_body_lets_others_run_every_four_milliseconds(clock: Clock) -> None:
    yields = read(Pace(clock), clock, 100_000, seconds=0.000_001)
    assert len(yields) == pytest.approx(100_000 / 4_000, abs=2)


def test_a_fast_body_looks_at_the_clock_once_in_sixteen_messages(clock: Clock) -> None:
    pace = Pace(clock)
    read(pace, clock, 100, seconds=0.000_001)
    assert pace.count == MOST == 16


@pytest.mark.parametrize("milliseconds", [1, 3, 5, 50])
def test_a_slow_body_lets_others_run_within_five_milliseconds_or_after_each_message(
    clock: Clock, milliseconds: int
) -> None:
    yields = read(Pace(clock), clock, 100, seconds=milliseconds / 1000)
    gaps = [second - first for first, second in zip([0, *yields], yields, strict=False)]
    assert max(gaps) * milliseconds <= max(6, milliseconds)


def test_a_body_that_becomes_slow_delays_others_by_sixteen_messages_at_most(clock: Clock) -> None:
    pace = Pace(clock)
    read(pace, clock, 1000, seconds=0.000_001)
    pace.restart()
    assert read(pace, clock, 20, seconds=0.001)[0] <= 16


def test_a_restart_begins_the_four_milliseconds_again(clock: Clock) -> None:
    pace = Pace(clock)
    clock.now += 0.003
    pace.restart()
    clock.now += 0.003
    assert not pace.is_due()
