"""The example's commands, tested as its people would: on the embedded broker, by `run_command`."""

from __future__ import annotations

import collections.abc as cabc

import pytest

from example_app.app import app
from example_app.seed import seed
from framework.testing import CommandResult, mock_cluster, mock_registry, run_command

PLANE = (
    b'{"tailnum":"N1","year":2001,"type":"Fixed wing multi engine","manufacturer":"%s","model":"A-1",'
    b'"engines":2,"seats":149,"speed":null,"engine":"Turbo-fan"}'
)
FLIGHT = (
    b'{"carrier":"UA","flight":1,"tailnum":%s,"origin":"EWR","dest":"LAX","time_hour":"2013-12-31T17:00:00Z",'
    b'"sched_dep_time":1200,"dep_time":1200,"dep_delay":0,"sched_arr_time":1500,"arr_time":1500,'
    b'"arr_delay":0,"air_time":300,"distance":2454}'
)


@pytest.fixture(scope="module")
def _seeded() -> cabc.Iterator[None]:
    with (
        mock_cluster() as servers,
        mock_registry() as registry,
        app.override({"bootstrap.servers": servers}, schema_registry=registry),
    ):
        seed(app, create=False)
        yield


@pytest.fixture
def _empty() -> cabc.Iterator[None]:
    """A broker for one test, where the topics are there and have nothing in them."""
    with mock_cluster() as servers, app.override({"bootstrap.servers": servers}):
        app.admin().topics()
        yield


def write_planes(*planes: tuple[str, bytes | None]) -> None:
    """Each with its tail number as key; of the same key all go to one partition, in this order."""
    with app.producer() as producer:
        for tailnum, payload in planes:
            producer.produce("planes", payload, key=tailnum)


def write_flights(*payloads: bytes | None) -> None:
    with app.producer() as producer:
        for payload in payloads:
            producer.produce("flights", payload, partition=0)


@pytest.mark.usefixtures("_seeded")
def test_the_worst_carriers_come_first() -> None:
    result = run_command("delays", "--top", "2", app=app)

    assert (result.exit_code, result.stderr) == (0, "")
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["carrier", "flights", "mean", "delay"],
        ["EV", "820", "20.7", "min"],
        ["B6", "1139", "15.4", "min"],
    ]


@pytest.mark.usefixtures("_seeded")
def test_a_plane_is_found() -> None:
    result = run_command("find-plane", "N14228", app=app)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("planes-")
    assert result.stdout.endswith("  N14228: BOEING 737-824, 149 seats\n")


@pytest.mark.usefixtures("_seeded")
def test_a_plane_that_is_not_there_is_an_error() -> None:
    assert run_command("find-plane", "N1", app=app) == CommandResult(
        1, "", "Error: Plane 'N1' doesn't exist.\n"
    )


@pytest.mark.usefixtures("_empty")
def test_of_a_plane_the_last_message_counts() -> None:
    write_planes(("N1", PLANE % b"WRIGHT"), ("N1", PLANE % b"BOEING"), ("N2", None))

    assert "N1: BOEING A-1, 149 seats\n" in run_command("find-plane", "N1", app=app).stdout


@pytest.mark.usefixtures("_empty")
def test_a_plane_whose_last_message_is_a_tombstone_is_gone() -> None:
    write_planes(("N1", PLANE % b"WRIGHT"), ("N1", None))

    assert run_command("find-plane", "N1", app=app) == CommandResult(
        1, "", "Error: Plane 'N1' doesn't exist.\n"
    )


@pytest.mark.usefixtures("_seeded")
def test_the_newest_late_flights_come_first() -> None:
    result = run_command("late-flights", "--minutes", "120", "--top", "3", app=app)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "2013-12-31 22:00Z  B61119  CLT   134 min\n"
        "2013-12-31 22:00Z  B61407  IAD   197 min\n"
        "2013-12-31 21:00Z  EV4381  DTW   182 min\n"
    )


KNOWN = ("N1", PLANE % b"BOEING")


@pytest.mark.usefixtures("_empty")
def test_flights_whose_planes_are_known_are_fine() -> None:
    write_planes(KNOWN)
    write_flights(FLIGHT % b'"N1"', FLIGHT % b'"N1"')

    assert run_command("check-planes", app=app) == CommandResult(
        0, "0 of 1 planes are unknown, with 0 of 2 flights.\n", ""
    )


@pytest.mark.usefixtures("_empty")
def test_planes_that_are_unknown_are_told_those_with_most_flights_first() -> None:
    write_planes(KNOWN)
    write_flights(*(FLIGHT % tailnum for tailnum in (b'"N1"', b'"N2"', b'"N3"', b'"N3"')))

    assert run_command("check-planes", app=app) == CommandResult(
        1, "N3         2 flights\nN2         1 flight\n2 of 3 planes are unknown, with 3 of 4 flights.\n", ""
    )


@pytest.mark.usefixtures("_empty")
def test_a_plane_that_is_gone_is_unknown_and_one_that_came_back_is_known() -> None:
    write_planes(KNOWN, ("N1", None), ("N2", None), ("N2", PLANE % b"BOEING"))
    write_flights(FLIGHT % b'"N1"', FLIGHT % b'"N2"')
    result = run_command("check-planes", app=app)

    assert (result.exit_code, result.stdout.splitlines()[:-1]) == (1, ["N1         1 flight"])


@pytest.mark.usefixtures("_empty")
def test_what_is_no_flight_and_flights_without_a_tail_number_are_no_unknown_planes() -> None:
    write_planes(KNOWN)
    write_flights(None, b"a bird", FLIGHT % b"null", FLIGHT % b'"N1"')
    result = run_command("check-planes", app=app)

    assert (result.exit_code, result.stdout) == (0, "0 of 1 planes are unknown, with 0 of 1 flights.\n")
    assert result.stderr.startswith("Can't read the payload of flights-0@1 ")
    assert result.stderr.count("\n") == 1
