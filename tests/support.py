"""What tests do to a broker: topics, messages, transactions, deletion, compaction.

Each function returns when the broker has done it, so no test has to wait.
"""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import re
import time
import uuid
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    NewTopic,
    OffsetSpec,
)

LIMIT = 20.0

# Given when a topic is created: a later change reaches the partitions only after the broker has confirmed it.
COMPACTED: dict[str, Any] = {
    "cleanup.policy": "compact",
    "min.cleanable.dirty.ratio": "0",
    "segment.ms": "600000",
    "message.timestamp.after.max.ms": "31536000000",
}


# For a reader: one message fills a fetch, and a few fill the queue. So it is really behind, and a fault in
# mid-run meets it in mid-run.
SMALL: dict[str, Any] = {
    "queued.min.messages": 1,
    "queued.max.messages.kbytes": 8,
    "fetch.max.bytes": 4096,
    "fetch.message.max.bytes": 4096,
    "message.max.bytes": 4000,
    "fetch.queue.backoff.ms": 0,
}


# Clients ask again, every five minutes, for all topics that they have used. By default the broker then
# creates those that were deleted: hundreds at once, in the middle of whatever test.
_CREATES_NOTHING: dict[str, Any] = {"allow.auto.create.topics": False}


@dataclass(frozen=True, slots=True)
class Record:
    """A message to produce; `timestamp` is milliseconds since 1970 or an aware datetime, now by default."""

    value: bytes | str | None
    key: bytes | str | None = None
    headers: cabc.Sequence[tuple[str, bytes | str | None]] | None = None
    timestamp: int | datetime | None = None


Item: TypeAlias = Record | bytes | str | None
Messages: TypeAlias = cabc.Sequence[Item] | cabc.Mapping[int, cabc.Sequence[Item]]


class TopicFactory(Protocol):
    """What the `topic` fixture gives."""

    def __call__(self, partitions: int = 1, messages: Messages | None = None, **config: object) -> str:
        """Create a topic with a fresh name, fill it, return the name; `segment_ms=1` sets `segment.ms`."""


def wait_until(condition: cabc.Callable[[], object], what: str, within: float = LIMIT) -> None:
    """Return as soon as the condition holds; fail when it takes longer than allowed."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {within:.0f} s in vain: {what}.")
        time.sleep(0.02)


def sleeps(pid: int) -> bool:
    """Whether the main thread of a process waits for something: a broker, a message, a key, a time."""
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "S"


def make_admin(kafka: str) -> AdminClient:
    """Return an admin client."""
    return AdminClient({"bootstrap.servers": kafka} | _CREATES_NOTHING)


def make_producer(kafka: str, **settings: object) -> Producer:
    """Return a producer that sends at once, in order, also what is large; `transactional_id=` sets that key.

    It isn't idempotent: topics come and go under it, and an idempotent one could take that for a fatal error.
    """
    ours: dict[str, Any] = {
        "bootstrap.servers": kafka,
        "linger.ms": 1,
        "message.max.bytes": 12_000_000,
        "max.in.flight": 1,
    }
    return Producer(ours | _CREATES_NOTHING | dotted(settings))


def dotted(settings: cabc.Mapping[str, object]) -> dict[str, str]:
    """Spell keyword arguments as Kafka does."""
    return {name.replace("_", "."): str(value) for name, value in settings.items()}


def topic_name(test: str) -> str:
    """Return a name no topic had before, in which the test can be recognised."""
    short = re.sub(r"[^a-zA-Z0-9]+", "-", test.removeprefix("test_")).strip("-")
    return f"t-{short[:50]}-{uuid.uuid4().hex[:6]}"


def create_topic(admin: AdminClient, topic: str, partitions: int = 1, **config: object) -> None:
    """Create a topic; return when each partition has a leader that answers."""
    new = NewTopic(topic, partitions, 1, config=dotted(config))
    _result(admin.create_topics([new]))
    places = {TopicPartition(topic, number): OffsetSpec.latest() for number in range(partitions)}

    def is_ready() -> bool:
        # A client that looked too early remembers "no leader"; asking for the topic makes it look again.
        found = admin.list_topics(topic, timeout=LIMIT).topics[topic].partitions.values()
        has_leaders = [part.leader >= 0 for part in found] == [True] * partitions
        return has_leaders and _succeeds(admin.list_offsets(places))

    wait_until(is_ready, f"leaders for the partitions of {topic}")


def delete_topics(admin: AdminClient, topics: cabc.Sequence[str]) -> None:
    """Delete topics, those that are there."""
    for done in admin.delete_topics(list(topics)).values() if topics else ():
        try:
            done.result(LIMIT)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise


def produce(producer: Producer, topic: str, messages: cabc.Sequence[Item], partition: int = 0) -> list[int]:
    """Append messages to one partition, in order; return their offsets."""
    offsets: list[int] = []

    def delivered(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            raise KafkaException(error)
        offsets.append(offset_of(message))

    for item in messages:
        record = item if isinstance(item, Record) else Record(item)
        moment = record.timestamp
        producer.produce(
            topic,
            value=record.value,
            key=record.key,
            partition=partition,
            headers=list(record.headers or []),
            timestamp=int(moment.timestamp() * 1000) if isinstance(moment, datetime) else moment or 0,
            on_delivery=delivered,
        )
        producer.poll(0)
    if producer.flush(LIMIT):
        raise TimeoutError(
            f"The broker did not take every message for {topic}-{partition} within {LIMIT:.0f} s."
        )
    return offsets


def fill(producer: Producer, topic: str, messages: Messages) -> None:
    """Append messages: a list to partition 0, or a list to each partition of a dictionary."""
    for partition, items in (messages if isinstance(messages, cabc.Mapping) else {0: messages}).items():
        produce(producer, topic, items, partition)


def delete_records(admin: AdminClient, topic: str, before: cabc.Mapping[int, int]) -> None:
    """Remove what is below an offset, as retention would: `{0: 5}` makes 5 partition 0's first offset."""
    _result(
        admin.delete_records([TopicPartition(topic, number, offset) for number, offset in before.items()])
    )


@contextlib.contextmanager
def transaction(kafka: str, *, commit: bool = True) -> cabc.Iterator[Producer]:
    """Give a producer whose transaction is open in the block, and committed at its end.

    With `commit=False`, or after an exception, it is aborted; not before, by the broker, after a minute.
    """
    name = f"tests-{uuid.uuid4().hex}"
    producer = make_producer(kafka, transactional_id=name, transaction_timeout_ms=900_000)
    producer.init_transactions(LIMIT)
    producer.begin_transaction()
    try:
        yield producer
    except BaseException:
        producer.abort_transaction(LIMIT)
        raise
    if commit:
        producer.commit_transaction(LIMIT)
    else:
        producer.abort_transaction(LIMIT)
    # The broker answers before its markers are in the partitions; a new producer of this name waits for them.
    make_producer(kafka, transactional_id=name).init_transactions(LIMIT)


def compact(
    kafka: str, topic: str, *, partition: int = 0, gone: cabc.Collection[int] | None = None
) -> list[int]:
    """Have the cleaner remove overwritten messages from a partition; return the offsets that are left.

    The topic must have been created with `**COMPACTED`. Waits until the offsets in `gone` are away, by
    default all with a later message of the same key. The newest segment is never cleaned, so one more message
    is appended to begin a new one: its key is `compact`, its time lies ahead.
    A tombstone past its `delete.retention.ms` goes with the next compaction after its key's older messages.
    """
    before = read_all(kafka, topic, partition)
    if gone is None:
        last = {message.key(): offset_of(message) for message in before}
        gone = [offset_of(message) for message in before if offset_of(message) != last[message.key()]]
    # A segment's age is counted in the timestamps of its messages.
    newest = max(int(time.time() * 1000), *(message.timestamp()[1] for message in before))
    ahead = Record("", key="compact", timestamp=newest + int(COMPACTED["segment.ms"]) + 1)
    produce(make_producer(kafka), topic, [ahead], partition)
    left: list[int] = []

    def is_clean() -> bool:
        left[:] = map(offset_of, read_all(kafka, topic, partition))
        return not set(gone) & set(left)

    wait_until(is_clean, f"compaction of {topic}-{partition} (was it created with **COMPACTED?)")
    return left


def read_all(
    kafka: str, topic: str, partition: int = 0, isolation: str = "read_uncommitted"
) -> list[Message]:
    """Read a partition from its first message to its end, with nothing but the client library."""
    settings = {
        "bootstrap.servers": kafka,
        "group.id": "tests",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",
        "isolation.level": isolation,
        "fetch.wait.max.ms": 10,
    }
    found: list[Message] = []
    with contextlib.closing(Consumer(settings)) as consumer:
        low, _ = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=LIMIT)
        consumer.assign([TopicPartition(topic, partition, low)])
        while (message := consumer.poll(LIMIT)) is not None:
            error = message.error()
            if error is None:
                found.append(message)
            elif error.code() == KafkaError._PARTITION_EOF:
                return found
            else:
                raise KafkaException(error)
    raise TimeoutError(f"{topic}-{partition} did not end within {LIMIT:.0f} s.")


def offset_of(message: Message) -> int:
    """Return the offset of a message that is in a partition, which the client's types leave open."""
    offset = message.offset()
    if offset is None:
        raise ValueError(f"{message!r} has no offset.")
    return offset


def _result(futures: cabc.Mapping[Any, Future[Any]]) -> None:
    for done in futures.values():
        done.result(LIMIT)


def _succeeds(futures: cabc.Mapping[Any, Future[Any]]) -> bool:
    try:
        _result(futures)
    except KafkaException:
        return False
    return True
