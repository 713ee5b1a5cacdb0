"""What the scenarios of payloads share: a topic that Confluent's serializers write, and our reading of it."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from confluent_kafka import Producer

from framework import App, DeserializationError, Message
from framework.testing import mock_registry, reset_current_app
from framework_iterator import Iterator
from tests import support
from tests.confluent_serializers import Confluent, Format, Framed, Framing, Subjects

FRAMINGS = pytest.mark.parametrize("framing", ["prefix", "header"])


@dataclass
class Payloads:
    """One topic, Confluent's client and ours.

    Args:
        confluent: Confluent's client, for this topic.
        kafka: The broker.
        producer: Writes to the broker.
    """

    confluent: Confluent
    kafka: str
    producer: Producer

    @property
    def topic(self) -> str:
        return self.confluent.topic

    def write(self, *records: support.Item) -> None:
        support.produce(self.producer, self.topic, records)

    def iterator(self, *, errors: Any = "raise", url: str | None = None, **declared: Any) -> Iterator[Any]:
        """Return an iterator over the topic, declared like this in an application of its own."""
        app = App(
            kafka={"bootstrap.servers": self.kafka},
            schema_registry=url or self.confluent.url,
            registry_timeout=support.LIMIT,
        )
        topic = app.topic(self.topic, **declared) if declared else self.topic
        return Iterator(topic, app=app, errors=errors)

    def read(self, **declared: Any) -> list[Message[Any]]:
        return list(self.iterator(**declared))

    def payloads(self, **declared: Any) -> list[Any]:
        return [message.payload for message in self.read(**declared)]

    def errors(self, **declared: Any) -> list[str]:
        """What follows "cannot be read" for each message, where it can't."""
        return [error_of(message) for message in self.read(**declared)]


@contextlib.contextmanager
def payloads(
    framing: Framing,
    registry: str,
    kafka: str,
    producer: Producer,
    topic: str,
    *,
    subjects: Subjects = "topic",
) -> cabc.Iterator[Payloads]:
    """Frame by prefix in front of the real registry, and by header in front of the embedded one.

    Of the two, only the embedded registry gives the GUIDs that headers hold.
    """
    with contextlib.ExitStack() as ends:
        url = registry if framing == "prefix" else ends.enter_context(mock_registry())
        confluent = ends.enter_context(Confluent(url, topic, framing=framing, subjects=subjects))
        ends.callback(reset_current_app)
        yield Payloads(confluent, kafka, producer)


def payloads_fixture(framing: Framing | None = None) -> Any:
    """Return a fixture, named by what it is assigned to, that gives a topic of the test's own.

    Args:
        framing: By default what the test is parametrized with: see `FRAMINGS`.
    """

    @pytest.fixture
    def opened(
        request: pytest.FixtureRequest,
        registry: str,
        kafka: str,
        producer: Producer,
        topic: support.TopicFactory,
    ) -> cabc.Iterator[Payloads]:
        framed = framing or request.getfixturevalue("framing")
        with payloads(framed, registry, kafka, producer, topic()) as opened:
            yield opened

    return opened


def as_confluent_reads(format_: Format, message: Message[Any], *, key: bool = False) -> Any:
    """Return what Confluent's deserializer makes of a message that was read."""
    raw = message.raw_key if key else message.raw_payload
    assert raw is not None
    return format_.load(Framed(raw, list(message.raw_headers)), key=key)


def is_schema_id(value: object, framing: Framing) -> bool:
    """Whether a message names its schema as this framing does."""
    return isinstance(value, int if framing == "prefix" else uuid.UUID)


def error_of(message: Message[Any]) -> str:
    """Return why the payload can't be read."""
    with pytest.raises(DeserializationError) as caught:
        _ = message.payload
    return str(caught.value.__cause__)
