"""Encode flights as Confluent's serializers do, with the id of a schema in front."""

from __future__ import annotations

import collections.abc as cabc

from example_app.models import Flight
from tests.benchmarks.contenders.flight_schemas import AVRO, JSON_SCHEMA, flight_message
from tests.confluent_serializers import Confluent

Encode = cabc.Callable[[Flight], bytes]


def encoder(registry: str, topic: str, name: str) -> Encode:
    """Return what encodes flights as `avro`, `protobuf` or `json-schema`, and registers the schema."""
    confluent = Confluent(registry, topic)
    match name:
        case "avro":
            avro = confluent.avro(AVRO)
            return lambda flight: avro.dump(flight.model_dump()).data
        case "protobuf":
            message = flight_message()
            protobuf = confluent.protobuf(message)
            # None is what isn't set.
            return lambda flight: protobuf.dump(message(**flight.model_dump(exclude_none=True))).data
        case "json-schema":
            json_schema = confluent.json_schema(JSON_SCHEMA)
            return lambda flight: json_schema.dump(flight.model_dump(mode="json")).data
    raise ValueError(f"{name!r} is no format: expected avro, protobuf or json-schema.")
