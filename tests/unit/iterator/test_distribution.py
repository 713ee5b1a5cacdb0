from __future__ import annotations

import random
import subprocess
import sys

import hypothesis.strategies as st
import pytest
from hypothesis import given

from framework_iterator.sizes.distribution import ACCURACY, EXACT_LIMIT, Distribution


def distribution_of(*sizes: int) -> Distribution:
    distribution = Distribution()
    for size in sizes:
        distribution.add(size)
    return distribution


def test_an_empty_distribution_has_no_statistics() -> None:
    nothing = Distribution()

    assert (nothing.count, nothing.total, nothing.average, nothing.maximum) == (0, 0, None, None)
    assert nothing.quantile(0.5) is None
    assert nothing.weights() == []


@pytest.mark.parametrize(
    ("sizes", "share", "size"),
    [
        pytest.param([7], 0.5, 7, id="one"),
        pytest.param([1, 9], 0.5, 1, id="half of two"),
        pytest.param([1, 2, 9], 0.5, 2, id="half of three"),
        pytest.param(list(range(1, 101)), 0.95, 95, id="95 of 100"),
        pytest.param(list(range(1, 101)), 0.99, 99, id="99 of 100"),
        pytest.param([5] * 99 + [1000], 0.99, 5, id="an odd one out"),
        pytest.param([3, 1, 2], 1, 3, id="all"),
        pytest.param([3, 1, 2], 0, 1, id="none"),
        pytest.param([0, 0, 4], 0.5, 0, id="empty messages"),
    ],
)
def test_a_quantile_is_the_smallest_size_that_this_share_does_not_exceed(
    sizes: list[int], share: float, size: int
) -> None:
    assert distribution_of(*sizes).quantile(share) == size


def test_up_to_a_thousand_different_sizes_are_exact() -> None:
    distribution = distribution_of(*range(EXACT_LIMIT), 3, 3)

    assert distribution.weights() == [(size, 3 if size == 3 else 1) for size in range(EXACT_LIMIT)]
    assert (distribution.count, distribution.total, distribution.maximum) == (EXACT_LIMIT + 2, 499_506, 999)
    assert distribution.average == 499_506 / 1002


sizes = st.lists(st.integers(0, 2**31) | st.integers(0, 500), max_size=60)


@given(sizes, sizes)
def test_merged_distributions_equal_one_of_all_sizes(first: list[int], second: list[int]) -> None:
    both = distribution_of(*first)
    both.merge(distribution_of(*second))
    whole = distribution_of(*first, *second)

    assert both.weights() == whole.weights()
    assert (both.count, both.total, both.maximum) == (whole.count, whole.total, whole.maximum)


@pytest.fixture(params=[1, 2, 3], ids="seed {}".format)
def many(request: pytest.FixtureRequest) -> list[int]:
    """Sizes from 0 to a gigabyte, most of them different."""
    chance = random.Random(request.param)
    return [0, 0, *(int(2 ** chance.uniform(0, 30)) for _ in range(20_000))]


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.95, 0.99, 1.0])
def test_the_relative_error_of_many_sizes_is_half_a_per_cent_at_most(share: float, many: list[int]) -> None:
    exact = sorted(many)[max(1, -int(-share * len(many) // 1)) - 1]
    found = distribution_of(*many).quantile(share)

    assert found is not None
    assert abs(found - exact) <= ACCURACY * exact + 1


def test_count_total_and_maximum_of_many_sizes_are_exact(many: list[int]) -> None:
    distribution = distribution_of(*many)

    assert (distribution.count, distribution.total, distribution.maximum) == (
        len(many),
        sum(many),
        max(many),
    )
    assert sum(count for _, count in distribution.weights()) == len(many)
    assert distribution.weights()[-1][0] <= max(many)


def test_sketches_can_be_merged(many: list[int]) -> None:
    both = distribution_of(*many[:10_000])
    both.merge(distribution_of(*many[10_000:]))
    both.merge(distribution_of(1, 2))

    assert (both.count, both.total, both.maximum) == (len(many) + 2, sum(many) + 3, max(many))
    exact = sorted([*many, 1, 2])[len(many) // 2]
    assert both.quantile(0.5) == pytest.approx(exact, rel=2 * ACCURACY)


MEMORY = """
import tracemalloc
from framework_iterator.sizes.distribution import EXACT_LIMIT, Distribution

def peak_memory(count):
    distribution = Distribution()
    tracemalloc.start()
    for size in range(1, count):
        distribution.add(size)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert distribution.count == count - 1
    return peak

peak_memory(2 * EXACT_LIMIT)  # import the sketch before the measurement
print(peak_memory(5_000), peak_memory(200_000))
"""


def test_memory_does_not_grow_with_the_number_of_messages() -> None:
    # In a process of its own: other threads of this one take memory when they like.
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True)
    few, many = map(int, done.stdout.split())
    assert 0 < many < 2 * few
