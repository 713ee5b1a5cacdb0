from __future__ import annotations

import pytest
from confluent_kafka import KafkaError

from framework import (
    AuthenticationError,
    AuthorizationError,
    BrokerError,
    BrokerTimeoutError,
    BrokerUnavailableError,
    PartitionNotFoundError,
    TopicNotFoundError,
    kafka_errors,
)
from framework.kafka_errors import as_commit_error, as_error, as_read_error, is_retriable, topic_not_found


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
def test_a_code_becomes_an_error_of_the_framework(code: int, kind: type[BrokerError], name: str) -> None:
    error = as_error(KafkaError(code, "What it said."))

    assert type(error) is kind
    assert (error.code, error.name, error.retriable) == (code, name, False)
    assert str(error) == "What it said."


def test_a_retriable_error_says_so() -> None:
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
def test_some_errors_are_retriable(code: int, answer: bool) -> None:
    assert is_retriable(KafkaError(code)) is answer


def test_a_missing_right_on_a_topic_is_named() -> None:
    error = as_read_error(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED), "flights")

    assert type(error) is AuthorizationError
    assert str(error) == "Topic 'flights' can't be read: the right is missing. Grant READ on topic 'flights'."


def test_another_reason_why_a_topic_is_unreadable_is_quoted() -> None:
    error = as_read_error(KafkaError(KafkaError.UNKNOWN, "Odd"), "flights")

    assert (type(error), str(error)) == (BrokerError, "Topic 'flights' can't be read: Odd.")


def test_a_missing_topic_is_named_with_close_names() -> None:
    error = topic_not_found("fligths", ["flights", "planes"], KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))

    assert (type(error), error.name) == (TopicNotFoundError, "UNKNOWN_TOPIC_OR_PART")
    assert str(error) == "Topic 'fligths' doesn't exist. Did you mean 'flights'?"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        pytest.param(
            KafkaError.UNKNOWN_MEMBER_ID,
            "it has live members, and only they may commit. Stop them, or pass another group_id.",
            id="live members",
        ),
        pytest.param(
            KafkaError.GROUP_AUTHORIZATION_FAILED,
            "the right is missing. Grant READ on group 'g', or pass another group_id.",
            id="a missing right",
        ),
        pytest.param(KafkaError._TIMED_OUT, "Nothing was errors.", id="no answer"),
        pytest.param(KafkaError.UNKNOWN, "Odd.", id="another reason"),
    ],
)
def test_a_refused_commit_has_its_reason(code: int, reason: str) -> None:
    error = as_commit_error(KafkaError(code, "Odd"), "g", lambda: BrokerError("Nothing was errors."))

    assert str(error) == f"The marks were not committed for group 'g': {reason}"
    assert error.code == code


def test_the_text_of_an_error_is_one_line_without_a_full_stop() -> None:
    assert kafka_errors.text_of(KafkaError(KafkaError.UNKNOWN, "Two\n  lines.\n")) == "Two lines"
