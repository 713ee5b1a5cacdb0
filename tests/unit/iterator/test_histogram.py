from __future__ import annotations

import itertools

import hypothesis.strategies as st
import pytest
from hypothesis import given
from rich.cells import cell_len

from framework_iterator.sizes.distribution import Distribution
from framework_iterator.sizes.histogram import bars, bins


def seen(*sizes: int) -> Distribution:
    distribution = Distribution()
    for size in sizes:
        distribution.add(size)
    return distribution


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([5, 5], [(5, 5, 2)], id="one size"),
        pytest.param([0], [(0, 0, 1)], id="an empty message"),
        pytest.param([4, 5, 7], [(4, 4, 1), (5, 5, 1), (6, 6, 0), (7, 7, 1)], id="fewer sizes than bins"),
        pytest.param([10, 12, 19], [(10, 12, 2), (13, 15, 0), (16, 18, 0), (19, 19, 1)], id="by a step"),
        pytest.param([10, 17], [(10, 11, 1), (12, 13, 0), (14, 15, 0), (16, 17, 1)], id="all of one width"),
        pytest.param(
            [1, 10, 100, 10_000],
            [(1, 9, 1), (10, 99, 1), (100, 999, 1), (1000, 10_000, 1)],
            id="by a factor",
        ),
    ],
)
def test_sizes_fall_into_bins(sizes: list[int], expected: list[tuple[int, int, int]]) -> None:
    assert bins(seen(*sizes), 4) == expected


@given(st.lists(st.integers(0, 2**31), max_size=50), st.integers(1, 60))
def test_every_message_is_in_one_bin(sizes: list[int], most: int) -> None:
    found = bins(seen(*sizes), most)

    assert len(found) <= most
    assert [each.messages for each in found] == [
        sum(each.low <= size <= each.high for size in sizes) for each in found
    ]
    assert sum(each.messages for each in found) == len(sizes)
    assert all(one.high + 1 == two.low for one, two in itertools.pairwise(found))
    assert not sizes or (found[0].low, found[-1].high >= max(sizes)) == (min(sizes), True)


def test_of_a_great_many_sizes_every_message_is_in_one_bin() -> None:
    found = bins(seen(*range(1, 5000)), 12)

    assert sum(each.messages for each in found) == 4999
    assert (found[0].low, found[-1].high) == (1, 4999)


def test_bars_are_drawn_to_a_width() -> None:
    assert bars(bins(seen(*[5] * 4, *[6] * 8, 8), 4), 30) == [
        "bytes  messages",
        "    5         4  ███████",
        "    6         8  █████████████",
        "    7         0",
        "    8         1  ██",
    ]


@given(st.lists(st.integers(0, 2**31), min_size=1), st.integers(45, 200))
def test_no_bar_is_too_long_and_the_rarest_leaves_a_trace(sizes: list[int], width: int) -> None:
    found = bins(seen(*sizes), 12)
    head, *lines = bars(found, width)

    assert max(map(cell_len, [head, *lines])) <= width
    assert [line.endswith("█") for line in lines] == [each.messages > 0 for each in found]
