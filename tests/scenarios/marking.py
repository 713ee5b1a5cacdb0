"""What scenarios need to know of a group: what it has committed, asked by a client of their own."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import threading
import time

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from framework.types import Partition
from tests import support

_NOT_YET = (KafkaError.COORDINATOR_LOAD_IN_PROGRESS, KafkaError.NOT_COORDINATOR)


def committed(admin: AdminClient, group: str) -> dict[Partition, int]:
    """All that a group has committed, of whatever topic."""
    asked = [ConsumerGroupTopicPartitions(group)]
    deadline = time.monotonic() + support.LIMIT
    while True:
        try:
            answer = admin.list_consumer_group_offsets(asked)[group].result(support.LIMIT)
        except KafkaException as error:
            # The cluster's first group of all: its coordinator is being made.
            if error.args[0].code() not in _NOT_YET or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return {(each.topic, each.partition): each.offset for each in answer.topic_partitions}


@contextlib.contextmanager
def live_member(kafka: str, group: str, topic: str) -> cabc.Iterator[None]:
    """Somebody else's consumer, which is a member of the group in the block, and keeps its session alive.

    It commits nothing.
    """
    settings = {"bootstrap.servers": kafka, "group.id": group, "enable.auto.commit": False}
    left = threading.Event()

    with contextlib.closing(Consumer(settings)) as consumer:
        consumer.subscribe([topic])

        def joined() -> bool:
            consumer.poll(0.02)
            return bool(consumer.assignment())

        def stay() -> None:
            while not left.is_set():
                consumer.poll(0.05)

        support.wait_until(joined, f"a member of {group}")
        thread = threading.Thread(target=stay)
        thread.start()
        try:
            yield
        finally:
            left.set()
            thread.join()
