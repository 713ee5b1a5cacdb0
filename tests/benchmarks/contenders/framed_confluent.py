"""The deserializers of Confluent's client, called per message as their users do."""

from __future__ import annotations

import collections.abc as cabc
import os
from typing import Any

from confluent_kafka import KafkaException, Message
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer
from confluent_kafka.schema_registry.protobuf import ProtobufDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf.json_format import MessageToDict

from example_app.models import Flight
from tests.benchmarks.contenders.flight_schemas import JSON_SCHEMA, flight_message
from tests.benchmarks.contenders.framed import in_dict, in_object
from tests.benchmarks.contenders.program import Counts, alone, run
from tests.benchmarks.contenders.tuned import batches

Deserialize = cabc.Callable[[Any, Any], Any]


def avro_dict(servers: str, topic: str) -> Counts:
    return measured(servers, topic, AvroDeserializer(client()), in_dict)


def avro_model(servers: str, topic: str) -> Counts:
    return measured(servers, topic, avro_to_flight(), in_object)


def protobuf_message(servers: str, topic: str) -> Counts:
    deserialize = ProtobufDeserializer(flight_message(), schema_registry_client=client())
    return measured(servers, topic, deserialize, in_object)


def protobuf_message_alone(servers: str, topic: str) -> Counts:
    """Without a client of the registry it looks at no schema, and applies no rules of it."""
    return measured(servers, topic, ProtobufDeserializer(flight_message()), in_object)


def protobuf_dict(servers: str, topic: str) -> Counts:
    deserialize = ProtobufDeserializer(flight_message(), schema_registry_client=client())
    return measured(servers, topic, to_dict(deserialize), in_dict)


def protobuf_dict_alone(servers: str, topic: str) -> Counts:
    return measured(servers, topic, to_dict(ProtobufDeserializer(flight_message())), in_dict)


def json_schema(servers: str, topic: str) -> Counts:
    return measured(servers, topic, JSONDeserializer(JSON_SCHEMA), in_dict)


def scan_avro(servers: str, topic: str) -> Counts:
    messages = distance = 0
    deserialize = avro_to_flight()
    for batch in batches(servers, topic):
        for message in batch:
            if (error := message.error()) is not None:
                raise KafkaException(error)
            messages += 1
            flight = deserialize(message.value(), SerializationContext(message.topic(), MessageField.VALUE))
            distance += flight.distance
    return {"messages": messages, "distance": distance}


def measured(
    servers: str, topic: str, deserialize: Deserialize, distance: cabc.Callable[[Any], int]
) -> Counts:
    def read(message: Message) -> Any:
        return deserialize(message.value(), SerializationContext(message.topic(), MessageField.VALUE))

    return alone([message for batch in batches(servers, topic) for message in batch], read, distance)


def avro_to_flight() -> Any:
    return AvroDeserializer(client(), from_dict=lambda value, _context: Flight.model_validate(value))


def to_dict(deserialize: Deserialize) -> Deserialize:
    return lambda value, context: MessageToDict(deserialize(value, context), preserving_proto_field_name=True)


def client() -> SchemaRegistryClient:
    return SchemaRegistryClient({"url": os.environ["SCHEMA_REGISTRY_URL"]})


if __name__ == "__main__":
    run(
        {
            "avro_dict": avro_dict,
            "avro_model": avro_model,
            "protobuf_message": protobuf_message,
            "protobuf_message_alone": protobuf_message_alone,
            "protobuf_dict": protobuf_dict,
            "protobuf_dict_alone": protobuf_dict_alone,
            "json_schema": json_schema,
            "scan_avro": scan_avro,
        }
    )
