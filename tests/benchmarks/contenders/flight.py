"""The flight of example_app.models, as a Struct and as a model without validators."""

from __future__ import annotations

import datetime

import msgspec
from pydantic import AwareDatetime, BaseModel


class FlightStruct(msgspec.Struct, frozen=True):
    """What stands in a message; missing values are null there already."""

    carrier: str
    flight: int
    tailnum: str | None
    origin: str
    dest: str
    time_hour: datetime.datetime
    sched_dep_time: int
    dep_time: int | None
    dep_delay: int | None
    sched_arr_time: int
    arr_time: int | None
    arr_delay: int | None
    air_time: int | None
    distance: int


class PlainFlight(BaseModel):
    """The same as a model of pydantic: the validators of the example's model take a part of its time."""

    carrier: str
    flight: int
    tailnum: str | None
    origin: str
    dest: str
    time_hour: AwareDatetime
    sched_dep_time: int
    dep_time: int | None
    dep_delay: int | None
    sched_arr_time: int
    arr_time: int | None
    arr_delay: int | None
    air_time: int | None
    distance: int
