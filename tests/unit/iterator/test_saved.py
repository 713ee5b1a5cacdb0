from __future__ import annotations

import pytest

from framework_iterator import Plan, PlannedPartition
from framework_iterator.planning.saved import misfits
from framework_iterator.planning.subscription import subscribe

BEYOND = (
    "flights-0: the saved position 10 lies beyond the end (5): was the topic recreated, or its log "
    "truncated? Reading starts at 5."
)
REMOVED = "removed between the saved position {} and the first kept offset 3: they were not read."


@pytest.mark.parametrize(
    ("position", "sentences"),
    [
        (10, [BEYOND]),
        (5, []),
        (3, []),
        (2, [f"flights-0: 1 offset was {REMOVED.format(2)}"]),
        (0, [f"flights-0: 3 offsets were {REMOVED.format(0)}"]),
    ],
)
def test_a_saved_position_that_does_not_fit_the_log_is_told(position: int, sentences: list[str]) -> None:
    start = min(5, max(3, position))
    plan = Plan((PlannedPartition("flights", 0, 3, 5, start, 5), PlannedPartition("flights", 1, 0, 9, 0, 9)))
    assert misfits(subscribe("flights", None, {"flights": {"0": position}}), plan) == sentences


def test_without_saved_positions_nothing_is_told() -> None:
    plan = Plan((PlannedPartition("flights", 0, 3, 5, 5, 5),))
    assert misfits(subscribe({"flights": 100}, None), plan) == []
