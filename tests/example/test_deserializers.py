from __future__ import annotations

from datetime import UTC, datetime

import pytest
from defusedxml import EntitiesForbidden

from example_app.app import weather
from example_app.deserializers import read_weather
from example_app.models import Weather
from framework import DeserializationError
from framework.testing import build_message
from tests.example.conftest import make_app

OBSERVATION = """
    <observation origin="EWR" hour="2013-12-25T05:00:00Z">
      <temp unit="F">24.98</temp>
      <dewp unit="F">6.08</dewp>
      <humid unit="%">43.91</humid>
      <wind>
        <direction unit="deg">300</direction>
        <speed unit="mph">23.0156</speed>
        <gust unit="mph">34.5234</gust>
      </wind>
      <precip unit="in">0</precip>
      <pressure unit="mbar">1028.4</pressure>
      <visib unit="mi">10</visib>
    </observation>
""".strip()


def without(element: str) -> bytes:
    lines = [line for line in OBSERVATION.splitlines() if f"<{element} " not in line]
    return "\n".join(lines).encode()


def test_reads_an_observation() -> None:
    assert read_weather(OBSERVATION.encode()) == Weather(
        origin="EWR",
        time_hour=datetime(2013, 12, 25, 5, tzinfo=UTC),
        temp=24.98,
        dewp=6.08,
        humid=43.91,
        wind_dir=300.0,
        wind_speed=23.0156,
        wind_gust=34.5234,
        precip=0.0,
        pressure=1028.4,
        visib=10.0,
    )


def test_what_the_station_did_not_measure_is_none() -> None:
    assert read_weather(without("direction")).wind_dir is None
    assert read_weather(without("gust")).wind_gust is None
    assert read_weather(without("pressure")).pressure is None


@pytest.mark.parametrize("element", ["temp", "dewp", "humid", "speed", "precip", "visib"])
def test_what_must_be_there_is_named_when_it_is_not(element: str) -> None:
    with pytest.raises(ValueError, match=f"The observation has no (wind/)?{element}."):
        read_weather(without(element))


@pytest.mark.parametrize("attribute", ["origin", "hour"])
def test_place_and_hour_must_be_there(attribute: str) -> None:
    broken = OBSERVATION.replace(f"{attribute}=", "x=").encode()
    with pytest.raises(ValueError, match=f"The observation has no {attribute}."):
        read_weather(broken)


def test_another_document_is_refused() -> None:
    with pytest.raises(ValueError, match="<html> is invalid: expected <observation>"):
        read_weather(b"<html/>")


def test_entities_are_refused() -> None:
    with pytest.raises(EntitiesForbidden):
        read_weather(b'<!DOCTYPE o [<!ENTITY a "b">]><observation origin="&a;"/>')


def test_xml_that_is_cut_off_fails_on_access_and_keeps_its_bytes() -> None:
    broken = OBSERVATION.encode()[:100]
    message = build_message(weather, broken, app=make_app("127.0.0.1:1", weather), partition=2, offset=17)
    with pytest.raises(DeserializationError, match="weather-2@17"):
        _ = message.payload
    assert message.raw_payload == broken
