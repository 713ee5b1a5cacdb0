"""The types of the payloads."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict


def _missing(value: object) -> object:
    """Return None for the two ways in which the records mark a missing value."""
    return None if value in ("", "NA") else value


MaybeInt = Annotated[int | None, BeforeValidator(_missing)]
MaybeStr = Annotated[str | None, BeforeValidator(_missing)]


class Flight(BaseModel):
    """A flight from one of New York's airports; None stands for what did not take place.

    Delays and air time are minutes, negative for early; the distance is miles. Clock times are local
    and written without the colon: 517 is 5:17. `time_hour` is the scheduled hour of departure.
    """

    model_config = ConfigDict(frozen=True)

    carrier: str
    flight: int
    tailnum: MaybeStr
    origin: str
    dest: str
    time_hour: AwareDatetime
    sched_dep_time: int
    dep_time: MaybeInt
    dep_delay: MaybeInt
    sched_arr_time: int
    arr_time: MaybeInt
    arr_delay: MaybeInt
    air_time: MaybeInt
    distance: int

    @property
    def code(self) -> str:
        """Carrier and number, such as UA1475."""
        return f"{self.carrier}{self.flight}"

    @property
    def is_cancelled(self) -> bool:
        """Whether it was cancelled."""
        return self.dep_time is None


class Plane(BaseModel):
    """A plane by its tail number; `year` is when it was built, `speed` its cruising speed in mph."""

    model_config = ConfigDict(frozen=True)

    tailnum: str
    year: MaybeInt
    type: str
    manufacturer: str
    model: str
    engines: int
    seats: int
    speed: MaybeInt
    engine: str


class Airport(BaseModel):
    """An airport by its FAA code; `alt` is feet, `tz` hours from UTC without daylight saving time."""

    model_config = ConfigDict(frozen=True)

    faa: str
    name: str
    lat: float
    lon: float
    alt: int
    tz: int
    dst: Literal["A", "U", "N"]
    tzone: str | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """One hour's weather at an airport; values that the station did not measure are None."""

    origin: str
    time_hour: datetime.datetime
    temp: float
    """Degrees Fahrenheit, as the dew point."""
    dewp: float
    humid: float
    """Per cent."""
    wind_dir: float | None
    """Degrees."""
    wind_speed: float
    """Miles per hour, as the gusts."""
    wind_gust: float | None
    precip: float
    """Inches."""
    pressure: float | None
    """Millibars."""
    visib: float
    """Miles."""
