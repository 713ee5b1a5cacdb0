"""A producer's block: what an `on_delivery` raises, that of the settings as that of a message."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import threading
from typing import Any

import pytest
from confluent_kafka.cimpl import Producer

from framework import App, BrokerError, CallbackError, ConfigError, TopicNotFoundError
from framework.testing import mock_cluster

Produce = cabc.Callable[[Producer, Any], object]


@pytest.fixture(scope="module")
def servers() -> cabc.Iterator[str]:
    with mock_cluster() as servers:
        yield servers


@contextlib.contextmanager
def producing(servers: str, broker_timeout: float = 5.0, **settings: Any) -> cabc.Iterator[Producer]:
    app = App(kafka={"bootstrap.servers": servers, **settings}, broker_timeout=broker_timeout)
    with app.producer() as producer:
        yield producer


def raising(error: BaseException) -> Any:
    def on_delivery(*_: object) -> None:
        raise error

    return on_delivery


def connect(producer: Producer) -> None:
    """Deliver a message: the first one may take longer than a callback may."""
    producer.produce("flights", b"first", on_delivery=lambda *_: None)
    assert producer.flush(20) == 0


def by_position(producer: Producer, function: Any) -> None:
    producer.produce("flights", b"1", b"key", -1, function)


def in_a_batch(producer: Producer, function: Any) -> None:
    producer.produce_batch("flights", [{"value": b"1"}, {"value": b"2"}], on_delivery=function)


def in_a_message_of_a_batch(producer: Producer, function: Any) -> None:
    producer.produce_batch("flights", [{"value": b"1"}, {"value": b"2", "callback": function}])


OF_A_MESSAGE: list[Produce] = [
    lambda producer, function: producer.produce("flights", b"1", on_delivery=function),
    lambda producer, function: producer.produce("flights", b"1", callback=function),
    by_position,
    in_a_batch,
    in_a_message_of_a_batch,
]
IDS = ["on_delivery", "callback", "by position", "in a batch", "of one in a batch"]
EACH = pytest.mark.parametrize(
    "produce", OF_A_MESSAGE, ids=["on_delivery", "callback", "position", "batch", "of"]
)


def test_the_exception_of_an_on_delivery_of_the_settings_is_the_cause(servers: str) -> None:
    error = ValueError("mine")
    with (
        pytest.raises(CallbackError, match=r"^on_delivery raised ValueError: mine\.$") as caught,
        producing(servers, on_delivery=raising(error)) as producer,
    ):
        producer.produce("flights", b"1")
    assert caught.value.__cause__ is error


@EACH
def test_the_exception_of_an_on_delivery_of_a_message_is_the_cause(servers: str, produce: Produce) -> None:
    error = ValueError("mine")
    with (
        pytest.raises(CallbackError, match=r"^on_delivery raised ValueError: mine\.$") as caught,
        producing(servers) as producer,
    ):
        produce(producer, raising(error))
    assert caught.value.__cause__ is error
    assert caught.value.callback == "on_delivery"


def test_an_exception_does_not_leave_poll_or_flush(servers: str) -> None:
    over = False
    with pytest.raises(CallbackError, match="mine"), producing(servers) as producer:
        for _ in range(3):
            producer.produce("flights", b"1", on_delivery=raising(ValueError("mine")))
        producer.flush()
        producer.poll(0)
        over = True
    assert over


@EACH
def test_the_exception_of_the_block_wins(servers: str, produce: Produce) -> None:
    with pytest.raises(KeyError) as caught, producing(servers) as producer:
        produce(producer, raising(ValueError("mine")))
        raise KeyError("of the block")
    assert caught.value.args == ("of the block",)
    assert caught.value.__notes__ == ["on_delivery raised ValueError: mine."]


@EACH
def test_an_on_delivery_that_never_returns_is_left(servers: str, produce: Produce) -> None:
    over = threading.Event()
    try:
        with (
            pytest.raises(CallbackError, match=r"^on_delivery did not return within 1 s\.$"),
            producing(servers, 1.0) as producer,
        ):
            connect(producer)
            produce(producer, lambda *_: over.wait())
    finally:
        over.set()


def test_many_calls_of_an_on_delivery_may_take_longer_than_broker_timeout(servers: str) -> None:
    # A hundred thousand messages may wait, and each call may write to a log or a database.
    called: list[object] = []

    def slow(_error: object, message: Any) -> None:
        threading.Event().wait(0.03)
        called.append(message.value())

    with producing(servers, 2.0) as producer:
        connect(producer)
        for number in range(90):
            producer.produce("flights", str(number), on_delivery=slow)
    assert len(called) == 90


def test_an_on_delivery_of_the_settings_that_never_returns_is_left(servers: str) -> None:
    over = threading.Event()
    try:
        with (
            pytest.raises(CallbackError, match=r"^on_delivery did not return within 1 s\.$"),
            producing(servers, 1.0, on_delivery=lambda *_: over.wait()) as producer,
        ):
            connect(producer)
            producer.produce("flights", b"1")
    finally:
        over.set()


@EACH
def test_a_message_has_its_own_on_delivery_instead_of_that_of_the_settings(
    servers: str, produce: Produce
) -> None:
    called: list[object] = []
    of_settings: list[object] = []
    with producing(servers, on_delivery=lambda _error, _message: of_settings.append(1)) as producer:
        produce(producer, lambda error, _message: called.append(error))
    assert set(called) == {None}
    assert len(of_settings) == (1 if produce is in_a_message_of_a_batch else 0)


def test_a_refused_message_is_an_error_though_it_has_its_own_on_delivery(servers: str) -> None:
    told: list[Any] = []
    with (
        pytest.raises(BrokerError, match="Messages refused: 1"),
        producing(servers, **{"enable.idempotence": False}) as producer,
    ):
        producer.produce("flights", b"1", partition=99, on_delivery=lambda error, _: told.append(error))
    assert [error.name() for error in told] == ["_UNKNOWN_PARTITION"]


@EACH
def test_what_is_no_function_is_refused_at_once(servers: str, produce: Produce) -> None:
    with pytest.raises(ConfigError, match="on_delivery=5 is not a function"), producing(servers) as producer:
        produce(producer, 5)


def test_all_parts_of_a_message_are_sent(servers: str) -> None:
    sent: list[Any] = []
    with producing(servers, on_delivery=lambda _error, message: sent.append(message)) as producer:
        producer.produce("flights", "text", "key", 2, timestamp=1_700_000_000_000, headers={"a": b"b"})
        producer.produce(topic="flights", value=b"bytes", key=None, partition=1)
    parts = {(each.partition(), each.value(), each.key()) for each in sent}
    assert parts == {(2, b"text", b"key"), (1, b"bytes", None)}


def test_a_batch_shows_which_messages_were_not_queued(servers: str) -> None:
    messages: list[dict[str, Any]] = [{"value": b"1" * 2000, "callback": print}, {"value": b"2"}]
    with producing(servers, **{"message.max.bytes": 1000}) as producer:
        assert producer.produce_batch("flights", messages) == 1
    assert messages[0]["callback"] is print
    assert "_error" in messages[0]
    assert "_error" not in messages[1]


@pytest.mark.parametrize("others", [[], ["flights"]], ids=["alone", "others were delivered"])
def test_a_topic_that_does_not_exist_is_named(servers: str, others: list[str]) -> None:
    delivered: list[Any] = []
    with producing(servers) as producer:
        producer.produce("flights", b"1")
    with (
        pytest.raises(TopicNotFoundError) as caught,
        producing(servers, 1.0, **{"allow.auto.create.topics": False}) as producer,
    ):
        for name in others:
            producer.produce(name, b"1", on_delivery=lambda _, message: delivered.append(message.topic()))
        producer.produce("fligths", b"1")
        producer.produce("fligths", b"2", on_delivery=lambda *_: None)
    assert str(caught.value) == (
        "Messages not delivered: 2. Topic 'fligths' doesn't exist. Did you mean 'flights'?"
    )
    assert delivered == others


@pytest.mark.parametrize(("partition", "target"), [(-1, "flights"), (2, "flights-2")])
def test_a_message_that_is_too_large_is_refused_with_its_size(
    servers: str, partition: int, target: str
) -> None:
    with (
        pytest.raises(BrokerError) as caught,
        producing(servers, **{"message.max.bytes": 1000}) as producer,
    ):
        producer.produce("flights", b"1" * 2000, "key", partition)
    assert str(caught.value) == (
        f"Message of 2,003 bytes to {target} refused: Broker: Message size too large. "
        "Send less, or raise message.max.bytes of the producer and max.message.bytes of the topic."
    )
    assert caught.value.name == "MSG_SIZE_TOO_LARGE"
