"""For tests and demonstrations: messages without a broker, a broker without an installation."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import datetime
from typing import Any, TypeVar, overload

from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_NOT_AVAILABLE
from confluent_kafka import Message as NativeMessage

from framework import current
from framework.app import App
from framework.connection import ask, open_producer
from framework.discovery import find_app
from framework.errors import ConfigError
from framework.message import Message
from framework.moments import to_milliseconds
from framework.routing import Topic
from framework.types import RawHeaders

P = TypeVar("P")

_MICROSECOND = datetime.timedelta(microseconds=1)


@overload
def build_message(
    topic: Topic[P],
    payload: bytes | None,
    *,
    app: App | None = ...,
    key: bytes | None = ...,
    headers: RawHeaders | None = ...,
    partition: int = ...,
    offset: int = ...,
    timestamp: datetime.datetime | None = ...,
) -> Message[P]: ...
@overload
def build_message(
    topic: str,
    payload: bytes | None,
    *,
    app: App | None = ...,
    key: bytes | None = ...,
    headers: RawHeaders | None = ...,
    partition: int = ...,
    offset: int = ...,
    timestamp: datetime.datetime | None = ...,
) -> Message[Any]: ...
def build_message(
    topic: str | Topic[Any],
    payload: bytes | None,
    *,
    app: App | None = None,
    key: bytes | None = None,
    headers: RawHeaders | None = None,
    partition: int = 0,
    offset: int = 0,
    timestamp: datetime.datetime | None = None,
) -> Message[Any]:
    """A message as the Iterator would give it, read by the app's real deserializers.

    `payload`, `key` and `headers` are raw bytes, as they stand in Kafka; None as payload makes a
    tombstone. A naive `timestamp` is local time. Without `app`, the current one.
    """
    routes = (app or find_app()).routes
    declared = topic if isinstance(topic, Topic) else routes.find_or_default(topic)
    native = NativeMessage(
        topic=declared.name,
        partition=partition,
        offset=offset,
        key=key,
        value=payload,
        headers=list(headers or []) or None,
        timestamp=_as_produced(timestamp),
    )
    return Message(native, declared.name, routes.deserializers(declared).compile())


@contextlib.contextmanager
def mock_cluster(brokers: int = 1) -> cabc.Generator[str]:
    """The address of a cluster inside this process (librdkafka's mock cluster); nothing is installed.

    Topics appear on first use, with four partitions; about 5 MB of each are kept, then the oldest
    messages go. It has no look-up by time, no `delete_records`, no creation of topics by name;
    commits work. It lives as long as the block,
    and other processes of this machine can reach it meanwhile.
    """
    if brokers < 1:
        raise ConfigError(f"mock_cluster({brokers!r}) has no broker: give at least 1.")
    producer, trouble = open_producer({"test.mock.num.brokers": brokers})
    try:
        metadata = ask(producer, trouble, 10.0, lambda timeout: producer.list_topics(timeout=timeout))
        yield ",".join(f"{broker.host}:{broker.port}" for broker in metadata.brokers.values())
    finally:
        producer.close()


def reset_current_app() -> None:
    """Forget all applications made so far, so that one test's don't reach the next."""
    current.reset()


def _as_produced(moment: datetime.datetime | None) -> tuple[int, int]:
    if moment is None:
        return TIMESTAMP_NOT_AVAILABLE, 0
    # Producers cut off what is less than a millisecond.
    return TIMESTAMP_CREATE_TIME, to_milliseconds(moment - moment.microsecond % 1000 * _MICROSECOND)
