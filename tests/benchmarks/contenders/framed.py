"""Iterator, with payloads that were written with a schema registry: App finds it in SCHEMA_REGISTRY_URL."""

from __future__ import annotations

import operator
from typing import Any

import framework_iterator.session  # noqa: F401  # Confluent's client; the others import it at the top as well
from example_app.models import Flight
from framework import Topic
from framework.schemas import avro, json_schema, protobuf
from framework_iterator import Iterator
from tests.benchmarks.contenders.flight_schemas import flight_message
from tests.benchmarks.contenders.iterator import application
from tests.benchmarks.contenders.program import Counts, alone, run

# As an expression in a loop: without the call of a function around it.
PAYLOAD = operator.attrgetter("payload")


def avro_dict(servers: str, topic: str) -> Counts:
    return alone(messages(servers, Topic(topic, payload=avro())), PAYLOAD, in_dict)


def avro_model(servers: str, topic: str) -> Counts:
    return alone(messages(servers, Topic(topic, payload=avro(Flight))), PAYLOAD, in_object)


def protobuf_message(servers: str, topic: str) -> Counts:
    return alone(messages(servers, Topic(topic, payload=protobuf(flight_message()))), PAYLOAD, in_object)


def protobuf_dict(servers: str, topic: str) -> Counts:
    declared = Topic(topic, payload=protobuf(dict, message=flight_message()))
    return alone(messages(servers, declared), PAYLOAD, in_dict)


def validated(servers: str, topic: str) -> Counts:
    return alone(messages(servers, Topic(topic, payload=json_schema(validate=True))), PAYLOAD, in_dict)


def scan_avro(servers: str, topic: str) -> Counts:
    messages = distance = 0
    for message in Iterator(Topic(topic, payload=avro(Flight)), app=application(servers)):
        messages += 1
        distance += message.payload.distance
    return {"messages": messages, "distance": distance}


def messages(servers: str, topic: Topic[Any]) -> list[Any]:
    return list(Iterator(topic, app=application(servers)))


def in_dict(payload: Any) -> int:
    distance: int = payload["distance"]
    return distance


def in_object(payload: Any) -> int:
    distance: int = payload.distance
    return distance


if __name__ == "__main__":
    run(
        {
            "avro_dict": avro_dict,
            "avro_model": avro_model,
            "protobuf_message": protobuf_message,
            "protobuf_dict": protobuf_dict,
            "json_schema": validated,
            "scan_avro": scan_avro,
        }
    )
