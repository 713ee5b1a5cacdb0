"""The last message of topics, for a glance at what they hold. I/O."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, Final, cast

from confluent_kafka import TopicPartition

from framework.clients import interruptible, open_consumer
from framework.retry import Deadline
from framework.types import KafkaSettings, NativeMessage
from framework.worker import Worker

_TIMEOUT: Final = 1.0
"""Seconds for all topics. The last offset may hold no message, and then nothing arrives."""
_CLOSE_TIMEOUT: Final = 1.0
_SETTINGS: Final[dict[str, Any]] = {
    "group.id": "framework-topics",  # the client wants one; nothing is joined or committed
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "fetch.wait.max.ms": 50,
    "queued.max.messages.kbytes": 4096,
}

Watermarks = cabc.Mapping[str, cabc.Mapping[int, tuple[int, int]]]
"""The low and the high watermark of each partition, by topic."""


def last_messages(kafka: KafkaSettings, watermarks: Watermarks) -> dict[str, NativeMessage]:
    """Return the last message of one partition of each topic, as far as they arrive within a second.

    Args:
        kafka: librdkafka's settings.
        watermarks: Which topics, and where their partitions end.
    """
    places = last_places(watermarks)
    if not places:
        return {}
    consumer, _ = open_consumer({**kafka, **_SETTINGS})
    found: dict[str, NativeMessage] = {}
    try:
        consumer.assign([TopicPartition(topic, *place) for topic, place in places.items()])
        deadline = Deadline(_TIMEOUT)
        while len(found) < len(places) and not deadline.has_passed:
            message = interruptible(consumer.poll, min(0.1, deadline.remaining))
            if message is not None and message.error() is None:
                found.setdefault(str(message.topic()), cast("NativeMessage", message))
    finally:
        Worker("framework-topics").close(consumer.close, _CLOSE_TIMEOUT)
    return found


def last_places(watermarks: Watermarks) -> dict[str, tuple[int, int]]:
    """Return partition and offset of the last message of each topic that isn't empty. Pure."""
    places: dict[str, tuple[int, int]] = {}
    for topic, partitions in watermarks.items():
        filled = {number: high for number, (low, high) in partitions.items() if low < high}
        if filled:
            number = max(filled, key=lambda number: filled[number])
            places[topic] = (number, filled[number] - 1)
    return places
