"""A cluster whose topics change while somebody lists them."""

from __future__ import annotations

from typing import Self

from framework import TopicNotFoundError
from framework.admin import Watermarks


class Cluster:
    """An admin client of a cluster where a topic is deleted between two requests."""

    def __init__(self) -> None:
        self.lists = [{"flights": 1, "gone": 1}, {"flights": 1}]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """It has no connections."""

    def topics(self) -> dict[str, int]:
        return self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]

    def watermarks(self, *names: str) -> dict[str, dict[int, Watermarks]]:
        if "gone" in names:
            raise TopicNotFoundError("Topic 'gone' doesn't exist.")
        return {name: {0: Watermarks(2, 9)} for name in names}
