"""The flight of example_app.models as schemas."""

from __future__ import annotations

import functools
import json
from typing import Any

_MAYBE_INT = ["null", "int"]

AVRO = json.dumps(
    {
        "type": "record",
        "name": "Flight",
        "namespace": "nycflights",
        "fields": [
            {"name": "carrier", "type": "string"},
            {"name": "flight", "type": "int"},
            {"name": "tailnum", "type": ["null", "string"]},
            {"name": "origin", "type": "string"},
            {"name": "dest", "type": "string"},
            {"name": "time_hour", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "sched_dep_time", "type": "int"},
            {"name": "dep_time", "type": _MAYBE_INT},
            {"name": "dep_delay", "type": _MAYBE_INT},
            {"name": "sched_arr_time", "type": "int"},
            {"name": "arr_time", "type": _MAYBE_INT},
            {"name": "arr_delay", "type": _MAYBE_INT},
            {"name": "air_time", "type": _MAYBE_INT},
            {"name": "distance", "type": "int"},
        ],
    }
)

PROTOBUF = """
syntax = "proto3";
package nycflights;
import "google/protobuf/timestamp.proto";

message Flight {
  string carrier = 1;
  int32 flight = 2;
  optional string tailnum = 3;
  string origin = 4;
  string dest = 5;
  google.protobuf.Timestamp time_hour = 6;
  int32 sched_dep_time = 7;
  optional int32 dep_time = 8;
  optional int32 dep_delay = 9;
  int32 sched_arr_time = 10;
  optional int32 arr_time = 11;
  optional int32 arr_delay = 12;
  optional int32 air_time = 13;
  int32 distance = 14;
}
"""

_PROPERTIES: dict[str, dict[str, Any]] = {
    "carrier": {"type": "string"},
    "flight": {"type": "integer"},
    "tailnum": {"type": ["string", "null"]},
    "origin": {"type": "string"},
    "dest": {"type": "string"},
    "time_hour": {"type": "string", "format": "date-time"},
    "sched_dep_time": {"type": "integer"},
    "dep_time": {"type": ["integer", "null"]},
    "dep_delay": {"type": ["integer", "null"]},
    "sched_arr_time": {"type": "integer"},
    "arr_time": {"type": ["integer", "null"]},
    "arr_delay": {"type": ["integer", "null"]},
    "air_time": {"type": ["integer", "null"]},
    "distance": {"type": "integer"},
}

JSON_SCHEMA = json.dumps(
    {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Flight",
        "type": "object",
        "properties": _PROPERTIES,
        "required": list(_PROPERTIES),
        "additionalProperties": False,
    }
)


@functools.cache
def flight_message() -> Any:
    """Return the class that protoc generates for a flight."""
    from tests.confluent_serializers import proto_classes  # with Confluent's client, which takes a second

    return proto_classes({"flight.proto": PROTOBUF})["nycflights.Flight"]
