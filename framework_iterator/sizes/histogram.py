"""A histogram of sizes: its bins, and bars for a terminal. Pure."""

from __future__ import annotations

import collections.abc as cabc
import itertools
import math
from typing import Final, NamedTuple

from framework_iterator.sizes.distribution import Distribution

_LOGARITHMIC_FROM: Final = 16
"""The ratio of the largest size to the smallest above which the scale is logarithmic."""


class Bin(NamedTuple):
    """How many messages have a size from `low` to `high`, both included, in bytes."""

    low: int
    high: int
    messages: int


def make_bins(distribution: Distribution, limit: int) -> list[Bin]:
    """Return up to `limit` bins from the smallest size to the largest, also those without messages."""
    weights = distribution.weights()
    if not weights:
        return []
    low, high = weights[0][0], weights[-1][0]
    # Exact, unlike the largest size of the sketch.
    high = max(high, distribution.maximum or 0)
    edges = _edges(low, high, limit)
    counts = [0] * (len(edges) - 1)
    index = 0
    for size, count in weights:
        while size >= edges[index + 1]:
            index += 1
        counts[index] += count
    return [
        Bin(start, end - 1, count)
        for (start, end), count in zip(itertools.pairwise(edges), counts, strict=True)
    ]


def is_logarithmic(low: int, high: int) -> bool:
    """Whether bins between these sizes grow by a factor, not by a step."""
    return high > _LOGARITHMIC_FROM * max(low, 1)


def draw_bars(bins: cabc.Sequence[Bin], width: int) -> list[str]:
    """Return the bins as lines of at most `width` columns: sizes, messages, and a bar."""
    if not bins:
        return []
    sizes = [f"{low:,}" if low == high else f"{low:,} - {high:,}" for low, high, _ in bins]
    counts = [f"{count:,}" for *_, count in bins]
    head = ("bytes", "messages")
    left = max(map(len, [*sizes, head[0]]))
    right = max(map(len, [*counts, head[1]]))
    longest = max(1, width - left - right - 4)
    largest = max(count for *_, count in bins)
    lines = [f"{head[0]:>{left}}  {head[1]:>{right}}"]
    for size, shown, (*_, count) in zip(sizes, counts, bins, strict=True):
        # Rounded up, so that a rare size is visible.
        bar = "█" * math.ceil(count * longest / largest)
        lines.append(f"{size:>{left}}  {shown:>{right}}  {bar}".rstrip())
    return lines


def _edges(low: int, high: int, limit: int) -> list[int]:
    """Return the first size of each bin, and the first size after the last bin."""
    if is_logarithmic(low, high):
        first = max(low, 1)
        steps = {round(first * (high / first) ** (step / limit)) for step in range(1, limit)}
    else:
        # All of one width: a wider bin would count more messages only because of its width.
        steps = set(range(low, high + 1, math.ceil((high + 1 - low) / limit)))
    return sorted({low, high + 1} | {step for step in steps if low < step <= high})
