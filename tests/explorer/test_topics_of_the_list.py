"""The list of topics, while other programs create and delete some."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, Self

import pytest

from framework import App, TopicNotFoundError
from framework.admin import Watermarks
from framework.testing import reset_current_app
from framework_iterator.explorer.reading import list_topics


@pytest.fixture(autouse=True)
def _no_current_app() -> cabc.Iterator[None]:
    reset_current_app()
    yield
    reset_current_app()


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


def test_where_a_topic_is_deleted_meanwhile_the_others_are_shown() -> None:
    app: Any = App()
    app.admin = Cluster
    rows, problem = list_topics(app, lambda _: False)
    assert problem is None
    assert [(row.name, row.partitions, row.offsets) for row in rows] == [("flights", 1, 7)]
