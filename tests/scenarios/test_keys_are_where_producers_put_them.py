"""`key=` reads the partition in which Java's producer, or librdkafka's, has put that key, and no other."""

from __future__ import annotations

import collections.abc as cabc
import logging
import struct
import uuid
from typing import Any, Literal

import pytest
from confluent_kafka import Producer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framework import App, PartitionNotFoundError, Topic
from framework.deserializers import int32, int64
from framework.deserializers import uuid as any_uuid
from framework_iterator import Iterator
from tests import java_client, support
from tests.scenarios.reading import notes_in, report_of

IDS = [uuid.UUID(int=number * 0x9E3779B97F4A7C15_F39CC0605CEDC835 % (1 << 128)) for number in range(8)]
NUMBERS = [0, 1, -1, 2, 255, 256, -(1 << 31), (1 << 31) - 1, *range(1000, 1005)]
LARGE = [*NUMBERS, -(1 << 63), (1 << 63) - 1, 1 << 40]
TEXTS = ["", "a", "ab", "abc", "abcd", "abcde", "C-42", "café", "键", "😀", *(f"key-{n}" for n in range(6))]
BYTES = [text.encode() + b"\x00\xff\x80" for text in TEXTS]
KINDS: list[tuple[str, Any, list[Any], cabc.Callable[[Any], bytes]]] = [
    ("text", str, TEXTS, str.encode),
    ("bytes", bytes, BYTES, bytes),
    ("int32", int32, NUMBERS, lambda number: struct.pack(">i", number)),
    ("int64", int64, LARGE, lambda number: struct.pack(">q", number)),
    ("uuid", any_uuid, IDS, lambda each: str(each).encode()),
]
"""Each kind of keys: its name for the Java program, its declaration, keys, and their bytes."""
PARTITIONS = 7

Partitioner = Literal["murmur2", "crc32", "fnv1a"]
OF_LIBRDKAFKA: dict[Partitioner, str] = {
    "murmur2": "murmur2_random",
    "crc32": "consistent_random",
    "fnv1a": "fnv1a_random",
}


def produce(kafka: str, name: str, partitioner: str, keys: cabc.Sequence[bytes | None]) -> None:
    """Append a message for each key, where librdkafka puts it."""
    producer = Producer({"bootstrap.servers": kafka, "partitioner": partitioner, "linger.ms": 1})
    for key in keys:
        producer.produce(name, key=key, value=b"x")
    assert producer.flush(support.LIMIT) == 0


def assert_found(name: str, declared: Any, partitioner: Partitioner, keys: list[Any]) -> None:
    """Each key is found with the partitioner where it is found without, in one partition of all."""
    plain = Topic(name, payload=bytes, key=declared)
    expected = [{(each.partition, each.offset) for each in Iterator(plain, key=key)} for key in keys]
    assert [len(each) for each in expected] == [1] * len(keys)
    spread = Topic(name, payload=bytes, key=declared, partitioner=partitioner)
    for key, places in zip(keys, expected, strict=True):
        iterator = Iterator(spread, key=key)
        assert {(each.partition, each.offset) for each in iterator} == places, key
        # Three encodings of a UUID are read, and may lie in as many partitions.
        assert len(report_of(iterator)) <= (3 if declared is any_uuid else 1 if key else PARTITIONS)


@pytest.mark.skipif(not java_client.can_compile(), reason="needs a Java that compiles: a JDK, not a JRE")
def test_of_javas_producer(app: App, kafka: str, topic: support.TopicFactory) -> None:
    names = {kind: topic(PARTITIONS) for kind, *_ in KINDS}
    shown = {"bytes": bytes.hex}
    lines = [
        f"{names[kind]} {kind} {shown.get(kind, str)(key)}\n" for kind, _, keys, _ in KINDS for key in keys
    ]
    java_client.run("WriteKeys.java", kafka, stdin="".join(lines))
    for kind, declared, keys, _ in KINDS:
        assert_found(names[kind], declared, "murmur2", keys)
        partitions = {message.partition for message in Iterator(names[kind])}
        assert len(partitions) > 3  # so that a wrong hash would be seen


@pytest.mark.parametrize("partitioner", OF_LIBRDKAFKA)
def test_of_librdkafkas_producer(
    app: App, kafka: str, topic: support.TopicFactory, partitioner: Partitioner
) -> None:
    for _, declared, keys, encode in KINDS:
        name = topic(PARTITIONS)
        produce(kafka, name, OF_LIBRDKAFKA[partitioner], [encode(key) for key in keys])
        assert_found(name, declared, partitioner, keys)


@pytest.mark.parametrize("partitioner", OF_LIBRDKAFKA)
def test_any_bytes_are_found_where_librdkafka_put_them(
    app: App, kafka: str, topic: support.TopicFactory, partitioner: Partitioner
) -> None:
    @given(st.lists(st.binary(max_size=40), min_size=1, max_size=60, unique=True))
    @settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
    def are_found(keys: list[bytes]) -> None:
        name = topic(PARTITIONS)
        produce(kafka, name, OF_LIBRDKAFKA[partitioner], keys)
        spread = app.topic(name, payload=bytes, key=bytes, partitioner=partitioner)
        for key in keys:
            assert [message.raw_key for message in Iterator(spread, key=key)] == [key]

    are_found()


@pytest.mark.parametrize("partitioner", OF_LIBRDKAFKA)
def test_messages_without_a_key_may_be_anywhere(
    app: App, kafka: str, topic: support.TopicFactory, partitioner: Partitioner
) -> None:
    name = topic(PARTITIONS)
    for _ in range(20):  # one by one: they stick to a partition for the time of a batch
        produce(kafka, name, OF_LIBRDKAFKA[partitioner], [None])
    spread = app.topic(name, payload=bytes, key=str, partitioner=partitioner)
    iterator = Iterator(spread, key=None)
    assert len(list(iterator)) == 20
    assert len(report_of(iterator)) == PARTITIONS


def test_without_a_partitioner_all_partitions_are_read(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(PARTITIONS)
    produce(kafka, name, "consistent_random", [b"a", b"b", b"a"])
    iterator = Iterator(app.topic(name, payload=bytes, key=str), key="a")
    assert len(list(iterator)) == 2
    assert (len(report_of(iterator)), report_of(iterator).filtered) == (PARTITIONS, 1)


def test_plans_and_runs_that_follow_are_read_whole(app: App, kafka: str, topic: support.TopicFactory) -> None:
    name = topic(PARTITIONS)
    produce(kafka, name, "consistent_random", [b"a"])
    spread = app.topic(name, payload=bytes, key=str, partitioner="crc32")
    [found] = Iterator(spread, key="a")
    whole = Iterator(Iterator(name).plan(), key="a")
    following = Iterator(spread, key="a", follow=True, limit=1)
    for iterator in (whole, following):
        assert [str(message) for message in iterator] == [str(found)]
        assert len(report_of(iterator)) == PARTITIONS


def test_what_was_written_for_other_partitions_is_no_error_and_no_note(
    app: App, kafka: str, topic: support.TopicFactory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "framework_iterator.notes")
    name = topic(PARTITIONS)
    produce(kafka, name, "consistent_random", [b"a"])
    spread = app.topic(name, payload=bytes, key=str, partitioner="crc32")
    [found] = Iterator(spread, key="a")
    numbers = range(PARTITIONS)
    cases: list[dict[str, Any]] = [
        {"topics": {spread: list(numbers)}},
        {"topics": {spread: dict.fromkeys(numbers, -5)}},
        {"topics": spread, "until": {name: dict.fromkeys(numbers, 1)}},
        {"topics": spread, "resume": {name: dict.fromkeys(numbers, 0)}},
    ]
    for options in cases:
        iterator = Iterator(key="a", **options)
        assert [str(message) for message in iterator] == [str(found)]
        assert len(report_of(iterator)) == 1
    assert notes_in(caplog) == []
    others = [number for number in numbers if number != found.partition]
    iterator = Iterator({spread: others}, key="a")
    assert list(iterator) == []
    assert (len(report_of(iterator)), report_of(iterator).ended) == (0, "end")
    [note] = notes_in(caplog)
    assert note.getMessage() == (
        f"{name}: nothing to read: the key can't be in the partitions that were asked for."
    )
    with pytest.raises(PartitionNotFoundError):
        list(Iterator({spread: [7]}, key="a"))
