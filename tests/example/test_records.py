from __future__ import annotations

import json

from example_app import records
from example_app.schemas import AIRPORT
from framework.avro import compile_avro


def test_a_flight_is_json_under_its_code_at_its_scheduled_hour() -> None:
    first = next(records.flights())
    assert first.key == "US1895"
    assert first.payload == (
        b'{"carrier":"US","flight":1895,"tailnum":"N156UW","origin":"EWR","dest":"CLT",'
        b'"time_hour":"2013-12-25T10:00:00Z","sched_dep_time":500,"dep_time":456,"dep_delay":-4,'
        b'"sched_arr_time":651,"arr_time":649,"arr_delay":-2,"air_time":98,"distance":529}'
    )
    assert first.time is not None
    assert first.time.isoformat() == "2013-12-25T10:00:00+00:00"


def test_flights_come_in_the_order_of_their_hours() -> None:
    hours = [record.time for record in records.flights() if record.time]
    assert len(hours) == 6064
    assert hours == sorted(hours)


def test_an_observation_is_xml_without_what_is_missing() -> None:
    row = next(row for row in records.rows("weather") if row["time_hour"] == "2013-12-25T06:00:00Z")
    assert row["wind_gust"] == "NA"
    assert records.observation(row) == (
        b'<observation origin="EWR" hour="2013-12-25T06:00:00Z"><temp unit="F">23</temp>'
        b'<dewp unit="F">5</dewp><humid unit="%">45.41</humid>'
        b'<wind><direction unit="deg">300</direction><speed unit="mph">16.11092</speed></wind>'
        b'<precip unit="in">0</precip><pressure unit="mbar">1029.6</pressure><visib unit="mi">10</visib>'
        b"</observation>"
    )


def test_a_carrier_is_json_with_its_name() -> None:
    airlines = {record.key: record.payload for record in records.airlines()}
    assert airlines["UA"] == b'{"carrier":"UA","name":"United Air Lines Inc."}'


def test_an_airport_is_avro_and_has_every_column() -> None:
    airports = {record.key: record.payload for record in records.airports()}
    assert len(airports) == 93
    read = compile_avro(json.dumps(AIRPORT))
    assert read(airports["JFK"], 0) == {
        "faa": "JFK",
        "name": "John F Kennedy Intl",
        "lat": 40.639751,
        "lon": -73.778925,
        "alt": 13,
        "tz": -5,
        "dst": "A",
        "tzone": "America/New_York",
    }
