"""Arrays of datetimes have the moments that pyarrow and pydantic make of them."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from framework_iterator.columns.moments import NAIVE_TYPE, UTC_TYPE, moment_array, moments_of_text

EAST = dt.timezone(dt.timedelta(hours=2))
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
VALIDATE = TypeAdapter(dt.datetime).validate_strings
ZONES = st.sampled_from([None, dt.UTC, EAST, BERLIN, VALIDATE("2013-01-01T00:00:00-05:30").tzinfo])
MOMENTS = st.datetimes(dt.datetime(1, 1, 3), dt.datetime(9999, 12, 29))  # noqa: DTZ001


@given(
    st.lists(st.none() | MOMENTS),
    st.lists(ZONES, min_size=1, max_size=2),
    st.sampled_from([UTC_TYPE, NAIVE_TYPE]),
)
def test_the_moments_are_those_of_pyarrow(values: list[Any], zones: list[Any], type_: pa.DataType) -> None:
    values = [
        None if value is None else value.replace(tzinfo=zones[index % len(zones)])
        for index, value in enumerate(values)
    ]
    assert moment_array(values, type_).equals(pa.array(values, type_))


def test_what_is_no_datetime_is_the_error_of_pyarrow() -> None:
    with pytest.raises(pa.ArrowTypeError):
        moment_array(["x"], UTC_TYPE)


DIGITS = st.integers(0, 99).map("{:02}".format)
TEXTS = st.builds(
    "{}-{}-{}{}{}{}{}{}".format,
    st.sampled_from(["0000", "0001", "1969", "2013", "2016", "9999", "12013"]),
    st.sampled_from(["01", "02", "12", "13", "1"]),
    st.sampled_from(["01", "28", "29", "31", "00"]),
    st.sampled_from(["T", "t", " ", "_", ""]),
    st.sampled_from(["00", "05", "23", "24", ""]),
    st.sampled_from(["", ":", ":00", ":00:59", ":59:60", ":00:0"]),
    st.sampled_from(["", ".", ".1", ".123456", ".1234567", ",5"]),
    st.sampled_from(["", "Z", "z", "+00:00", "-02:30", "+0100", "+01", "+24:00", "+1:00", " Z", "Z "]),
)


@given(TEXTS)
def test_a_text_that_is_taken_is_the_moment_that_pydantic_makes_of_it(text: str) -> None:
    array = moments_of_text([text, None])
    if array is not None:
        value = VALIDATE(text)
        assert (array.type == NAIVE_TYPE) == (value.tzinfo is None)
        assert array.equals(pa.array([value, None], array.type))


@pytest.mark.parametrize(
    ("texts", "type_"),
    [
        (["2013-01-01T05:00:00Z", None, "2013-01-01T05:00:00.123+02:00"], UTC_TYPE),
        (["2013-01-01 05:00Z"], UTC_TYPE),
        (["2013-01-01T05:00:00"], NAIVE_TYPE),
        ([None], UTC_TYPE),
    ],
)
def test_texts_that_are_taken(texts: list[str | None], type_: pa.DataType) -> None:
    array = moments_of_text(texts)
    assert array is not None
    assert array.type == type_


@pytest.mark.parametrize(
    "texts",
    [
        ["2013-01-01T05:00:00Z", "2013-01-01T05:00:00"],
        ["2013-01-01T05Z"],
        ["2013-01-01T05+01:00"],
        ["2013-01-01T05:00:00+01"],
        ["2013-01-01"],
        ["2013-01-01T05:00:00.1234567Z"],
        ["0000-12-31T23:30:00-01:00"],
        ["1357016400"],
        ["x"],
    ],
)
def test_texts_that_are_left_to_pydantic(texts: list[str | None]) -> None:
    assert moments_of_text(texts) is None
