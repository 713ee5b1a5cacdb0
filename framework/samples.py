"""The last messages of topics, for a glance at what they hold. I/O."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, Final, cast

from confluent_kafka import Consumer, KafkaError
from confluent_kafka import TopicPartition as NativeTopicPartition

from framework.clients import interruptible, open_consumer
from framework.retry import Deadline
from framework.types import KafkaSettings, NativeMessage, TopicPartition
from framework.worker import Worker

_TIMEOUT: Final = 1.0
"""Seconds for all topics."""
_BACK: Final = (1, 20)
"""Offsets before the end where reading starts: first, and again where the last offset holds no message."""
_PARTITIONS: Final = 4
"""Partitions of a topic that are looked at: those with the highest offsets."""
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


def last_messages(kafka: KafkaSettings, watermarks: Watermarks) -> dict[TopicPartition, NativeMessage]:
    """Return the last messages of a few partitions of each topic, as far as they arrive within a second.

    Where the last offset holds no message, but the end of a transaction, it is the last of those before it.

    Args:
        kafka: librdkafka's settings.
        watermarks: Which topics, and where their partitions end.
    """
    found: dict[TopicPartition, NativeMessage] = {}
    if not last_places(watermarks):
        return found
    consumer, _ = open_consumer({**kafka, **_SETTINGS})
    deadline = Deadline(_TIMEOUT)
    try:
        for back in _BACK:
            places = last_places(watermarks, back)
            missing = {key: offset for key, offset in places.items() if key not in found}
            if missing:
                consumer.assign([NativeTopicPartition(*key, offset) for key, offset in missing.items()])
                found |= _read_to_end(consumer, set(missing), deadline, first=back == 1)
    finally:
        Worker("framework-topics").close(consumer.close, _CLOSE_TIMEOUT)
    return found


def _read_to_end(
    consumer: Consumer, missing: set[TopicPartition], deadline: Deadline, *, first: bool
) -> dict[TopicPartition, NativeMessage]:
    """Return the last message of each partition, or the first, as far as they arrive before the deadline."""
    found: dict[TopicPartition, NativeMessage] = {}
    while missing and not deadline.has_passed:
        message = interruptible(consumer.poll, min(0.1, deadline.remaining))
        if message is None:
            continue
        key = TopicPartition(str(message.topic()), int(message.partition() or 0))
        error = message.error()
        if error is None:
            found[key] = cast("NativeMessage", message)
        if first if error is None else error.code() == KafkaError._PARTITION_EOF:
            missing.discard(key)
    return found


def last_places(watermarks: Watermarks, back: int = 1) -> dict[TopicPartition, int]:
    """Return partitions of each topic that aren't empty, and the offset so far back from their ends. Pure."""
    places: dict[TopicPartition, int] = {}
    for topic, partitions in watermarks.items():
        filled = [number for number, (low, high) in partitions.items() if low < high]
        fullest = sorted(filled, key=lambda number: -partitions[number][1])[:_PARTITIONS]
        for number in sorted(fullest):
            low, high = partitions[number]
            places[TopicPartition(topic, number)] = max(low, high - back)
    return places
