"""Schema resolution between logical types: another unit is converted, another meaning is an error."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from framework.avro import AvroDecodeError, AvroSchemaError, compile_avro
from tests.unit.framework import avro_schemas as avro
from tests.unit.framework.test_avro_types import logical, record, zigzag

DATE = logical("int", "date")
TIME_MILLIS = logical("int", "time-millis")
TIME_MICROS = logical("long", "time-micros")
MILLIS = logical("long", "timestamp-millis")
MICROS = logical("long", "timestamp-micros")
NANOS = logical("long", "timestamp-nanos")
LOCAL_MILLIS = logical("long", "local-timestamp-millis")
LOCAL_MICROS = logical("long", "local-timestamp-micros")
LOCAL_NANOS = logical("long", "local-timestamp-nanos")
UUID = logical("string", "uuid")
CENTS = logical("bytes", "decimal", precision=5, scale=2)

LOCAL = datetime.datetime(2023, 11, 14, 22, 13, 20)  # noqa: DTZ001 - local timestamps are naive
MOMENT = LOCAL.replace(tzinfo=datetime.UTC)
SECONDS = 1_700_000_000


def compiled(writer: Any, reader: Any) -> Any:
    return compile_avro(json.dumps(writer), reader=json.dumps(reader))


@pytest.mark.parametrize(
    ("writer", "reader", "number", "expected"),
    [
        pytest.param(MILLIS, MICROS, SECONDS * 10**3, MOMENT, id="millis to micros"),
        pytest.param(MICROS, MILLIS, SECONDS * 10**6, MOMENT, id="micros to millis"),
        pytest.param(
            MICROS, MILLIS, SECONDS * 10**6 + 1, MOMENT.replace(microsecond=1), id="no digit is lost"
        ),
        pytest.param(LOCAL_MILLIS, LOCAL_MICROS, SECONDS * 10**3, LOCAL, id="local millis to micros"),
        pytest.param(LOCAL_MICROS, LOCAL_MILLIS, SECONDS * 10**6, LOCAL, id="local micros to millis"),
        pytest.param(TIME_MILLIS, TIME_MICROS, 3_600_000, datetime.time(1), id="time in millis to micros"),
    ],
)
def test_another_unit_is_converted_as_fastavro_does(
    writer: Any, reader: Any, number: int, expected: object
) -> None:
    data = zigzag(number)

    assert compiled(writer, reader)(data, 0) == expected
    assert avro.read(record(writer), data, record(reader)) == {"a": expected}


@pytest.mark.parametrize(
    ("writer", "reader", "number", "expected"),
    [
        pytest.param(NANOS, MICROS, SECONDS * 10**9 + 1_999, MOMENT.replace(microsecond=1), id="to micros"),
        pytest.param(NANOS, MILLIS, SECONDS * 10**9, MOMENT, id="to millis"),
        pytest.param(
            NANOS, MICROS, -1, datetime.datetime(1969, 12, 31, 23, 59, 59, 999_999, datetime.UTC), id="before"
        ),
        pytest.param(LOCAL_NANOS, LOCAL_MILLIS, SECONDS * 10**9, LOCAL, id="local, to millis"),
        pytest.param(MILLIS, NANOS, SECONDS * 10**3, SECONDS * 10**9, id="millis to nanos"),
        pytest.param(MICROS, NANOS, SECONDS * 10**6, SECONDS * 10**9, id="micros to nanos"),
        pytest.param(LOCAL_MICROS, LOCAL_NANOS, 1, 1_000, id="local, to nanos"),
        pytest.param(NANOS, NANOS, SECONDS * 10**9 + 1, SECONDS * 10**9 + 1, id="nanos"),
    ],
)
def test_nanoseconds_are_converted(writer: Any, reader: Any, number: int, expected: object) -> None:
    assert compiled(writer, reader)(zigzag(number), 0) == expected
    assert compiled(["null", writer], ["null", reader])(b"\x02" + zigzag(number), 0) == expected


def test_nanoseconds_stay_an_int() -> None:
    assert compile_avro(json.dumps(NANOS))(zigzag(SECONDS * 10**9 + 1), 0) == SECONDS * 10**9 + 1
    decode = compiled(record(), record(NANOS) | {"fields": [{"name": "a", "type": NANOS, "default": 7}]})
    assert decode(b"", 0) == {"a": 7}


@pytest.mark.parametrize(
    ("writer", "reader", "number", "expected"),
    [
        pytest.param("long", MILLIS, SECONDS * 10**3, MOMENT, id="declared later"),
        pytest.param(MILLIS, "long", SECONDS * 10**3, SECONDS * 10**3, id="no longer declared"),
        pytest.param(MILLIS, "double", 1, 1.0, id="as a float"),
        pytest.param(logical("long", "unknown"), MILLIS, SECONDS * 10**3, MOMENT, id="unknown to us"),
        pytest.param(
            logical("int", "timestamp-millis"),
            MILLIS,
            0,
            datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC),
            id="invalid",
        ),
    ],
)
def test_a_number_without_a_unit_is_in_the_unit_of_the_other(
    writer: Any, reader: Any, number: int, expected: object
) -> None:
    assert compiled(writer, reader)(zigzag(number), 0) == expected


@pytest.mark.parametrize(
    ("writer", "reader", "sentence"),
    [
        pytest.param(DATE, MILLIS, "int (date) {} long (timestamp-millis)", id="date to timestamp"),
        pytest.param(DATE, LOCAL_NANOS, "int (date) {} long (local-timestamp-nanos)", id="date to nanos"),
        pytest.param(DATE, TIME_MILLIS, "int (date) {} int (time-millis)", id="date to time"),
        pytest.param(TIME_MILLIS, DATE, "int (time-millis) {} int (date)", id="time to date"),
        pytest.param(TIME_MILLIS, MILLIS, "int (time-millis) {} long (timestamp-millis)", id="time"),
        pytest.param(MICROS, TIME_MICROS, "long (timestamp-micros) {} long (time-micros)", id="to time"),
        pytest.param(
            MILLIS, LOCAL_MILLIS, "long (timestamp-millis) {} long (local-timestamp-millis)", id="to local"
        ),
        pytest.param(
            LOCAL_MICROS, MICROS, "long (local-timestamp-micros) {} long (timestamp-micros)", id="from local"
        ),
        pytest.param(
            NANOS, LOCAL_NANOS, "long (timestamp-nanos) {} long (local-timestamp-nanos)", id="nanos"
        ),
        pytest.param(UUID, CENTS, "string (uuid) {} bytes (decimal)", id="uuid to decimal"),
        pytest.param(CENTS, UUID, "bytes (decimal) {} string (uuid)", id="decimal to uuid"),
        pytest.param(
            ["null", DATE], ["null", MILLIS], "int (date) {} null or long (timestamp-millis)", id="unions"
        ),
        pytest.param(
            {"type": "fixed", "name": "F", "size": 16, "logicalType": "uuid"},
            {"type": "fixed", "name": "F", "size": 16, "logicalType": "decimal", "precision": 5},
            "F (16 bytes, uuid) {} F (16 bytes, decimal)",
            id="fixed",
        ),
    ],
)
def test_another_meaning_is_an_error(writer: Any, reader: Any, sentence: str) -> None:
    expected = sentence.format("was written, which the reader's schema can't read as")
    if isinstance(writer, list):
        decode = compiled(writer, reader)
        with pytest.raises(AvroDecodeError) as failed:
            decode(b"\x02\x02", 0)
        assert str(failed.value) == expected
        return

    with pytest.raises(AvroSchemaError) as caught:
        compiled(writer, reader)

    assert str(caught.value) == expected + "."
