from __future__ import annotations

import collections.abc as cabc
import datetime
from typing import Any

import pytest

from example_app.models import Flight
from framework import App
from framework.schemas import avro, json_schema, protobuf
from framework.testing import build_message, mock_registry
from tests.benchmarks.contenders.flight_schemas import flight_message
from tests.benchmarks.encoding import encoder

FLIGHT = Flight(
    carrier="UA",
    flight=1545,
    tailnum=None,
    origin="EWR",
    dest="IAH",
    time_hour=datetime.datetime(2013, 1, 1, 10, tzinfo=datetime.UTC),
    sched_dep_time=515,
    dep_time=517,
    dep_delay=-2,
    sched_arr_time=819,
    arr_time=None,
    arr_delay=None,
    air_time=227,
    distance=1400,
)


@pytest.fixture(scope="module")
def registry() -> cabc.Iterator[str]:
    with mock_registry() as url:
        yield url


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("avro", avro(Flight)),
        ("protobuf", protobuf(Flight, message=flight_message())),
        ("json-schema", json_schema(Flight, validate=True)),
    ],
    ids=["avro", "protobuf", "json-schema"],
)
def test_a_flight_comes_back_from_each_format(registry: str, name: str, declared: Any) -> None:
    app = App(schema_registry=registry)
    encode = encoder(registry, name, name)
    message = build_message(app.topic(name, payload=declared), encode(FLIGHT), app=app)
    assert message.payload == FLIGHT


def test_an_unknown_format_is_an_error(registry: str) -> None:
    with pytest.raises(ValueError, match="'xml' is no format"):
        encoder(registry, "flights", "xml")
