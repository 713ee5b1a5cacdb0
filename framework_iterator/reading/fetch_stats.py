"""How far a client has come where it hands nothing out: what librdkafka's statistics tell of it. Pure.

What was aborted librdkafka leaves out by itself, and says nothing of it. So a long stretch of that, over
a slow network, looks like a dead broker: only `next_offset` (its STATISTICS.md) shows that it is read.
"""

from __future__ import annotations

import json
from typing import Any

from framework.types import KafkaSettings, Partition

_PER_STALL = 4
"""How many statistics come in the time after which a run has stalled; a run that is shorter gets none."""
_LEAST, _MOST = 1000, 86_400_000
"""Milliseconds between two of them, as librdkafka takes them."""


class FetchStats:
    """Listens to a client's statistics, and reads them only when asked."""

    def __init__(self) -> None:
        """Nothing was heard yet."""
        self._latest = ""
        self._furthest: dict[Partition, int] = {}
        self._also: Any = None

    def settings(self, given: KafkaSettings, stall_timeout: float) -> dict[str, Any]:
        """These settings, with statistics that come here, and those that somebody wants go there as well."""
        also = given.get("stats_cb")
        is_wanted = str(given.get("statistics.interval.ms", 0)) != "0"
        if is_wanted and also is not None:
            if not callable(also):
                return dict(given)  # the client says what is wrong with it
            self._also = also
        pause = min(max(int(stall_timeout * 1000) // _PER_STALL, _LEAST), _MOST)
        ours = {"stats_cb": self} if is_wanted else {"stats_cb": self, "statistics.interval.ms": pause}
        return {**given, **ours}

    def __call__(self, statistics: str) -> None:
        """librdkafka's `stats_cb`."""
        self._latest = statistics
        if self._also is not None:
            self._also(statistics)

    def is_made(self, positions: dict[Partition, int]) -> bool:
        """Whether, past these positions, more was read than when this was last asked."""
        topics = json.loads(self._latest or "{}").get("topics", {})
        is_made = False
        for (topic, number), position in positions.items():
            told = topics.get(topic, {}).get("partitions", {}).get(str(number), {})
            before = max(position, self._furthest.get((topic, number), 0))
            if (furthest := told.get("next_offset", 0)) > before:
                self._furthest[topic, number] = furthest
                is_made = True
        return is_made
