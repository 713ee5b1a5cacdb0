from __future__ import annotations

from typing import Any, cast

import pytest

from framework import App, TopicNotFoundError
from framework.admin import Watermarks
from framework.cli.topics import collect


class Cluster:
    """An admin client of a cluster where a topic is deleted between two requests."""

    def __init__(self) -> None:
        self.lists = [{"flights": 1, "gone": 1}, {"flights": 1}]

    def topics(self) -> dict[str, int]:
        return self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]

    def watermarks(self, *names: str) -> dict[str, dict[int, Watermarks]]:
        if "gone" in names:
            raise TopicNotFoundError("Topic 'gone' doesn't exist.")
        return {name: {0: Watermarks(2, 9)} for name in names}


@pytest.mark.parametrize("everything", [True, False])
def test_where_a_topic_is_deleted_meanwhile_the_others_are_shown(everything: bool) -> None:
    app: Any = App()
    app.topic("flights")
    app.admin = Cluster
    rows = collect(cast("App", app), everything=everything)
    assert [(row["topic"], row["partitions"], row["offsets"]) for row in rows] == [("flights", 1, 7)]
