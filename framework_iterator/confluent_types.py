"""Convert between our values and those of `confluent_kafka`."""

from __future__ import annotations

import collections.abc as cabc

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka import TopicPartition as NativeTopicPartition

from framework.types import TopicPartition


def key_of(native: NativeTopicPartition) -> TopicPartition:
    """Return a partition of the client's as ours."""
    return TopicPartition(native.topic, native.partition)


def with_offsets(offsets: cabc.Mapping[TopicPartition, int]) -> list[NativeTopicPartition]:
    """Return offsets of partitions as the client takes them."""
    return [NativeTopicPartition(*partition, offset) for partition, offset in offsets.items()]


def without_offsets(partitions: cabc.Iterable[TopicPartition]) -> list[NativeTopicPartition]:
    """Return partitions as the client takes them."""
    return [NativeTopicPartition(*partition) for partition in partitions]


def check_answers(answers: list[NativeTopicPartition]) -> list[NativeTopicPartition]:
    """Return the answers, or raise the first partition's error as an exception that names the partition."""
    for each in answers:
        if each.error is not None:
            reason = f"{key_of(each)}: {each.error.str()}"
            raise KafkaException(KafkaError(each.error.code(), reason, retriable=each.error.retriable()))
    return answers
