"""Deserializers of this application: functions from bytes to a value."""

from __future__ import annotations

import datetime
from typing import Any

from example_app.models import Weather
from framework.deserializers import xml


def read_weather(data: bytes) -> Weather:
    """Deserialize an `<observation>`; a missing element is None if it is optional, else a ValueError."""
    observation = xml(data)
    if observation.tag != "observation":
        raise ValueError(f"<{observation.tag}> is invalid: expected <observation>.")
    return Weather(
        origin=_attribute(observation, "origin"),
        time_hour=datetime.datetime.fromisoformat(_attribute(observation, "hour")),
        temp=_number(observation, "temp"),
        dewp=_number(observation, "dewp"),
        humid=_number(observation, "humid"),
        wind_dir=_number_or_none(observation, "wind/direction"),
        wind_speed=_number(observation, "wind/speed"),
        wind_gust=_number_or_none(observation, "wind/gust"),
        precip=_number(observation, "precip"),
        pressure=_number_or_none(observation, "pressure"),
        visib=_number(observation, "visib"),
    )


def _attribute(observation: Any, name: str) -> str:
    value: str | None = observation.get(name)
    if value is None:
        raise ValueError(f"The observation has no {name}.")
    return value


def _number(observation: Any, path: str) -> float:
    if (value := _number_or_none(observation, path)) is None:
        raise ValueError(f"The observation has no {path}.")
    return value


def _number_or_none(observation: Any, path: str) -> float | None:
    text = observation.findtext(path)
    return float(text) if text else None
