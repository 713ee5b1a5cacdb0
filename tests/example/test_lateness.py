"""The function of a scan, tested as a function: over messages that no broker has."""

from __future__ import annotations

from example_app.app import app, flights
from example_app.lateness import late_by_carrier
from framework.testing import build_message

FLIGHT = (
    '{"carrier":"%s","flight":1,"tailnum":"N1","origin":"EWR","dest":"LAX","time_hour":"2013-12-31T17:00:00Z",'
    '"sched_dep_time":1200,"dep_time":1200,"dep_delay":%s,"sched_arr_time":1500,"arr_time":1500,'
    '"arr_delay":0,"air_time":300,"distance":2454}'
)


def test_flights_that_left_more_than_an_hour_late_are_counted() -> None:
    departures = [("UA", "61"), ("UA", "60"), ("B6", "400"), ("UA", "90"), ("EV", '"NA"'), ("EV", "-3")]
    messages = [build_message(flights, (FLIGHT % each).encode(), app=app) for each in departures]
    assert late_by_carrier(messages) == {"UA": 2, "B6": 1}
