"""What scenarios need to know of a group: what it has committed, asked by a client of their own."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import threading

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from framework.types import TopicPartition
from tests import support

_NOT_YET = (
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
)


def committed(admin: AdminClient, group: str) -> dict[TopicPartition, int]:
    """All that a group has committed, of whatever topic."""
    # Where the coordinator isn't ready, the answer to the question itself makes librdkafka 2.16 end the
    # process (rd_kafka_cgrp_op, of a client that has no group).
    support.wait_until(lambda: _has_coordinator(admin, group), f"a coordinator of {group}")
    asked = [ConsumerGroupTopicPartitions(group)]
    answer = admin.list_consumer_group_offsets(asked)[group].result(support.LIMIT)
    return {TopicPartition(each.topic, each.partition): each.offset for each in answer.topic_partitions}


def _has_coordinator(admin: AdminClient, group: str) -> bool:
    """Whether it is there: that of the cluster's first group of all is only being made."""
    try:
        admin.describe_consumer_groups([group])[group].result(support.LIMIT)
    except KafkaException as error:
        return error.args[0].code() not in _NOT_YET
    return True


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
