"""The list of topics, while other programs create and delete some."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any

import pytest

from framework import App
from framework.testing import reset_current_app
from framework_iterator.explorer.reading import list_topics
from tests.deleted_meanwhile import Cluster


@pytest.fixture(autouse=True)
def _no_current_app() -> cabc.Iterator[None]:
    reset_current_app()
    yield
    reset_current_app()


def test_where_a_topic_is_deleted_meanwhile_the_others_are_shown() -> None:
    app: Any = App()
    app.admin = Cluster
    rows, problem = list_topics(app, lambda _: False)
    assert problem is None
    assert [(row.name, row.partitions, row.offsets) for row in rows] == [("flights", 1, 7)]
