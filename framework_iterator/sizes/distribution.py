"""How sizes are distributed, in memory that doesn't grow with their number. Pure."""

from __future__ import annotations

import itertools
import math
from typing import Any, Final

FEW: Final = 1000
"""So many different sizes are counted one by one; of more, a sketch is made."""
ACCURACY: Final = 0.005
"""How far off, relatively, a size may be that comes out of the sketch."""
_BINS: Final = 8192
"""More than all sizes that a message can have take at this accuracy: none is ever merged away."""


class Distribution:
    """Sizes in bytes: each counted by itself while they are few, else in a sketch.

    The sketch is DDSketch (Masson, Rim and Lee, VLDB 2019), some 2,000 counters at most: what it says
    is off by half a per cent at most. `count`, `total` and `maximum` are always exact.
    """

    __slots__ = ("_counts", "_mapping", "_store", "maximum", "total")

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._counts: dict[int, int] = {}
        # Of the library's sketch, its two parts: the whole doesn't tell what its counters hold.
        self._mapping: Any = None
        self._store: Any = None
        self.total = 0
        self.maximum: int | None = None

    def add(self, size: int, count: int = 1) -> None:
        """Count a size."""
        counts = self._counts
        if size in counts:
            counts[size] += count
        else:
            counts[size] = count
            if self.maximum is None or size > self.maximum:
                self.maximum = size
            if len(counts) > FEW:
                self._condense()
        self.total += size * count

    @property
    def count(self) -> int:
        """How many sizes were seen."""
        return sum(self._counts.values()) + int(0 if self._store is None else self._store.count)

    @property
    def average(self) -> float | None:
        """Their mean, or None where there are none."""
        count = self.count
        return self.total / count if count else None

    def quantile(self, share: float) -> int | None:
        """The smallest size that so large a share of all does not exceed; None where there are none."""
        rank = max(1, math.ceil(share * self.count))
        weights = self.weights()
        reached = itertools.accumulate(count for _, count in weights)
        return next((size for (size, _), seen in zip(weights, reached, strict=True) if seen >= rank), None)

    def weights(self) -> list[tuple[int, int]]:
        """Each size and how many there are of it, in the order of sizes."""
        found = dict(self._counts)
        if self._store is not None:
            for key, count in enumerate(self._store.bins, self._store.offset):
                if count:
                    # The largest counter may stand for more than there is.
                    size = min(round(self._mapping.value(key)), self.maximum or 0)
                    found[size] = found.get(size, 0) + int(count)
        return sorted(found.items())

    def merge(self, other: Distribution) -> None:
        """Count all that the other has seen."""
        total = self.total + other.total
        for size, count in other._counts.items():
            self.add(size, count)
        if other._store is not None:
            self._condense()
            self._store.merge(other._store)
            self.maximum = max(self.maximum or 0, other.maximum or 0)
        self.total = total

    def _condense(self) -> None:
        """Bring what was counted into the sketch."""
        if self._store is None:
            # Loaded for the first distribution of many sizes, not with the package.
            from ddsketch.mapping import LogarithmicMapping
            from ddsketch.store import CollapsingLowestDenseStore

            self._mapping, self._store = LogarithmicMapping(ACCURACY), CollapsingLowestDenseStore(_BINS)
        for size, count in self._counts.items():
            if size:
                self._store.add(self._mapping.key(size), count)
        # It has no counter for zero, which needs none: it is one size.
        self._counts = {0: self._counts[0]} if 0 in self._counts else {}
