"""Sizes in a handful of bins, for bars on a terminal and in a picture. Pure."""

from __future__ import annotations

import collections.abc as cabc
import itertools
import math
from typing import Final, NamedTuple

from framework_iterator.sizes.distribution import Distribution

_STEEP: Final = 16


class Bin(NamedTuple):
    """How many messages have a size from `low` to `high`, both included, in bytes."""

    low: int
    high: int
    messages: int


def bins(distribution: Distribution, most: int) -> list[Bin]:
    """At most so many bins from the smallest size to the largest, empty ones between them included."""
    weights = distribution.weights()
    if not weights:
        return []
    low, high = weights[0][0], weights[-1][0]
    # Exact, unlike what the sketch says of it.
    high = max(high, distribution.maximum or 0)
    edges = _edges(low, high, most)
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


def is_steep(low: int, high: int) -> bool:
    """Whether bins grow by a factor instead of by a step: where the largest is many times the smallest."""
    return high > _STEEP * max(low, 1)


def bars(found: cabc.Sequence[Bin], width: int) -> list[str]:
    """The bins as lines of text: sizes, messages, and a bar, in at most `width` columns."""
    if not found:
        return []
    sizes = [f"{low:,}" if low == high else f"{low:,} - {high:,}" for low, high, _ in found]
    counts = [f"{count:,}" for *_, count in found]
    head = ("bytes", "messages")
    left = max(map(len, [*sizes, head[0]]))
    right = max(map(len, [*counts, head[1]]))
    room = max(1, width - left - right - 4)
    most = max(count for *_, count in found)
    lines = [f"{head[0]:>{left}}  {head[1]:>{right}}"]
    for size, shown, (*_, count) in zip(sizes, counts, found, strict=True):
        # Even the rarest leaves a trace: it may be the one that somebody looks for.
        bar = "█" * math.ceil(count * room / most)
        lines.append(f"{size:>{left}}  {shown:>{right}}  {bar}".rstrip())
    return lines


def _edges(low: int, high: int, most: int) -> list[int]:
    """Where bins begin, and behind the last where it ends."""
    if is_steep(low, high):
        first = max(low, 1)
        steps = {round(first * (high / first) ** (step / most)) for step in range(1, most)}
    else:
        # All of one width: else the wider would look as if there were more.
        steps = set(range(low, high + 1, math.ceil((high + 1 - low) / most)))
    return sorted({low, high + 1} | {step for step in steps if low < step <= high})
