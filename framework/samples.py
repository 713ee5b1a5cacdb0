"""The last message of topics, for a glance at what they hold. I/O."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, Final, cast

from confluent_kafka import Consumer, KafkaError, TopicPartition

from framework.clients import interruptible, open_consumer
from framework.retry import Deadline
from framework.types import KafkaSettings, NativeMessage
from framework.worker import Worker

_TIMEOUT: Final = 1.0
"""Seconds for all topics."""
_BACK: Final = (1, 20)
"""Offsets before the end where reading starts: first, and again where the last offset holds no message."""
_CLOSE_TIMEOUT: Final = 1.0
_SETTINGS: Final[dict[str, Any]] = {
    "group.id": "framework-topics",  # the client wants one; nothing is joined or committed
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "enable.partition.eof": True,
    "fetch.wait.max.ms": 50,
    "queued.max.messages.kbytes": 4096,
}

Watermarks = cabc.Mapping[str, cabc.Mapping[int, tuple[int, int]]]
"""The low and the high watermark of each partition, by topic."""


def last_messages(kafka: KafkaSettings, watermarks: Watermarks) -> dict[str, NativeMessage]:
    """Return the last message of one partition of each topic, as far as they arrive within a second.

    Where the last offset holds no message, but the end of a transaction, it is the last of those before it.

    Args:
        kafka: librdkafka's settings.
        watermarks: Which topics, and where their partitions end.
    """
    found: dict[str, NativeMessage] = {}
    if not last_places(watermarks):
        return found
    consumer, _ = open_consumer({**kafka, **_SETTINGS})
    deadline = Deadline(_TIMEOUT)
    try:
        for back in _BACK:
            places = last_places({topic: watermarks[topic] for topic in watermarks.keys() - found}, back)
            if places:
                consumer.assign([TopicPartition(topic, *place) for topic, place in places.items()])
                found |= _read_to_end(consumer, set(places), deadline, first=back == 1)
    finally:
        Worker("framework-topics").close(consumer.close, _CLOSE_TIMEOUT)
    return found


def _read_to_end(
    consumer: Consumer, topics: set[str], deadline: Deadline, *, first: bool
) -> dict[str, NativeMessage]:
    """Return the last message of each topic, or the first, as far as they arrive before the deadline."""
    found: dict[str, NativeMessage] = {}
    while topics and not deadline.has_passed:
        message = interruptible(consumer.poll, min(0.1, deadline.remaining))
        if message is None:
            continue
        topic = str(message.topic())
        error = message.error()
        if error is None:
            found[topic] = cast("NativeMessage", message)
        if first if error is None else error.code() == KafkaError._PARTITION_EOF:
            topics.discard(topic)
    return found


def last_places(watermarks: Watermarks, back: int = 1) -> dict[str, tuple[int, int]]:
    """Return a partition of each topic that isn't empty, and the offset so far back from its end. Pure."""
    places: dict[str, tuple[int, int]] = {}
    for topic, partitions in watermarks.items():
        filled = {number: high for number, (low, high) in partitions.items() if low < high}
        if filled:
            number = max(filled, key=lambda number: filled[number])
            low, high = partitions[number]
            places[topic] = (number, max(low, high - back))
    return places
