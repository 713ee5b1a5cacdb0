"""How far librdkafka has fetched beyond what it delivers, read from its statistics. Pure.

librdkafka skips aborted messages without an event. Many of them over a slow network look like a broker
that doesn't answer: only `next_offset` (its STATISTICS.md) shows that they are being fetched.
"""

from __future__ import annotations

import json
from typing import Any, Final

from framework.types import KafkaSettings, TopicPartition

_PER_STALL: Final = 4
"""How many statistics arrive within the stall timeout."""
_LEAST: Final = 1000
_MOST: Final = 86_400_000
"""Milliseconds between two statistics, as librdkafka accepts them."""


class FetchStats:
    """Keeps the latest statistics of a client, and parses them only when asked."""

    def __init__(self) -> None:
        """Nothing was received yet."""
        self._latest = ""
        self._furthest: dict[TopicPartition, int] = {}
        self._callback: Any = None

    def add_to(self, settings: KafkaSettings, stall_timeout: float) -> dict[str, Any]:
        """Return the settings with statistics that come here; a callback of the user's gets them as well."""
        callback = settings.get("stats_cb")
        is_wanted = str(settings.get("statistics.interval.ms", 0)) != "0"
        if is_wanted and callback is not None:
            if not callable(callback):
                return dict(settings)  # the client reports what is wrong with it
            self._callback = callback
        interval = min(max(int(stall_timeout * 1000) // _PER_STALL, _LEAST), _MOST)
        ours = {"stats_cb": self} if is_wanted else {"stats_cb": self, "statistics.interval.ms": interval}
        return {**settings, **ours}

    def __call__(self, statistics: str) -> None:
        """Receive statistics; this is librdkafka's `stats_cb`."""
        self._latest = statistics
        if self._callback is not None:
            self._callback(statistics)

    def has_advanced(self, positions: dict[TopicPartition, int]) -> bool:
        """Return whether more was fetched, past these positions, than at the last call."""
        topics = json.loads(self._latest or "{}").get("topics", {})
        has_advanced = False
        for key, position in positions.items():
            partition = topics.get(key.topic, {}).get("partitions", {}).get(str(key.partition), {})
            before = max(position, self._furthest.get(key, 0))
            if (next_offset := partition.get("next_offset", 0)) > before:
                self._furthest[key] = next_offset
                has_advanced = True
        return has_advanced
