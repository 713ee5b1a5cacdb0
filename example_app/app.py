"""The application: its topics, and how their messages are deserialized.

KAFKA_BOOTSTRAP_SERVERS names the broker; by default it is the one at 127.0.0.1:9092.
"""

from __future__ import annotations

from example_app.deserializers import read_weather
from example_app.models import Flight, Plane
from framework import App

app = App(client_id="example", include=["example_app.commands"])

flights = app.topic("flights", payload=Flight)  # JSON into a pydantic model
weather = app.topic("weather", payload=read_weather, active=False)  # XML; read only where it is named
planes = app.topic("planes", payload=Plane, key=str, tombstones=True)  # a tombstone deletes a plane

# "airlines" is a topic as well. It isn't declared, so its messages get the defaults.
