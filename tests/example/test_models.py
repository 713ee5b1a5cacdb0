from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from example_app.models import Flight, Plane

FLIGHT = {
    "carrier": "UA",
    "flight": "1475",
    "tailnum": "N14228",
    "origin": "EWR",
    "dest": "ORD",
    "time_hour": "2013-12-26T14:00:00Z",
    "sched_dep_time": "909",
    "dep_time": "922",
    "dep_delay": "13",
    "sched_arr_time": "1045",
    "arr_time": "1044",
    "arr_delay": "-1",
    "air_time": "114",
    "distance": "719",
}
PLANE = {
    "tailnum": "N14228",
    "year": "1999",
    "type": "Fixed wing multi engine",
    "manufacturer": "BOEING",
    "model": "737-824",
    "engines": "2",
    "seats": "149",
    "speed": "NA",
    "engine": "Turbo-fan",
}


def test_a_row_of_text_becomes_a_flight() -> None:
    assert Flight.model_validate(FLIGHT) == Flight(
        carrier="UA",
        flight=1475,
        tailnum="N14228",
        origin="EWR",
        dest="ORD",
        time_hour=datetime(2013, 12, 26, 14, tzinfo=UTC),
        sched_dep_time=909,
        dep_time=922,
        dep_delay=13,
        sched_arr_time=1045,
        arr_time=1044,
        arr_delay=-1,
        air_time=114,
        distance=719,
    )


def test_a_flight_survives_its_own_json() -> None:
    flight = Flight.model_validate(FLIGHT)
    assert Flight.model_validate_json(flight.model_dump_json()) == flight


def test_a_flight_has_the_code_of_the_boards() -> None:
    assert Flight.model_validate(FLIGHT).code == "UA1475"


@pytest.mark.parametrize("missing", ["NA", "", None])
def test_a_flight_without_departure_is_cancelled(missing: str | None) -> None:
    never = dict.fromkeys(["tailnum", "dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"], missing)
    flight = Flight.model_validate(FLIGHT | never)
    assert flight.is_cancelled
    assert (flight.tailnum, flight.dep_time, flight.dep_delay) == (None, None, None)
    assert (flight.arr_time, flight.arr_delay, flight.air_time) == (None, None, None)


def test_a_flight_that_left_on_time_is_not_cancelled() -> None:
    assert not Flight.model_validate(FLIGHT | {"dep_delay": "0"}).is_cancelled


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        pytest.param("time_hour", "2013-12-25T10:00:00", id="an hour without a time zone"),
        pytest.param("distance", "NA", id="no distance"),
        pytest.param("dep_delay", "late", id="a delay in words"),
        pytest.param("carrier", None, id="no carrier"),
    ],
)
def test_a_wrong_flight_is_refused_with_the_name_of_the_field(field: str, wrong: Any) -> None:
    with pytest.raises(ValidationError, match=field):
        Flight.model_validate(FLIGHT | {field: wrong})


def test_a_flight_can_not_be_changed() -> None:
    flight = Flight.model_validate(FLIGHT)
    with pytest.raises(ValidationError, match="frozen"):
        flight.dest = "IAH"


def test_a_plane_may_lack_year_and_speed() -> None:
    plane = Plane.model_validate(PLANE | {"year": "NA"})
    assert (plane.tailnum, plane.year, plane.speed, plane.seats) == ("N14228", None, None, 149)


def test_a_plane_must_have_a_tail_number() -> None:
    with pytest.raises(ValidationError, match="tailnum"):
        Plane.model_validate({name: value for name, value in PLANE.items() if name != "tailnum"})
