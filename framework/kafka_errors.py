"""Turn librdkafka's errors into the framework's, with sentences that name the way out. Pure."""

from __future__ import annotations

import collections.abc as cabc
from typing import Final

from confluent_kafka import KafkaError

from framework import errors
from framework.suggest import did_you_mean


def as_error(error: KafkaError, about: str = "") -> errors.BrokerError:
    """Return the framework's error for a KafkaError, `about: ` in front of its text."""
    kind = _CLASSES.get(error.code(), errors.BrokerError)
    return build(kind, f"{about}: {text_of(error)}." if about else f"{text_of(error)}.", error)


def as_read_error(error: KafkaError, topic: str) -> errors.BrokerError:
    """Return why a topic can't be read; a missing right is named."""
    if error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
        missing = f"the right is missing. Grant READ on topic '{topic}'."
        return build(errors.AuthorizationError, f"Topic '{topic}' can't be read: {missing}", error)
    return as_error(error, f"Topic '{topic}' can't be read")


def topic_not_found(
    topic: str, known: cabc.Iterable[str], error: KafkaError | None = None, consequence: str = ""
) -> errors.BrokerError:
    """Return the error for a topic that the cluster doesn't have, with close names of those it has."""
    sentence = f"{consequence}Topic '{topic}' doesn't exist.{did_you_mean(topic, known)}"
    return build(errors.TopicNotFoundError, sentence, error)


def as_refusal(error: KafkaError, about: str) -> errors.BrokerError:
    """Return why a message was not taken, `about: ` in front of it; some have a way out."""
    way_out = ""
    if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
        way_out = " Send less, or raise message.max.bytes of the producer and max.message.bytes of the topic."
    if error.code() == KafkaError.INVALID_RECORD:
        way_out = (
            " A compacted topic takes no message without a key, and message.timestamp.after.max.ms of a "
            "topic limits timestamps."
        )
    reason = text_of(error).removeprefix("Unable to produce message: ")
    return build(_CLASSES.get(error.code(), errors.BrokerError), f"{about}: {reason}.{way_out}", error)


def is_topic_unknown(error: KafkaError | None) -> bool:
    """Whether the cluster doesn't have the topic."""
    return error is not None and error.code() in (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC)


def as_commit_error(
    error: KafkaError, group: str, unavailable: cabc.Callable[[], errors.BrokerError]
) -> errors.CommitError:
    """Return why a group's offsets were not committed.

    Args:
        error: What the commit failed with.
        group: The group's name.
        unavailable: Makes the error of a broker that doesn't answer; its text becomes the reason.
    """
    if error.code() in _MEMBERS_ONLY:
        reason = "it has live members, and only they may commit. Stop them, or pass another group_id."
    elif error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED:
        reason = f"the right is missing. Grant READ on group '{group}', or pass another group_id."
    elif is_retriable(error):
        reason = str(unavailable())
    else:
        reason = f"{text_of(error)}."
    sentence = f"The marks were not committed for group '{group}': {reason}"
    return errors.CommitError(sentence, code=error.code(), name=error.name(), retriable=error.retriable())


def is_retriable(error: KafkaError) -> bool:
    """Whether the same request may succeed a moment later: a fresh topic, a new leader, no answer."""
    return error.code() in RETRIABLE


def is_login_refused(error: KafkaError) -> bool:
    """Whether the broker refused the login."""
    return error.code() in _CLASSES_BY_LOGIN


def is_certificate_refused(error: KafkaError) -> bool:
    """Whether a certificate was not trusted."""
    # OpenSSL's own text: librdkafka has one code for everything that TLS reports.
    return "certificate verify failed" in error.str()


def is_timeout(error: KafkaError) -> bool:
    """Whether a call got no answer; the reason, if there is one, came to the error callback."""
    return error.code() in (KafkaError._TRANSPORT, KafkaError._TIMED_OUT)


def text_of(error: KafkaError) -> str:
    """Return librdkafka's text in one line, without a full stop."""
    return " ".join(str(error.str()).split()).rstrip(".")


def build(kind: type[errors.BrokerError], sentence: str, error: KafkaError | None) -> errors.BrokerError:
    """Return an error of this kind with the code and name of the KafkaError behind it."""
    if error is None:
        return kind(sentence)
    return kind(sentence, code=error.code(), name=error.name(), retriable=error.retriable())


_CLASSES_BY_LOGIN: Final[dict[int, type[errors.BrokerError]]] = {
    KafkaError._AUTHENTICATION: errors.AuthenticationError,
    KafkaError.SASL_AUTHENTICATION_FAILED: errors.AuthenticationError,
}
_CLASSES: Final[dict[int, type[errors.BrokerError]]] = _CLASSES_BY_LOGIN | {
    KafkaError.TOPIC_AUTHORIZATION_FAILED: errors.AuthorizationError,
    KafkaError.GROUP_AUTHORIZATION_FAILED: errors.AuthorizationError,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: errors.AuthorizationError,
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED: errors.AuthorizationError,
    KafkaError.UNKNOWN_TOPIC_OR_PART: errors.TopicNotFoundError,
    KafkaError._UNKNOWN_TOPIC: errors.TopicNotFoundError,
    KafkaError._UNKNOWN_PARTITION: errors.PartitionNotFoundError,
    KafkaError._TIMED_OUT: errors.BrokerTimeoutError,
    KafkaError.REQUEST_TIMED_OUT: errors.BrokerTimeoutError,
    KafkaError._TRANSPORT: errors.BrokerUnavailableError,
    KafkaError._RESOLVE: errors.BrokerUnavailableError,
    KafkaError._ALL_BROKERS_DOWN: errors.BrokerUnavailableError,
}
_MEMBERS_ONLY: Final = frozenset(
    {KafkaError.UNKNOWN_MEMBER_ID, KafkaError.ILLEGAL_GENERATION, KafkaError.REBALANCE_IN_PROGRESS}
)
RETRIABLE: Final = frozenset(
    {
        KafkaError._TRANSPORT,
        KafkaError._TIMED_OUT,
        KafkaError._TIMED_OUT_QUEUE,
        KafkaError._WAIT_COORD,
        KafkaError._DESTROY_BROKER,
        KafkaError._UNKNOWN_PARTITION,
        KafkaError._UNKNOWN_TOPIC,
        KafkaError._UNKNOWN_BROKER,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.NOT_COORDINATOR,
        KafkaError.FENCED_LEADER_EPOCH,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.OFFSET_NOT_AVAILABLE,
        KafkaError.KAFKA_STORAGE_ERROR,
    }
)
"""Codes that may go away by themselves: wider than librdkafka's own `retriable()`."""
