from __future__ import annotations

import itertools

import hypothesis.strategies as st
import pytest
from hypothesis import given
from rich.cells import cell_len

from framework_iterator.sizes.distribution import Distribution
from framework_iterator.sizes.histogram import draw_bars, make_bins


def distribution_of(*sizes: int) -> Distribution:
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
    assert make_bins(distribution_of(*sizes), 4) == expected


@given(st.lists(st.integers(0, 2**31), max_size=50), st.integers(1, 60))
def test_every_message_is_in_one_bin(sizes: list[int], limit: int) -> None:
    bins = make_bins(distribution_of(*sizes), limit)

    assert len(bins) <= limit
    assert [each.messages for each in bins] == [
        sum(each.low <= size <= each.high for size in sizes) for each in bins
    ]
    assert sum(each.messages for each in bins) == len(sizes)
    assert all(one.high + 1 == two.low for one, two in itertools.pairwise(bins))
    assert not sizes or (bins[0].low, bins[-1].high >= max(sizes)) == (min(sizes), True)


def test_every_message_of_a_sketch_is_in_one_bin() -> None:
    bins = make_bins(distribution_of(*range(1, 5000)), 12)

    assert sum(each.messages for each in bins) == 4999
    assert (bins[0].low, bins[-1].high) == (1, 4999)


def test_bars_are_drawn_to_a_width() -> None:
    assert draw_bars(make_bins(distribution_of(*[5] * 4, *[6] * 8, 8), 4), 30) == [
        "bytes  messages",
        "    5         4  ███████",
        "    6         8  █████████████",
        "    7         0",
        "    8         1  ██",
    ]


@given(st.lists(st.integers(0, 2**31), min_size=1), st.integers(45, 200))
def test_bars_fit_the_width_and_each_size_has_one(sizes: list[int], width: int) -> None:
    bins = make_bins(distribution_of(*sizes), 12)
    head, *lines = draw_bars(bins, width)

    assert max(map(cell_len, [head, *lines])) <= width
    assert [line.endswith("█") for line in lines] == [each.messages > 0 for each in bins]
