"""With `async for`, the schema registry is asked in the thread of the run, never in the event loop."""

from __future__ import annotations

import asyncio
import threading
import uuid
from typing import Any

import pytest
from confluent_kafka import Producer

from framework import DeserializationError
from framework.registry import Registry, Schema, SchemaId
from framework.schemas import avro
from framework_iterator import Iterator
from tests import support
from tests.confluent_serializers import Framing, avro_record
from tests.scenarios.payloads import FRAMINGS, payloads


@pytest.fixture
def asked_in(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the threads that asked for a schema."""
    names: set[str] = set()
    schema = Registry.schema

    def noted(registry: Registry, schema_id: SchemaId) -> Schema:
        names.add(threading.current_thread().name)
        return schema(registry, schema_id)

    monkeypatch.setattr(Registry, "schema", noted)
    return names


async def read(iterator: Iterator[Any]) -> list[Any]:
    return [message.payload async for message in iterator]


async def read_batches(iterator: Iterator[Any]) -> list[Any]:
    return [payload async for batch in iterator.batches(size=2) for payload in batch.payloads]


@FRAMINGS
@pytest.mark.parametrize("way", [read, read_batches])
def test_of_each_schema_of_a_topic(
    registry: str,
    kafka: str,
    producer: Producer,
    topic: support.TopicFactory,
    asked_in: set[str],
    framing: Framing,
    way: Any,
) -> None:
    with payloads(framing, registry, kafka, producer, topic(), subjects="record") as written:
        # New ones: what this process has read before is not asked for again.
        notes = written.confluent.avro(avro_record(f"shop.Note{uuid.uuid4().hex}", text="string"))
        words = written.confluent.avro(avro_record(f"shop.Word{uuid.uuid4().hex}", word="string"))
        written.write(*notes.record(*[{"text": str(each)} for each in range(3)]), None)
        written.write(*words.record({"word": "late"}))
        iterator = written.iterator(payload=avro())
        expected = [{"text": "0"}, {"text": "1"}, {"text": "2"}, None, {"word": "late"}]
        assert asyncio.run(way(iterator)) == expected
    assert asked_in == {"framework-iterator-run"}


def test_what_the_registry_does_not_have_is_raised_in_the_loop(
    registry: str, kafka: str, producer: Producer, topic: support.TopicFactory
) -> None:
    with payloads("prefix", registry, kafka, producer, topic()) as written:
        written.write(b"\x00\x00\x00\xff\xff\x02a")
        with pytest.raises(DeserializationError, match="Schema 65535 "):
            asyncio.run(read(written.iterator(payload=avro())))
