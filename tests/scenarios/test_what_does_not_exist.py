"""Unknown topics and partitions are an error before the first message, and reading never creates them."""

from __future__ import annotations

import socket

import pytest

from framework import App, BrokerUnavailableError, PartitionNotFoundError, TopicNotFoundError
from framework_iterator import Iterator
from tests import support
from tests.child_server import closed_port
from tests.faults.brokers import bounded


def test_an_unknown_topic_is_named_with_close_matches_and_not_created(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a"])
    with bounded(), pytest.raises(TopicNotFoundError) as caught:
        next(iter(Iterator(f"{name}s")))
    assert str(caught.value).startswith(f"Topic '{name}s' doesn't exist. Did you mean '{name}'")
    assert (caught.value.name, caught.value.code) == ("UNKNOWN_TOPIC_OR_PART", 3)
    assert f"{name}s" not in app.admin().topics()


def test_a_name_in_another_case_is_suggested(app: App, topic: support.TopicFactory) -> None:
    name = topic()
    with pytest.raises(TopicNotFoundError) as caught:
        Iterator(name.upper()).first()
    assert str(caught.value).startswith(f"Topic '{name.upper()}' doesn't exist. Did you mean '{name}'")


def test_one_unknown_topic_among_several_is_named(app: App, topic: support.TopicFactory) -> None:
    name, missing = topic(1, ["a"]), support.topic_name("nowhere")
    with bounded(), pytest.raises(TopicNotFoundError, match=f"^Topic '{missing}' doesn't exist"):
        Iterator([name, missing]).plan()


def test_an_unknown_partition_is_named_with_those_there_are(app: App, topic: support.TopicFactory) -> None:
    name = topic(3)
    with bounded(), pytest.raises(PartitionNotFoundError) as caught:
        Iterator({name: {0: 5, 7: -1}}).first()
    assert str(caught.value) == f"Topic '{name}' has no partition 7. It has partitions 0 to 2."


def test_no_partition_of_the_wrong_number_is_read_before_the_error(
    app: App, topic: support.TopicFactory
) -> None:
    iterator = Iterator({topic(1, ["a"]): [0, 1]})
    with bounded(), pytest.raises(PartitionNotFoundError):
        list(iterator)
    assert iterator.report is None


def test_no_broker_is_an_error_that_names_the_address_and_the_reason(
    app: App, topic: support.TopicFactory
) -> None:
    port = closed_port()
    nobody = App(kafka={"bootstrap.servers": f"127.0.0.1:{port}"}, broker_timeout=0.5)

    def reason() -> str:
        with bounded(), pytest.raises(BrokerUnavailableError) as caught:
            list(Iterator("flights", app=nobody))
        return str(caught.value)

    # On a busy machine the time may be over before the client has tried.
    support.wait_until(lambda: "Connection refused" in reason(), "a connection that is refused")
    assert f"No broker answered at 127.0.0.1:{port} within 0.5 s" in reason()
    assert [message.payload for message in Iterator(topic(1, ["a"]), app=app)] == ["a"]


def test_a_port_that_never_answers_is_an_error_too(app: App, topic: support.TopicFactory) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        silent = App(
            kafka={"bootstrap.servers": f"127.0.0.1:{listener.getsockname()[1]}"}, broker_timeout=0.5
        )
        with bounded(), pytest.raises(BrokerUnavailableError, match="No broker answered at"):
            Iterator("flights", app=silent).plan()
    assert [message.payload for message in Iterator(topic(1, ["a"]), app=app)] == ["a"]


def test_after_an_error_the_same_iterator_works_once_the_topic_is_there(
    app: App, topic: support.TopicFactory, request: pytest.FixtureRequest
) -> None:
    name = support.topic_name(request.node.name)
    iterator = Iterator(name)
    with bounded(), pytest.raises(TopicNotFoundError):
        list(iterator)
    app.admin().create(name)
    try:
        with app.producer() as producer:
            producer.produce(name, "a")
        assert [message.payload for message in iterator] == ["a"]
    finally:
        app.admin().delete(name)
