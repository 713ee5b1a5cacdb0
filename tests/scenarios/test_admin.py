"""Topics are created, looked at and deleted as a whole, and each failure says why."""

from __future__ import annotations

import collections.abc as cabc

import pytest

from framework import App, BrokerError, BrokerUnavailableError, TopicNotFoundError
from framework.admin import Watermarks
from framework.testing import reset_current_app
from tests import support
from tests.child_server import closed_port
from tests.held import all_is_as, counts


def test_a_topic_is_there_once_it_is_created_and_away_once_it_is_deleted(app: App) -> None:
    name = support.topic_name("admin")
    with app.admin() as admin:
        admin.create(name, partitions=3, config={"retention.ms": -1})
        assert admin.topics()[name] == 3
        assert admin.watermarks(name) == {name: dict.fromkeys(range(3), Watermarks(0, 0))}
        admin.delete(name)
        assert name not in admin.topics()


def test_watermarks_tell_the_last_stable_offset_if_asked(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a", "b"])
    with support.transaction(kafka) as producer, app.admin() as admin:
        support.produce(producer, name, ["pending"])
        assert admin.watermarks(name) == {name: {0: Watermarks(0, 3)}}
        assert admin.watermarks(name, committed_only=True) == {name: {0: Watermarks(0, 2)}}


def test_a_topic_that_exists_is_not_created_again(app: App, topic: support.TopicFactory) -> None:
    name = topic(1)
    with app.admin() as admin, pytest.raises(BrokerError) as caught:
        admin.create(name)
    assert str(caught.value) == f"Can't create '{name}': Topic '{name}' already exists."
    assert caught.value.name == "TOPIC_ALREADY_EXISTS"


def test_a_topic_that_is_not_there_is_named_with_close_ones(app: App, topic: support.TopicFactory) -> None:
    name = topic(1)
    with app.admin() as admin:
        for ask in (admin.delete, admin.watermarks):
            with pytest.raises(TopicNotFoundError) as caught:
                ask(name[:-1])
            assert str(caught.value).startswith(f"Topic '{name[:-1]}' doesn't exist. Did you mean '{name}'")


def test_without_a_broker_every_call_says_where_and_why() -> None:
    nobody = f"127.0.0.1:{closed_port()}"
    reset_current_app()
    admin = App(kafka={"bootstrap.servers": nobody}, broker_timeout=0.3).admin()

    def reason(ask: cabc.Callable[[], object]) -> str:
        with pytest.raises(BrokerUnavailableError) as caught:
            ask()
        return str(caught.value)

    # On a busy machine the time may be over before the client has tried.
    support.wait_until(lambda: "refused" in reason(admin.topics), "a connection that is refused")
    for ask in (admin.topics, lambda: admin.create("x"), lambda: admin.delete("x")):
        said = reason(ask)
        assert f"No broker answered at {nobody} within 0.3 s: " in said
        assert "Connection refused" in said
    reset_current_app()


def test_a_block_closes_its_client(app: App) -> None:
    before = counts()
    with app.admin() as admin:
        admin.topics()
    assert all_is_as(before)
    with pytest.raises(AttributeError):
        admin.topics()
