"""The application: its topics, and how their messages are deserialized.

KAFKA_BOOTSTRAP_SERVERS names the broker; by default it is the one at 127.0.0.1:9092. SCHEMA_REGISTRY_URL
names the schema registry, by default the one at 127.0.0.1:8081, which only airports need.
"""

from __future__ import annotations

import os

from example_app.deserializers import read_weather
from example_app.models import Airport, Flight, Plane
from framework import App
from framework.schemas import avro

app = App(
    client_id="example",
    include=["example_app.commands"],
    schema_registry=os.environ.get("SCHEMA_REGISTRY_URL", "http://127.0.0.1:8081"),
)

# "crc32" is how the seed's producer chooses the partition of a key. A tombstone deletes a plane.
flights = app.topic("flights", payload=Flight, partitioner="crc32")  # JSON into a pydantic model
weather = app.topic("weather", payload=read_weather, active=False)  # XML; read only where it is named
planes = app.topic("planes", payload=Plane, key=str, tombstones=True, partitioner="crc32")
airports = app.topic("airports", payload=avro(Airport), key=str)  # Avro, by the schema of each message

# "airlines" is a topic as well. It isn't declared, so its messages get the defaults.
