from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework_iterator.planning.durations import duration_of, parts_of


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("5m", timedelta(minutes=5)),
        ("5min", timedelta(minutes=5)),
        ("5 MINUTES", timedelta(minutes=5)),
        (" 5m ago ", timedelta(minutes=5)),
        ("-90sec", timedelta(seconds=90)),
        ("last 2 hours", timedelta(hours=2)),
        ("1w2d", timedelta(days=9)),
        ("1 day, 2 hrs", timedelta(days=1, hours=2)),
        ("0.5d", timedelta(hours=12)),
        ("pt1h30m", timedelta(hours=1, minutes=30)),
        ("0s", timedelta(0)),
    ],
)
def test_a_duration_is_recognized(text: str, duration: timedelta) -> None:
    assert duration_of(text) == duration


@pytest.mark.parametrize(
    "text", ["", "m", "5", "5x", "5ms", "1 month", "-", "ago", "5mm", "٣m", "999999999w", "9999999999s"]
)
def test_anything_else_is_none(text: str) -> None:
    assert duration_of(text) is None


@pytest.mark.parametrize(
    ("duration", "parts"),
    [
        (timedelta(0), {"seconds": 0}),
        (timedelta(seconds=59.9), {"seconds": 59}),
        (timedelta(weeks=1, minutes=90), {"days": 7, "hours": 1, "minutes": 30}),
    ],
)
def test_the_parts_of_a_duration_are_whole(duration: timedelta, parts: dict[str, int]) -> None:
    assert parts_of(duration) == parts


@given(st.integers(0, 10**12))
def test_the_parts_together_are_the_duration(seconds: int) -> None:
    assert timedelta(**parts_of(timedelta(seconds=seconds))) == timedelta(seconds=seconds)
