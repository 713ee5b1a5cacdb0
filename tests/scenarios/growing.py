"""Add partitions to topics while scenarios follow them."""

from __future__ import annotations

from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewPartitions, OffsetSpec

from tests import support


def grow(admin: AdminClient, topic: str, partitions: int, producer: Producer | None = None) -> None:
    """Give a topic so many partitions; return when each takes messages, and the producer knows them."""
    for done in admin.create_partitions([NewPartitions(topic, partitions)]).values():
        done.result(support.LIMIT)
    places = {TopicPartition(topic, number): OffsetSpec.latest() for number in range(partitions)}

    def is_ready() -> bool:
        found = admin.list_topics(topic, timeout=support.LIMIT).topics[topic].partitions.values()
        return [part.leader >= 0 for part in found] == [True] * partitions and all(
            done.exception(support.LIMIT) is None for done in admin.list_offsets(places).values()
        )

    support.wait_until(is_ready, f"leaders for the partitions of {topic}")
    if producer is not None:
        # It refuses partitions that it doesn't know.
        producer.list_topics(topic, timeout=support.LIMIT)
