"""Marks go to group_id=, else to the settings' group.id, else to <client_id>-iterator; never to the app's."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from framework import App
from framework.testing import reset_current_app
from framework_iterator import Iterator
from tests import support
from tests.scenarios.marking import committed
from tests.scenarios.reading import shown


def groups_of(admin: AdminClient, name: str) -> dict[str, dict[int, int]]:
    """What each group that could be meant has committed of a topic."""
    groups = {end: committed(admin, f"{name}-{end}") for end in ("option", "settings", "app", "iterator")}
    return {
        end: {partition: offset for (_, partition), offset in offsets.items()}
        for end, offsets in groups.items()
        if offsets
    }


@pytest.mark.parametrize(
    ("given", "chosen"),
    [(("option", "settings"), "option"), ((None, "settings"), "settings"), ((None, None), "iterator")],
    ids=["group_id", "settings", "client_id"],
)
def test_the_nearest_group_is_taken(
    kafka: str,
    admin: AdminClient,
    topic: support.TopicFactory,
    given: tuple[str | None, str | None],
    chosen: str,
) -> None:
    name = topic(1, ["a", "b", "c"])
    option, settings = (end and f"{name}-{end}" for end in given)
    reset_current_app()
    app = App(kafka={"bootstrap.servers": kafka, "group.id": f"{name}-app"}, client_id=name)
    iterator: Iterator[Any] = Iterator(
        {name: True},
        app=app,
        group_id=option,
        settings={"group.id": settings} if settings else None,
        limit=2,
    )
    for message in iterator:
        iterator.mark_as_consumed(message)
    assert groups_of(admin, name) == {chosen: {0: 2}}
    assert [message.offset for message in iterator] == [2]
    reset_current_app()


def test_groups_know_nothing_of_each_other(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["a", "b", "c"])
    for limit in (1, 2):
        iterator: Iterator[Any] = Iterator(name, limit=limit, group_id=f"{name}-{limit}")
        for message in iterator:
            iterator.mark_as_consumed(message)
    assert shown(Iterator({name: True}, group_id=f"{name}-1")) == "b@1 c@2"
    assert shown(Iterator({name: True}, group_id=f"{name}-2")) == "c@2"
