"""However far one partition is ahead of the others in time, few of its messages wait in memory."""

from __future__ import annotations

import pytest

from tests import support
from tests.scenarios.ordering import FIRST
from tests.scenarios.programs import output_of
from tests.scenarios.test_clean_frees_memory import MEASURE

BOUND = 200
"""MB: 64 for what waits, as much for librdkafka's queue, and what Python needs for the messages."""


def write(kafka: str, name: str, partition: int, count: int, size: int, first: int) -> None:
    """Append messages whose timestamps begin there."""
    producer = support.make_producer(kafka, linger_ms=20)
    for index in range(count):
        producer.produce(name, bytes(size), partition=partition, timestamp=FIRST + first + index)
        if index % 1000 == 0:
            producer.flush(support.LIMIT)
    assert producer.flush(support.LIMIT) == 0


@pytest.mark.parametrize("order", ["time", "newest"])
def test_a_partition_that_is_all_newer_than_the_rest(
    kafka: str, topic: support.TopicFactory, order: str
) -> None:
    name = topic(3)
    write(kafka, name, 0, 200_000, 1000, 1_000_000)
    write(kafka, name, 1, 5_000, 1000, 0)
    write(kafka, name, 2, 5_000, 1000, 2_000)
    body = f"""
read = 0
for message in (iterator := Iterator(topic, order={order!r})):
    read += 1
say(read, iterator.report.ended, "stays" if peak() - before < {BOUND} else f"grew by {{peak() - before}} MB")
"""
    assert output_of(MEASURE + body, kafka, name) == ["210000 end stays"]


@pytest.mark.parametrize("order", ["time", "newest"])
def test_partitions_of_large_messages_that_come_one_after_the_other(
    kafka: str, topic: support.TopicFactory, order: str
) -> None:
    name = topic(8)
    for number in range(8):
        write(kafka, name, number, 60, 1_000_000, number * 1000)
    body = f"""
read = 0
for message in (iterator := Iterator(topic, order={order!r})):
    read += len(message.raw_payload)
    message.clean()
say(read, iterator.report.ended, "stays" if peak() - before < {BOUND} else f"grew by {{peak() - before}} MB")
"""
    assert output_of(MEASURE + body, kafka, name) == ["480000000 end stays"]
