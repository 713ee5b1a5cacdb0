"""A distribution of sizes, in memory that does not grow with the number of messages. Pure."""

from __future__ import annotations

import itertools
import math
from typing import Any, Final

from framework_iterator.errors import InvalidOptionError

EXACT_LIMIT: Final = 1000
"""Up to so many different sizes each has its own counter; beyond, a sketch is used."""
ACCURACY: Final = 0.005
"""The largest relative error of a size that comes from the sketch."""
_SKETCH_BINS: Final = 8192
"""More counters than this accuracy needs for all possible sizes, so the sketch never merges any."""


class Distribution:
    """How often each size occurs, in bytes: exact for up to 1,000 different sizes, else a sketch.

    The sketch is DDSketch (Masson, Rim and Lee, VLDB 2019): at most some 2,000 counters, and a relative
    error of at most 0.5 %. `count`, `total`, `average` and `maximum` are always exact.
    """

    __slots__ = ("_counts", "_mapping", "_store", "maximum", "total")

    def __init__(self) -> None:
        """Start without sizes."""
        self._counts: dict[int, int] = {}
        # The two parts of the library's DDSketch: the class itself doesn't expose its counters.
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
            if len(counts) > EXACT_LIMIT:
                self._move_to_sketch()
        self.total += size * count

    @property
    def count(self) -> int:
        """How many sizes were counted."""
        return sum(self._counts.values()) + int(0 if self._store is None else self._store.count)

    @property
    def average(self) -> float | None:
        """The mean; None without sizes."""
        count = self.count
        return self.total / count if count else None

    @property
    def median(self) -> int | None:
        """The smallest size that half of them do not exceed; None without sizes."""
        return self.quantile(0.5)

    @property
    def p95(self) -> int | None:
        """The 95th percentile; None without sizes."""
        return self.quantile(0.95)

    @property
    def p99(self) -> int | None:
        """The 99th percentile; None without sizes."""
        return self.quantile(0.99)

    def quantile(self, share: float) -> int | None:
        """Return the smallest size that this share of them, from 0 to 1, does not exceed."""
        if not 0 <= share <= 1:
            raise InvalidOptionError(f"quantile({share!r}) is invalid: expected a number from 0 to 1.")
        rank = max(1, math.ceil(share * self.count))
        weights = self.weights()
        cumulative = itertools.accumulate(count for _, count in weights)
        return next((size for (size, _), seen in zip(weights, cumulative, strict=True) if seen >= rank), None)

    def weights(self) -> list[tuple[int, int]]:
        """Return each size and how often it occurs, in the order of sizes."""
        found = dict(self._counts)
        if self._store is not None:
            for key, count in enumerate(self._store.bins, self._store.offset):
                if count:
                    # The representative size of the last counter may exceed the maximum.
                    size = min(round(self._mapping.value(key)), self.maximum or 0)
                    found[size] = found.get(size, 0) + int(count)
        return sorted(found.items())

    def merge(self, other: Distribution) -> None:
        """Add all sizes of another distribution."""
        total = self.total + other.total
        for size, count in other._counts.items():
            self.add(size, count)
        if other._store is not None:
            self._move_to_sketch()
            self._store.merge(other._store)
            self.maximum = max(self.maximum or 0, other.maximum or 0)
        self.total = total

    def _move_to_sketch(self) -> None:
        if self._store is None:
            # Imported for the first distribution of many sizes.
            from ddsketch.mapping import LogarithmicMapping
            from ddsketch.store import CollapsingLowestDenseStore

            self._mapping = LogarithmicMapping(ACCURACY)
            self._store = CollapsingLowestDenseStore(_SKETCH_BINS)
        for size, count in self._counts.items():
            if size:
                self._store.add(self._mapping.key(size), count)
        # The logarithmic counters have none for zero, which keeps its own.
        self._counts = {0: self._counts[0]} if 0 in self._counts else {}
