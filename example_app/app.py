"""The application: which topics there are, and what their messages mean.

The broker is named by the environment, KAFKA_BOOTSTRAP_SERVERS, or is the one at 127.0.0.1:9092.
"""

from __future__ import annotations

from example_app.deserializers import read_weather
from example_app.models import Flight, Plane
from framework import App

app = App(client_id="example")

flights = app.topic("flights", payload=Flight)  # JSON into a pydantic model
weather = app.topic("weather", payload=read_weather, active=False)  # XML; known, but read by hand only
planes = app.topic("planes", payload=Plane)

# "airlines" is a topic as well. Nobody declared it, so its messages get the defaults.

# Adds the commands. It needs what stands above, so it comes last.
from example_app import commands  # noqa: E402, F401
