"""The error about refused messages is that of a wrong message, not of one beside it in its batch."""

from __future__ import annotations

import pytest

from framework import App, BrokerError
from tests.support import TopicFactory


def test_a_compacted_topic_refuses_messages_without_a_key(kafka: str, topic: TopicFactory) -> None:
    name = topic(cleanup_policy="compact")
    # One batch, however long this process is kept from producing: the flush at the end does not linger.
    app = App(kafka={"bootstrap.servers": kafka, "linger.ms": 60_000})
    with pytest.raises(BrokerError) as caught, app.producer() as producer:
        producer.produce(name, b"1", key=b"k")
        producer.produce(name, b"2")
        producer.produce(name, b"3")
    assert str(caught.value) == (
        f"Messages refused: 3, the first to {name}-0: Broker: Broker failed to validate record. "
        "A compacted topic takes no message without a key, and message.timestamp.after.max.ms of a topic "
        "limits timestamps."
    )
