from __future__ import annotations

import logging
import time
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.cimpl import Consumer, Producer

from framework import (
    App,
    AuthenticationError,
    AuthorizationError,
    BrokerError,
    BrokerUnavailableError,
    ConfigError,
    PartitionNotFoundError,
    TopicNotFoundError,
)
from framework.client_errors import ClientErrors
from framework.clients import interruptible, open_admin, open_consumer, open_producer, request
from framework.config_keys import CONSUMER_ONLY, PRODUCER_ONLY
from framework.testing import mock_cluster

NOWHERE = {"bootstrap.servers": "127.0.0.1:1"}

# What fits a key of the other kind; "1000" fits the rest.
VALUES: dict[str, object] = {
    "acks": "all",
    "auto.offset.reset": "earliest",
    "check.crcs": True,
    "compression.level": 1,
    "compression.type": "gzip",
    "delivery.report.only.error": True,
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "enable.gapless.guarantee": True,
    "enable.idempotence": True,
    "enable.partition.eof": True,
    "group.id": "g",
    "group.instance.id": "g-1",
    "group.protocol": "classic",
    "group.protocol.type": "consumer",
    "group.remote.assignor": "uniform",
    "isolation.level": "read_committed",
    "offset.store.method": "broker",
    "offset.store.path": "/tmp",
    "on_commit": print,
    "on_delivery": print,
    "partition.assignment.strategy": "range",
    "partitioner": "random",
    "produce.offset.report": True,
    "queuing.strategy": "fifo",
    "share.acknowledgement.mode": "implicit",
    "transactional.id": "t",
}


def setting(key: str) -> dict[str, object]:
    return {**NOWHERE, key: VALUES.get(key, "1000")}


# One dictionary for all kinds of clients


@pytest.mark.parametrize("key", sorted(CONSUMER_ONLY))
def test_a_consumers_key_is_left_out_of_other_clients(key: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "framework.librdkafka")
    for client, _ in (open_producer(setting(key)), open_admin(setting(key))):
        client.poll(0)

    assert [line for line in caplog.messages if "ignored" in line] == []


@pytest.mark.parametrize("key", sorted(PRODUCER_ONLY))
def test_a_producers_key_is_left_out_of_other_clients(key: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "framework.librdkafka")
    consumer, _ = open_consumer({**setting(key), "group.id": "g"})
    consumer.poll(0)
    consumer.close()
    admin, _ = open_admin(setting(key))
    admin.poll(0)

    assert [line for line in caplog.messages if "ignored" in line] == []


def is_noticed(client: Any, settings: dict[str, Any], key: str, caplog: pytest.LogCaptureFixture) -> bool:
    """Whether librdkafka itself refuses a key, or says that it ignores it."""
    caplog.set_level(logging.DEBUG, "framework.librdkafka")
    try:
        client({**settings, **setting(key), "logger": logging.getLogger("framework.librdkafka")}).poll(0)
    except KafkaException as error:
        return "No such configuration property" in str(error)
    return any("ignored" in line for line in caplog.messages)


@pytest.mark.parametrize("key", sorted(CONSUMER_ONLY))
def test_a_producer_itself_would_notice_a_consumers_key(key: str, caplog: pytest.LogCaptureFixture) -> None:
    assert is_noticed(Producer, {}, key, caplog)


@pytest.mark.parametrize("key", sorted(PRODUCER_ONLY))
def test_a_consumer_itself_would_notice_a_producers_key(key: str, caplog: pytest.LogCaptureFixture) -> None:
    assert is_noticed(Consumer, {"group.id": "g"}, key, caplog)


def test_one_dictionary_serves_consumer_producer_and_admin(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG, "framework.librdkafka")
    kafka = {
        **NOWHERE,
        "group.id": "g",
        "isolation.level": "read_committed",
        "acks": "all",
        "on_commit": print,
    }
    consumer, _ = open_consumer(kafka)
    consumer.close()
    for client, _ in (open_producer(kafka), open_admin(kafka)):
        client.poll(0)

    assert [line for line in caplog.messages if "ignored" in line] == []
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("opened", [open_consumer, open_producer, open_admin])
@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        pytest.param(
            {"bootstrap.server": "x"},
            "Kafka setting 'bootstrap.server' is unknown. Did you mean 'bootstrap.servers'?",
            id="unknown key",
        ),
        pytest.param(
            {"socket.timeout.ms": "soon"},
            "Kafka setting refused: socket.timeout.ms='soon' is invalid.",
            id="impossible value",
        ),
        pytest.param(
            {"socket.timeout.ms": 1},
            'Kafka setting refused: Configuration property "socket.timeout.ms" value 1 is outside allowed '
            "range 10..300000.",
            id="too small",
        ),
        pytest.param({"error_cb": 5}, "Kafka setting refused: error_cb=5 is not a function.", id="error_cb"),
        pytest.param(
            {"client.rack": "\ud800"},
            "Kafka setting refused: client.rack is not encodable as UTF-8.",
            id="not UTF-8",
        ),
    ],
)
def test_an_invalid_setting_is_named(opened: Any, settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        opened({**NOWHERE, "group.id": "g", **settings})

    assert str(caught.value) == sentence


def test_a_setting_of_the_wrong_type_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        open_producer({**NOWHERE, "delivery.report.only.error": "true"})

    assert str(caught.value) == (
        "Kafka setting refused: Expected delivery.report.only.error to be bool type, not str."
    )


def test_a_refused_secret_is_not_shown() -> None:
    app = App(
        kafka={**NOWHERE, "security.protocol": "ssl", "ssl.key.pem": "s3cret", "ssl.key.password": "s3cret"}
    )

    with pytest.raises(ConfigError, match=r"ssl\.key\.pem") as caught:
        app.admin()
    assert "s3cret" not in f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"


# Requests

REFUSED = KafkaError(KafkaError._TRANSPORT, "127.0.0.1:1: Connection refused")
LOGIN = KafkaError(KafkaError._AUTHENTICATION, "Invalid username or password")
UNTRUSTED = "ssl://127.0.0.1:1/bootstrap: SSL handshake failed: certificate verify failed: see ssl.ca"


class FakeClient:
    """Counts its polls, and reports an error at the first of them."""

    def __init__(self, reported: ClientErrors, reports: KafkaError | None = None) -> None:
        self.polls = 0
        self._reported = reported
        self._reports = reports

    def poll(self, _timeout: float = 0) -> None:
        self.polls += 1
        if self._reports is not None:
            self._reported(self._reports)


def failing(times: int, code: int) -> Any:
    """A call that fails so often, and then says "answer"."""
    left = iter(range(times))

    def call(timeout: float) -> str:
        assert timeout > 0
        if next(left, None) is None:
            return "answer"
        raise KafkaException(KafkaError(code, "Not now"))

    return call


def test_a_request_returns_the_answer() -> None:
    client = FakeClient(reported := ClientErrors("127.0.0.1:1"))

    assert request(client, reported, 1.0, failing(0, 0)) == "answer"
    assert client.polls == 0


def test_a_retriable_error_is_retried_with_polls_between() -> None:
    client = FakeClient(reported := ClientErrors("127.0.0.1:1"))

    assert request(client, reported, 10.0, failing(3, KafkaError.LEADER_NOT_AVAILABLE)) == "answer"
    assert client.polls == 3


def test_another_error_is_raised_at_once() -> None:
    client = FakeClient(reported := ClientErrors("127.0.0.1:1"))

    with pytest.raises(AuthorizationError, match="Not now"):
        request(client, reported, 10.0, failing(99, KafkaError.TOPIC_AUTHORIZATION_FAILED))
    assert client.polls == 0


def test_a_refused_login_is_not_waited_for() -> None:
    reported = ClientErrors("127.0.0.1:1")
    client = FakeClient(reported, LOGIN)

    with pytest.raises(AuthenticationError, match="refused the login: Invalid username or password"):
        request(client, reported, 60.0, failing(99, KafkaError._TRANSPORT))
    assert client.polls == 1


def test_a_request_ends_when_no_address_is_trusted() -> None:
    reported = ClientErrors("127.0.0.1:1,h:2,")
    reported(KafkaError(KafkaError._SSL, UNTRUSTED))
    client = FakeClient(reported, KafkaError(KafkaError._SSL, UNTRUSTED.replace("127.0.0.1:1", "h:2")))

    with pytest.raises(BrokerUnavailableError, match="can be trusted: ssl://h:2/bootstrap: "):
        request(client, reported, 60.0, failing(99, KafkaError._TRANSPORT))
    assert client.polls == 1


@pytest.mark.parametrize(
    ("code", "reports", "kind", "sentence"),
    [
        pytest.param(
            KafkaError._TRANSPORT,
            REFUSED,
            BrokerUnavailableError,
            "No broker answered at 127.0.0.1:1 within 0.01 s: 127.0.0.1:1: Connection refused. "
            "Is Kafka running there?",
            id="silence with a reason",
        ),
        pytest.param(
            KafkaError._TIMED_OUT,
            None,
            BrokerUnavailableError,
            "No broker answered at 127.0.0.1:1 within 0.01 s: no error was reported. Is Kafka running there?",
            id="silence",
        ),
        pytest.param(
            KafkaError.UNKNOWN_TOPIC_OR_PART, None, TopicNotFoundError, "Not now.", id="the last answer"
        ),
    ],
)
def test_after_the_deadline_the_reason_is_raised(
    code: int, reports: KafkaError | None, kind: type[BrokerError], sentence: str
) -> None:
    reported = ClientErrors("127.0.0.1:1")

    with pytest.raises(BrokerError) as caught:
        request(FakeClient(reported, reports), reported, 0.01, failing(10**6, code))
    assert type(caught.value) is kind
    assert str(caught.value) == sentence


def test_a_missing_broker_is_an_error_in_time_with_address_and_reason() -> None:
    errors: list[KafkaError] = []
    app = App(kafka={**NOWHERE, "error_cb": errors.append}, broker_timeout=0.3)
    began = time.monotonic()

    with pytest.raises(BrokerUnavailableError) as caught:
        app.admin().topics()
    assert time.monotonic() - began < 10
    assert str(caught.value).startswith(
        "No broker answered at 127.0.0.1:1 within 0.3 s: 127.0.0.1:1/bootstrap: "
    )
    assert str(caught.value).endswith("Is Kafka running there?")
    assert "refused" in str(caught.value)
    assert caught.value.name == "_TRANSPORT"
    assert errors != []


def test_a_client_that_reads_is_not_polled_between_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    reported = ClientErrors("127.0.0.1:1")

    assert request(None, reported, 10.0, failing(2, KafkaError.LEADER_NOT_AVAILABLE)) == "answer"
    assert len(pauses) == 2


def test_ctrl_c_within_a_callback_of_the_client_is_ctrl_c() -> None:
    def call() -> None:
        raise SystemError("<method 'poll'> returned NULL without setting an exception")

    with pytest.raises(KeyboardInterrupt):
        interruptible(call)


def test_another_system_error_of_the_client_is_raised() -> None:
    def call() -> None:
        raise SystemError("another one")

    with pytest.raises(SystemError, match="another one"):
        interruptible(call)


# Producing


def test_leaving_a_producers_block_delivers_everything() -> None:
    delivered: list[object] = []
    with mock_cluster() as servers, App(kafka={"bootstrap.servers": servers}).producer() as producer:
        for _ in range(3):
            producer.produce(
                "flights", b"1", on_delivery=lambda error, message: delivered.append(error or message.topic())
            )

    assert delivered == ["flights", "flights", "flights"]


def test_a_refused_message_is_raised_at_the_end_of_the_block_and_passed_to_the_apps_own_callback() -> None:
    received: list[KafkaError] = []
    kafka = {"on_delivery": lambda error, _message: received.append(error)}

    with (
        mock_cluster() as servers,
        pytest.raises(PartitionNotFoundError) as caught,
        App(kafka={**kafka, "bootstrap.servers": servers}).producer() as producer,
    ):
        producer.produce("flights", b"1", partition=99)
    assert str(caught.value) == "Messages refused: 1, the first to flights-99: Local: Unknown partition."
    assert [error.code() for error in received] == [KafkaError._UNKNOWN_PARTITION]


def test_an_undelivered_message_is_raised_at_the_end_of_the_block() -> None:
    with (
        pytest.raises(BrokerUnavailableError, match=r"Messages not delivered: 1\. No broker answered"),
        App(kafka=NOWHERE, broker_timeout=0.2).producer() as producer,
    ):
        producer.produce("flights", b"1")


def test_an_exception_in_the_block_leaves_it_at_once() -> None:
    began = time.monotonic()

    with (
        pytest.raises(ZeroDivisionError),
        App(kafka=NOWHERE, broker_timeout=60).producer() as producer,
    ):
        producer.produce("flights", b"1")
        _ = 1 / 0
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("servers", ["", ",", ":9092", "a:1,b:70000", "a:b", "a:0"])
def test_invalid_servers_are_refused_at_once(servers: str) -> None:
    with pytest.raises(ConfigError, match=" is invalid: expected "):
        open_consumer({"bootstrap.servers": servers, "group.id": "g"})


@pytest.mark.parametrize("servers", ["a", "a:1,b:65535", "[::1]:9092", "PLAINTEXT://a:1", "a:1,"])
def test_valid_servers_are_taken(servers: str) -> None:
    consumer, reported = open_consumer({"bootstrap.servers": servers, "group.id": "g"})
    consumer.close()
    assert reported.servers == servers
