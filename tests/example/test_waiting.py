"""SQL over two topics, a loop, and a scan by processes give the same."""

from __future__ import annotations

import collections.abc as cabc

import pytest

from example_app import waiting
from example_app.app import app, flights
from example_app.seed import seed
from framework.testing import mock_cluster, mock_registry, run_command
from framework_iterator import Iterator

PLANE = (
    '{"tailnum":"%s","year":2001,"type":"jet","manufacturer":"AIRBUS","model":"A-1","engines":2,"seats":%d,'
    '"speed":null,"engine":"Turbo-fan"}'
)
FLIGHT = (
    '{"carrier":"%s","flight":1,"tailnum":"%s","origin":"EWR","dest":"LAX","time_hour":"2013-12-31T17:00:00Z",'
    '"sched_dep_time":1200,"dep_time":1200,"dep_delay":%d,"sched_arr_time":1500,"arr_time":1500,'
    '"arr_delay":0,"air_time":300,"distance":2454}'
)


@pytest.fixture
def _broker(monkeypatch: pytest.MonkeyPatch) -> cabc.Iterator[None]:
    """The embedded broker, which worker processes know by the environment."""
    with (
        mock_cluster() as servers,
        mock_registry() as registry,
        app.override({"bootstrap.servers": servers}, schema_registry=registry),
    ):
        monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", servers)
        app.admin().topics()
        yield


def write(topic: str, *messages: tuple[str, str | None]) -> None:
    with app.producer() as producer:
        for key, payload in messages:
            producer.produce(topic, payload, key=key)


@pytest.mark.usefixtures("_broker")
def test_the_seats_of_late_flights_are_counted_by_the_latest_state_of_their_planes() -> None:
    write("planes", ("N1", PLANE % ("N1", 100)), ("N2", PLANE % ("N2", 10)), ("N3", PLANE % ("N3", 7)))
    write("planes", ("N1", PLANE % ("N1", 50)), ("N3", None))
    departures = [("UA", "N1", 3), ("UA", "N2", 5), ("B6", "N2", 1), ("B6", "N2", -9), ("AA", "N3", 60)]
    write("flights", *((each[1], FLIGHT % each) for each in departures))

    assert waiting.minutes_by_sql() == {"UA": 200, "B6": 10}
    assert waiting.minutes_by_carrier(Iterator(flights, app=app)) == {"UA": 200, "B6": 10}


@pytest.mark.usefixtures("_broker")
def test_the_command_prints_the_same_by_sql_and_by_a_scan() -> None:
    seed(app, create=False)
    by_sql = run_command("lost-hours", app=app)
    by_scan = run_command("lost-hours", "--workers", "2", app=app)

    assert by_sql == by_scan
    assert (by_sql.exit_code, by_sql.stderr) == (0, "")
    assert by_sql.stdout.splitlines()[:3] == [
        "carrier  hours lost",
        "UA           50,402",
        "B6           42,573",
    ]
