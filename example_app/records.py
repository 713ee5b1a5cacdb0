"""The records in `data`, as the messages that a producer would write."""

from __future__ import annotations

import collections.abc as cabc
import csv
import datetime
import pathlib
from typing import NamedTuple
from xml.etree import ElementTree

from pydantic_core import to_json

from example_app.models import Airport, Flight, Plane
from example_app.schemas import AIRPORT, encode

DATA = pathlib.Path(__file__).parent / "data"

Row = dict[str, str]


class Record(NamedTuple):
    """A message to write; without a time it gets the current one."""

    key: str
    payload: bytes
    content_type: str = "application/json"
    time: datetime.datetime | None = None


def flights() -> cabc.Iterator[Record]:
    """Yield flights in the order of their scheduled hours, so that starts by time work."""
    for flight in sorted(map(Flight.model_validate, rows("flights")), key=lambda flight: flight.time_hour):
        yield Record(flight.code, flight.model_dump_json().encode(), time=flight.time_hour)


def weather() -> cabc.Iterator[Record]:
    """Yield observations as a weather service sends them: XML, without values that were not measured."""
    for row in sorted(rows("weather"), key=lambda row: row["time_hour"]):
        time = datetime.datetime.fromisoformat(row["time_hour"])
        yield Record(row["origin"], observation(row), "application/xml", time)


def planes() -> cabc.Iterator[Record]:
    """Yield planes, with the tail number as key."""
    for plane in map(Plane.model_validate, rows("planes")):
        yield Record(plane.tailnum, plane.model_dump_json().encode())


def airlines() -> cabc.Iterator[Record]:
    """Yield the names of the carriers."""
    for row in rows("airlines"):
        yield Record(row["carrier"], to_json(row))


def airports() -> cabc.Iterator[Record]:
    """Yield airports as bare Avro, with the FAA code as key, as of the first day of the flights."""
    time = datetime.datetime(2013, 12, 25, tzinfo=datetime.UTC)
    for row in rows("airports"):
        airport = Airport.model_validate(row)
        yield Record(airport.faa, encode(AIRPORT, airport.model_dump()), "avro/binary", time)


def observation(row: Row) -> bytes:
    """Return a row of weather.csv as XML."""
    root = ElementTree.Element("observation", origin=row["origin"], hour=row["time_hour"])
    _add(root, "temp", row["temp"], "F")
    _add(root, "dewp", row["dewp"], "F")
    _add(root, "humid", row["humid"], "%")
    wind = ElementTree.SubElement(root, "wind")
    _add(wind, "direction", row["wind_dir"], "deg")
    _add(wind, "speed", row["wind_speed"], "mph")
    _add(wind, "gust", row["wind_gust"], "mph")
    _add(root, "precip", row["precip"], "in")
    _add(root, "pressure", row["pressure"], "mbar")
    _add(root, "visib", row["visib"], "mi")
    return ElementTree.tostring(root)


def _add(parent: ElementTree.Element, name: str, value: str, unit: str) -> None:
    if value not in ("", "NA"):
        ElementTree.SubElement(parent, name, unit=unit).text = value


def rows(name: str) -> cabc.Iterator[Row]:
    """Yield the rows of a file in `data`."""
    with open(DATA / f"{name}.csv", newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)
