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
    BrokerTimeoutError,
    BrokerUnavailableError,
    ConfigError,
    PartitionNotFoundError,
    TopicNotFoundError,
)
from framework.clients import (
    ClientErrors,
    as_error,
    ask,
    is_worth_asking_again,
    open_admin,
    open_consumer,
    open_producer,
)
from framework.config import CONSUMER_ONLY, PRODUCER_ONLY
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


def is_minded(client: Any, settings: dict[str, Any], key: str, caplog: pytest.LogCaptureFixture) -> bool:
    """Whether librdkafka itself refuses a key, or says that it ignores it."""
    caplog.set_level(logging.DEBUG, "framework.librdkafka")
    try:
        client({**settings, **setting(key), "logger": logging.getLogger("framework.librdkafka")}).poll(0)
    except KafkaException as error:
        return "No such configuration property" in str(error)
    return any("ignored" in line for line in caplog.messages)


@pytest.mark.parametrize("key", sorted(CONSUMER_ONLY))
def test_a_producer_would_mind_a_consumers_key(key: str, caplog: pytest.LogCaptureFixture) -> None:
    assert is_minded(Producer, {}, key, caplog)


@pytest.mark.parametrize("key", sorted(PRODUCER_ONLY))
def test_a_consumer_would_mind_a_producers_key(key: str, caplog: pytest.LogCaptureFixture) -> None:
    assert is_minded(Consumer, {"group.id": "g"}, key, caplog)


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
            'Kafka setting refused: No such configuration property: "bootstrap.server".'
            " Did you mean 'bootstrap.servers'?",
            id="unknown key",
        ),
        pytest.param(
            {"socket.timeout.ms": "soon"},
            'Kafka setting refused: Invalid value for configuration property "socket.timeout.ms".',
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
            "Kafka setting refused: client.rack can't be written as UTF-8.",
            id="not UTF-8",
        ),
    ],
)
def test_a_setting_that_can_not_be_is_named(opened: Any, settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        opened({**NOWHERE, "group.id": "g", **settings})

    assert str(caught.value) == sentence


def test_a_setting_of_the_wrong_type_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        open_producer({**NOWHERE, "delivery.report.only.error": "true"})

    assert str(caught.value) == (
        "Kafka setting refused: Expected delivery.report.only.error to be bool type, not str."
    )


def test_a_secret_that_is_refused_is_not_told() -> None:
    app = App(
        kafka={**NOWHERE, "security.protocol": "ssl", "ssl.key.pem": "s3cret", "ssl.key.password": "s3cret"}
    )

    with pytest.raises(ConfigError, match=r"ssl\.key\.pem") as caught:
        app.admin()
    assert "s3cret" not in f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"


# What Kafka says, and what we make of it


@pytest.mark.parametrize(
    ("code", "kind", "name"),
    [
        (KafkaError._AUTHENTICATION, AuthenticationError, "_AUTHENTICATION"),
        (KafkaError.SASL_AUTHENTICATION_FAILED, AuthenticationError, "SASL_AUTHENTICATION_FAILED"),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, AuthorizationError, "TOPIC_AUTHORIZATION_FAILED"),
        (KafkaError.GROUP_AUTHORIZATION_FAILED, AuthorizationError, "GROUP_AUTHORIZATION_FAILED"),
        (KafkaError.CLUSTER_AUTHORIZATION_FAILED, AuthorizationError, "CLUSTER_AUTHORIZATION_FAILED"),
        (
            KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
            AuthorizationError,
            "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
        ),
        (KafkaError.UNKNOWN_TOPIC_OR_PART, TopicNotFoundError, "UNKNOWN_TOPIC_OR_PART"),
        (KafkaError._UNKNOWN_TOPIC, TopicNotFoundError, "_UNKNOWN_TOPIC"),
        (KafkaError._UNKNOWN_PARTITION, PartitionNotFoundError, "_UNKNOWN_PARTITION"),
        (KafkaError._TIMED_OUT, BrokerTimeoutError, "_TIMED_OUT"),
        (KafkaError.REQUEST_TIMED_OUT, BrokerTimeoutError, "REQUEST_TIMED_OUT"),
        (KafkaError._TRANSPORT, BrokerUnavailableError, "_TRANSPORT"),
        (KafkaError._RESOLVE, BrokerUnavailableError, "_RESOLVE"),
        (KafkaError._ALL_BROKERS_DOWN, BrokerUnavailableError, "_ALL_BROKERS_DOWN"),
        (KafkaError.TOPIC_ALREADY_EXISTS, BrokerError, "TOPIC_ALREADY_EXISTS"),
        (KafkaError.UNKNOWN, BrokerError, "UNKNOWN"),
    ],
)
def test_a_code_becomes_an_error_of_ours(code: int, kind: type[BrokerError], name: str) -> None:
    error = as_error(KafkaError(code, "What it said."))

    assert type(error) is kind
    assert (error.code, error.name, error.retriable) == (code, name, False)
    assert str(error) == "What it said."


def test_an_error_that_may_pass_says_so() -> None:
    assert as_error(KafkaError(KafkaError.LEADER_NOT_AVAILABLE, retriable=True)).retriable


def test_an_error_can_say_what_it_is_about() -> None:
    error = as_error(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED, "No\n  right."), "Can't read flights")

    assert str(error) == "Can't read flights: No right."


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (KafkaError._TRANSPORT, True),
        (KafkaError.LEADER_NOT_AVAILABLE, True),
        (KafkaError.UNKNOWN_TOPIC_OR_PART, True),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, False),
        (KafkaError._AUTHENTICATION, False),
    ],
)
def test_some_questions_are_worth_asking_again(code: int, answer: bool) -> None:
    assert is_worth_asking_again(KafkaError(code)) is answer


# The reason behind a silence

REFUSED = KafkaError(KafkaError._TRANSPORT, "127.0.0.1:1: Connection refused")
DOWN = KafkaError(KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down")
LOGIN = KafkaError(KafkaError._AUTHENTICATION, "Invalid username or password")
UNTRUSTED = "ssl://127.0.0.1:1/bootstrap: SSL handshake failed: certificate verify failed: see ssl.ca"


@pytest.mark.parametrize(
    ("heard", "sentence"),
    [
        pytest.param(
            [],
            "No broker answered at 127.0.0.1:1 within 2.5 s: nothing was heard. Is Kafka running there?",
            id="nothing",
        ),
        pytest.param(
            [REFUSED, DOWN],
            "No broker answered at 127.0.0.1:1 within 2.5 s: 127.0.0.1:1: Connection refused. "
            "Is Kafka running there?",
            id="the reason stays when all are down",
        ),
        pytest.param(
            [DOWN],
            "No broker answered at 127.0.0.1:1 within 2.5 s: 1/1 brokers are down. Is Kafka running there?",
            id="all down is better than nothing",
        ),
    ],
)
def test_the_last_real_reason_is_told(heard: list[KafkaError], sentence: str) -> None:
    trouble = ClientErrors("127.0.0.1:1")
    for each in heard:
        trouble(each)
    error = trouble.as_error(2.5)

    assert type(error) is BrokerUnavailableError
    assert str(error) == sentence
    assert error.code == (heard[0].code() if heard else None)


def test_a_refused_login_is_no_missing_broker() -> None:
    trouble = ClientErrors("127.0.0.1:1")
    trouble(LOGIN)
    trouble(DOWN)
    error = trouble.as_error(2.5, "Nothing was sent. ")

    assert trouble.is_login
    assert type(error) is AuthenticationError
    assert str(error) == "Nothing was sent. 127.0.0.1:1 refused the login: Invalid username or password."


def untrusted(sentence: str = UNTRUSTED, code: int = KafkaError._SSL) -> KafkaError:
    return KafkaError(code, sentence)


@pytest.mark.parametrize(
    "heard",
    [
        pytest.param([untrusted(), DOWN], id="said once"),
        pytest.param(
            [untrusted(), untrusted("x: certificate verify failed", KafkaError._TRANSPORT)],
            id="said again in fewer words",
        ),
    ],
)
def test_a_certificate_that_is_not_trusted_is_said_in_full(heard: list[KafkaError]) -> None:
    trouble = ClientErrors("127.0.0.1:1")
    for each in heard:
        trouble(each)
    error = trouble.as_error(2.5, "Nothing was sent. ")

    assert (type(error), error.name) == (BrokerUnavailableError, "_SSL")
    assert str(error) == f"Nothing was sent. No broker at 127.0.0.1:1 can be trusted: {UNTRUSTED}."


@pytest.mark.parametrize(
    ("servers", "heard"),
    [
        pytest.param("127.0.0.1:1,h:2", [untrusted(), untrusted()], id="another address may do"),
        pytest.param("127.0.0.1:1", [untrusted(), REFUSED], id="it was stopped since"),
        pytest.param("127.0.0.1:1", [untrusted(UNTRUSTED.replace("bootstrap", "7"))], id="a later broker"),
        pytest.param("127.0.0.1:1", [untrusted("a/bootstrap: wrong version number")], id="another reason"),
        pytest.param("127.0.0.1:1", [], id="nothing"),
    ],
)
def test_what_may_still_be_trusted_is_waited_for(servers: str, heard: list[KafkaError]) -> None:
    trouble = ClientErrors(servers)
    for each in heard:
        trouble(each)

    assert not trouble.is_untrusted
    assert str(trouble.as_error(2.5)).startswith(f"No broker answered at {servers} within 2.5 s: ")


def test_when_no_address_is_trusted_there_is_nothing_to_wait_for() -> None:
    trouble = ClientErrors("127.0.0.1:1,h:2,")
    trouble(untrusted())
    client = FakeClient(trouble, untrusted(UNTRUSTED.replace("127.0.0.1:1", "h:2")))

    with pytest.raises(BrokerUnavailableError, match="can be trusted: ssl://h:2/bootstrap: "):
        ask(client, trouble, 60.0, failing(99, KafkaError._TRANSPORT))
    assert client.polls == 1


def test_the_applications_own_callback_hears_everything() -> None:
    heard: list[KafkaError] = []
    trouble = ClientErrors("127.0.0.1:1", heard.append)
    trouble(REFUSED)
    trouble(DOWN)

    assert heard == [REFUSED, DOWN]


# Asking


class FakeClient:
    """Counts its polls, and tells of trouble at the first of them."""

    def __init__(self, trouble: ClientErrors, tells: KafkaError | None = None) -> None:
        self.polls = 0
        self._trouble = trouble
        self._tells = tells

    def poll(self, _timeout: float = 0) -> None:
        self.polls += 1
        if self._tells is not None:
            self._trouble(self._tells)


def failing(times: int, code: int) -> Any:
    """A call that fails so often, and then says "answer"."""
    left = iter(range(times))

    def call(timeout: float) -> str:
        assert timeout > 0
        if next(left, None) is None:
            return "answer"
        raise KafkaException(KafkaError(code, "Not now"))

    return call


def test_an_answer_is_given_back() -> None:
    client = FakeClient(trouble := ClientErrors("127.0.0.1:1"))

    assert ask(client, trouble, 1.0, failing(0, 0)) == "answer"
    assert client.polls == 0


def test_what_may_pass_is_asked_again_with_polls_between() -> None:
    client = FakeClient(trouble := ClientErrors("127.0.0.1:1"))

    assert ask(client, trouble, 10.0, failing(3, KafkaError.LEADER_NOT_AVAILABLE)) == "answer"
    assert client.polls == 3


def test_what_will_not_pass_is_raised_at_once() -> None:
    client = FakeClient(trouble := ClientErrors("127.0.0.1:1"))

    with pytest.raises(AuthorizationError, match="Not now"):
        ask(client, trouble, 10.0, failing(99, KafkaError.TOPIC_AUTHORIZATION_FAILED))
    assert client.polls == 0


def test_a_refused_login_is_not_waited_for() -> None:
    trouble = ClientErrors("127.0.0.1:1")
    client = FakeClient(trouble, LOGIN)

    with pytest.raises(AuthenticationError, match="refused the login: Invalid username or password"):
        ask(client, trouble, 60.0, failing(99, KafkaError._TRANSPORT))
    assert client.polls == 1


@pytest.mark.parametrize(
    ("code", "tells", "kind", "sentence"),
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
            "No broker answered at 127.0.0.1:1 within 0.01 s: nothing was heard. Is Kafka running there?",
            id="silence",
        ),
        pytest.param(
            KafkaError.UNKNOWN_TOPIC_OR_PART, None, TopicNotFoundError, "Not now.", id="the last answer"
        ),
    ],
)
def test_when_the_time_is_over_the_reason_is_raised(
    code: int, tells: KafkaError | None, kind: type[BrokerError], sentence: str
) -> None:
    trouble = ClientErrors("127.0.0.1:1")

    with pytest.raises(BrokerError) as caught:
        ask(FakeClient(trouble, tells), trouble, 0.01, failing(10**6, code))
    assert type(caught.value) is kind
    assert str(caught.value) == sentence


def test_no_broker_is_told_in_time_with_address_and_reason() -> None:
    heard: list[KafkaError] = []
    app = App(kafka={**NOWHERE, "error_cb": heard.append}, broker_timeout=0.3)
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
    assert heard != []


# Producing


def test_leaving_a_producers_block_delivers_everything() -> None:
    delivered: list[object] = []
    with mock_cluster() as servers, App(kafka={"bootstrap.servers": servers}).producer() as producer:
        for _ in range(3):
            producer.produce(
                "flights", b"1", on_delivery=lambda error, message: delivered.append(error or message.topic())
            )

    assert delivered == ["flights", "flights", "flights"]


def test_what_is_refused_is_raised_at_the_end_of_the_block_and_told_to_the_apps_own_callback() -> None:
    told: list[KafkaError] = []
    kafka = {"on_delivery": lambda error, _message: told.append(error)}

    with (
        mock_cluster() as servers,
        pytest.raises(PartitionNotFoundError) as caught,
        App(kafka={**kafka, "bootstrap.servers": servers}).producer() as producer,
    ):
        producer.produce("flights", b"1", partition=99)
    assert str(caught.value) == "Messages refused: 1, the first: Local: Unknown partition."
    assert [error.code() for error in told] == [KafkaError._UNKNOWN_PARTITION]


def test_what_nobody_took_is_raised_at_the_end_of_the_block() -> None:
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


def test_of_equal_log_lines_one_in_ten_seconds_gets_through_also_when_two_take_turns(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lines = ["one is down (after 0ms in state CONNECT)", "another is down (after 1ms in state CONNECT)"]
    with caplog.at_level(logging.ERROR, "framework.librdkafka"):
        for number in range(40):
            logging.getLogger("framework.librdkafka").error(lines[number % 2].replace("0ms", f"{number}ms"))
    assert [record.getMessage() for record in caplog.records] == lines


@pytest.mark.parametrize("servers", ["", ",", ":9092", "a:1,b:70000", "a:b", "a:0"])
def test_servers_that_cannot_be_are_said_at_once(servers: str) -> None:
    with pytest.raises(ConfigError, match=r" is no broker\. Write host:port, several with commas\."):
        open_consumer({"bootstrap.servers": servers, "group.id": "g"})


@pytest.mark.parametrize("servers", ["a", "a:1,b:65535", "[::1]:9092", "PLAINTEXT://a:1", "a:1,"])
def test_servers_that_can_be_are_taken(servers: str) -> None:
    consumer, trouble = open_consumer({"bootstrap.servers": servers, "group.id": "g"})
    consumer.close()
    assert trouble.servers == servers
