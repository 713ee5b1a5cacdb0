from __future__ import annotations

import uuid
from typing import Any

import pytest
from confluent_kafka import Producer

from framework import App, RoutingError, Topic
from framework.partitioners import Partitioner, check_partitioner, partition_of
from framework.testing import mock_cluster, reset_current_app

LARGE = 1 << 31
"""So many partitions that the number of the partition is the hash."""

# The name of each in librdkafka's settings.
IN_LIBRDKAFKA: dict[Partitioner, str] = {
    "murmur2": "murmur2_random",
    "crc32": "consistent_random",
    "fnv1a": "fnv1a_random",
}
KEYS = [
    *(f"C-{number}".encode() for number in range(40)),
    *(bytes(range(length)) for length in range(1, 14)),
    *(number.to_bytes(8, "big", signed=True) for number in (0, -1, 1, 2**63 - 1, -(2**63))),
    *(number.to_bytes(4, "big", signed=True) for number in (0, -1, 1, 2**31 - 1)),
    uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8").bytes,
    "Zoë Ångström".encode(),
    b"\xff" * 1000,
]


# Known values


@pytest.mark.parametrize(
    ("key", "in_java"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_murmur2_is_that_of_the_java_clients_own_test(key: bytes, in_java: int) -> None:
    assert partition_of("murmur2", key, LARGE) == in_java & 0x7FFFFFFF


@pytest.mark.parametrize(
    ("key", "hashed"),
    [
        (b"kafka", 0xD33C4E1),
        (b"giberish123456789", 0x77A58295),
        (b"1234", 0x23BDD03),
        (b"234", 0x2DEA3CD2),
        (b"34", 0x740FA83E),
        (b"4", 0x310CA263),
        (b"PreAmbleWillBeRemoved,ThePrePartThatIs", 0x65CBD69C),
        (b"reAmbleWillBeRemoved,ThePrePartThatIs", 0x6E49C79A),
        (b"eAmbleWillBeRemoved,ThePrePartThatIs", 0x69EED356),
        (b"AmbleWillBeRemoved,ThePrePartThatIs", 0x6ABCC023),
        (b"", 0x7EE3623B),
    ],
)
def test_fnv1a_is_that_of_librdkafkas_own_test(key: bytes, hashed: int) -> None:
    assert partition_of("fnv1a", key, LARGE) == hashed


def test_crc32_is_that_of_its_check_value() -> None:
    assert partition_of("crc32", b"123456789", 1 << 32) == 0xCBF43926


# What producers do


@pytest.mark.parametrize("partitioner", list(IN_LIBRDKAFKA))
def test_keys_are_found_where_librdkafka_writes_them(partitioner: Partitioner) -> None:
    keys = KEYS if partitioner == "crc32" else [*KEYS, b""]
    written: list[int] = []

    def on_delivery(error: object, message: Any) -> None:
        assert error is None
        written.append(message.partition())

    with mock_cluster() as servers:
        producer = Producer({"bootstrap.servers": servers, "partitioner": IN_LIBRDKAFKA[partitioner]})
        for key in keys:
            producer.produce("orders", b"1", key=key, on_delivery=on_delivery)
            producer.flush(30)
        partitions = len(producer.list_topics("orders", timeout=30).topics["orders"].partitions)
    assert written == [partition_of(partitioner, key, partitions) for key in keys]
    assert set(written) == set(range(partitions))


@pytest.mark.parametrize("partitioner", list(IN_LIBRDKAFKA))
def test_a_message_without_a_key_may_be_anywhere(partitioner: Partitioner) -> None:
    assert partition_of(partitioner, None, 12) is None


@pytest.mark.parametrize(("partitioner", "partition"), [("murmur2", 9), ("crc32", None), ("fnv1a", 3)])
def test_only_librdkafkas_default_takes_an_empty_key_for_none(
    partitioner: Partitioner, partition: int | None
) -> None:
    assert partition_of(partitioner, b"", 12) == partition


@pytest.mark.parametrize("partitioner", list(IN_LIBRDKAFKA))
def test_a_topic_with_one_partition_has_every_key_there(partitioner: Partitioner) -> None:
    assert {partition_of(partitioner, key, 1) for key in KEYS} == {0}


# Names


@pytest.mark.parametrize("name", [None, "murmur2", "crc32", "fnv1a"])
def test_a_partitioner_has_a_name_or_is_not_known(name: Any) -> None:
    assert check_partitioner(name) == name
    assert Topic("orders", partitioner=name).partitioner == name


@pytest.mark.parametrize(
    "name", ["murmur", "MURMUR2", "consistent_random", "", 2, True, ["murmur2"], hash], ids=repr
)
def test_another_name_is_refused_where_the_topic_is_declared(name: Any) -> None:
    with pytest.raises(RoutingError) as caught:
        Topic("orders", partitioner=name)
    assert str(caught.value) == (
        f"partitioner={name!r} is invalid: expected 'murmur2' (Java's default), 'crc32' (librdkafka's) or "
        "'fnv1a'."
    )


def test_an_app_declares_topics_with_their_partitioner() -> None:
    reset_current_app()
    app = App(kafka={"bootstrap.servers": "127.0.0.1:1"})
    assert app.topic("orders", partitioner="murmur2").partitioner == "murmur2"
    assert app.topic("payments").partitioner is None
    reset_current_app()
