"""Timestamps are exact, whichever way their bytes are read: the fast one goes through a float."""

from __future__ import annotations

import datetime
import json
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.avro import AvroDecodeError, Decoder, compile_avro
from tests.unit.framework.test_avro_types import NOON, logical, zigzag

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
LAST_MILLIS = 253_402_300_799_999  # of the year 9999
MICROSECONDS = {"millis": 1_000, "micros": 1}
DECODERS = {
    name: compile_avro(json.dumps(logical("long", name)))
    for name in ("timestamp-millis", "timestamp-micros", "local-timestamp-millis", "local-timestamp-micros")
}

# Where a timestamp takes another byte, and where the fast way ends: in 2106.
EDGES = sorted({1 << bits for bits in range(6, 56, 7)} | {(1 << 32) * 1_000, (1 << 32) * 1_000_000})


def moment(name: str, value: int) -> datetime.datetime:
    """The moment by integer arithmetic alone."""
    aware = EPOCH + datetime.timedelta(microseconds=value * MICROSECONDS[name.rpartition("-")[2]])
    return aware.replace(tzinfo=None) if name.startswith("local") else aware


@pytest.mark.parametrize("name", DECODERS)
@hypothesis.settings(deadline=None, max_examples=500)
@given(st.data())
def test_a_timestamp_is_its_moment(name: str, data: st.DataObject) -> None:
    last = LAST_MILLIS if name.endswith("millis") else LAST_MILLIS * 1_000 + 999
    value = data.draw(st.integers(-last // 5, last) | st.integers(0, last // 50))

    assert DECODERS[name](zigzag(value), 0) == moment(name, value)


@pytest.mark.parametrize(
    ("name", "edge"),
    [(name, edge) for name in DECODERS for edge in EDGES if name.endswith("micros") or edge < LAST_MILLIS],
)
def test_a_timestamp_near_an_edge_is_its_moment(name: str, edge: int) -> None:
    for value in (edge - 2, edge - 1, edge, edge + 1, -edge // 10):
        assert DECODERS[name](zigzag(value), 0) == moment(name, value)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"\x80\x80\x80\x80\x80\x00", EPOCH, id="zero in six bytes"),
        pytest.param(b"\x82\x80\x80\x80\x80\x80\x00", moment("millis", 1), id="one in seven bytes"),
        pytest.param(b"\x80\xa4\xed\xd8\xfe\xce\x00", moment("millis", NOON), id="2013 in seven bytes"),
    ],
)
def test_more_bytes_than_it_needs_make_no_difference(data: bytes, expected: datetime.datetime) -> None:
    assert DECODERS["timestamp-millis"](data, 0) == expected


@pytest.mark.parametrize("name", DECODERS)
def test_what_follows_a_timestamp_is_no_part_of_it(name: str) -> None:
    number: Any = logical("long", name)
    fields = [{"name": "at", "type": number}, {"name": "text", "type": "bytes"}]
    decode = compile_avro(json.dumps({"type": "record", "name": "R", "fields": fields}))

    for value in (0, 64, 1 << 13, 1 << 20, 1 << 27, 1 << 34, 1 << 41):
        for rest in (b"", b"\x80" * 7, b"\x01" * 7):
            data = zigzag(value) + zigzag(len(rest)) + rest
            assert decode(data, 0) == {"at": moment(name, value), "text": rest}


@pytest.mark.parametrize("name", DECODERS)
@pytest.mark.parametrize("size", range(10))
def test_a_cut_timestamp_is_an_error(name: str, size: int) -> None:
    assert refusal(DECODERS[name], b"\x80" * size) == "the bytes end in the middle of the value"


@pytest.mark.parametrize("name", DECODERS)
def test_a_timestamp_of_more_than_ten_bytes_is_an_error(name: str) -> None:
    assert refusal(DECODERS[name], b"\x80" * 11) == "a number takes more than 10 bytes"


def refusal(decode: Decoder, data: bytes) -> str:
    """What it says of bytes that it can't read."""
    with pytest.raises(AvroDecodeError) as caught:
        decode(data, 0)
    return str(caught.value)
