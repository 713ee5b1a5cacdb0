from __future__ import annotations

import datetime
import decimal
from typing import Any

import pytest
from google.protobuf.message_factory import GetMessageClass

from framework.protobuf import ProtobufDecodeError, dict_converter, load_file

SCHEMA = """
syntax = "proto3";
package shop;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "google/type/date.proto";
import "confluent/type/decimal.proto";
message Known {
  google.protobuf.Timestamp time = 1;
  google.protobuf.Duration took = 2;
  google.protobuf.Int64Value number = 3;
  google.protobuf.BoolValue flag = 4;
  google.protobuf.BytesValue raw = 5;
  google.protobuf.StringValue text = 6;
  google.protobuf.Struct more = 7;
  google.protobuf.Value value = 8;
  google.protobuf.ListValue list = 9;
  google.protobuf.FieldMask mask = 10;
  google.protobuf.Any any = 11;
  google.protobuf.Empty empty = 12;
  google.type.Date day = 13;
  confluent.type.Decimal total = 14;
  google.protobuf.NullValue nothing = 15;
}
message Many { repeated google.protobuf.Timestamp times = 1; }
message Maps { map<string, google.protobuf.Timestamp> times = 1; }
"""

NAMES = ("Known", "Many", "Maps")
FILE = load_file(SCHEMA)
CLASSES: dict[str, Any] = {name: FILE.message_class((number,)) for number, name in enumerate(NAMES)}

MOMENT = datetime.datetime(2013, 1, 1, 15, tzinfo=datetime.UTC)
SECONDS = int(MOMENT.timestamp())
NOT_SET = dict.fromkeys("time took number flag raw text more value list mask any empty day total".split())
KNOWN = {**NOT_SET, "nothing": "NULL_VALUE"}


def convert(name: str, fields: dict[str, Any]) -> Any:
    cls = CLASSES[name]
    return dict_converter(cls.DESCRIPTOR)(cls.FromString(cls(**fields).SerializeToString()))


KNOWN_CASES: dict[str, tuple[str, dict[str, Any], Any]] = {
    "a time": ("time", {"seconds": SECONDS, "nanos": 123456789}, MOMENT.replace(microsecond=123456)),
    "a time before 1970": (
        "time",
        {"seconds": -1, "nanos": 999999999},
        datetime.datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
    ),
    "the first time": ("time", {"seconds": -62135596800}, datetime.datetime.min.replace(tzinfo=datetime.UTC)),
    "the last time": (
        "time",
        {"seconds": 253402300799, "nanos": 999999999},
        datetime.datetime.max.replace(tzinfo=datetime.UTC),
    ),
    "a duration": ("took", {"seconds": 90, "nanos": 1999}, datetime.timedelta(seconds=90, microseconds=1)),
    "a duration below 0": (
        "took",
        {"seconds": -1, "nanos": -1999},
        datetime.timedelta(seconds=-1, microseconds=-1),
    ),
    "no duration": ("took", {}, datetime.timedelta(0)),
    "a number": ("number", {"value": 2**62}, 2**62),
    "a number of 0": ("number", {}, 0),
    "a flag": ("flag", {"value": True}, True),
    "bytes": ("raw", {"value": b"\x00"}, b"\x00"),
    "text": ("text", {"value": "x"}, "x"),
    "an object": (
        "more",
        {"a": None, "b": 1.5, "c": "x", "d": True, "e": {"f": []}, "g": [1, [2], {}]},
        {"a": None, "b": 1.5, "c": "x", "d": True, "e": {"f": []}, "g": [1.0, [2.0], {}]},
    ),
    "an empty object": ("more", {}, {}),
    "a value": ("value", {"string_value": "x"}, "x"),
    "a value of 0": ("value", {"number_value": 0.0}, 0.0),
    "a value without a kind": ("value", {}, None),
    "a list": ("list", {"values": [{"bool_value": False}, {"null_value": 0}]}, [False, None]),
    "a mask": ("mask", {"paths": ["a.b", "c"]}, ["a.b", "c"]),
    "any": ("any", {"type_url": "x/y.Z", "value": b"\x08"}, {"type_url": "x/y.Z", "value": b"\x08"}),
    "empty": ("empty", {}, {}),
    "a day": ("day", {"year": 2013, "month": 2, "day": 28}, datetime.date(2013, 2, 28)),
    "a month": ("day", {"year": 2013, "month": 2}, {"year": 2013, "month": 2, "day": 0}),
    "a decimal": ("total", {"value": b"\x04\xd2", "scale": 2}, decimal.Decimal("12.34")),
    "a decimal below 0": ("total", {"value": b"\xff", "scale": 3}, decimal.Decimal("-0.001")),
    "a decimal of tens": ("total", {"value": b"\x05", "scale": -2}, decimal.Decimal("5E+2")),
    "a decimal of 0": ("total", {}, decimal.Decimal(0)),
    "a decimal of 40 digits": (
        "total",
        {"value": (10**40 + 1).to_bytes(18), "scale": 20},
        decimal.Decimal("100000000000000000000.00000000000000000001"),
    ),
    "a decimal of a hostile scale": (
        "total",
        {"value": b"\x01", "scale": 2**31 - 1},
        decimal.Decimal((0, (1,), -(2**31 - 1))),
    ),
}


@pytest.mark.parametrize(("field", "value", "expected"), KNOWN_CASES.values(), ids=KNOWN_CASES.keys())
def test_a_well_known_type_becomes_a_python_value(field: str, value: Any, expected: Any) -> None:
    found = convert("Known", {field: value})
    assert found == {**KNOWN, field: expected}
    assert type(found[field]) is type(expected)
    if isinstance(expected, decimal.Decimal):  # equal whatever the exponent
        assert str(found[field]) == str(expected)


NOT_A_TIME = "shop.Known.time is not between year 1 and 9999"
IMPOSSIBLE: dict[str, tuple[str, dict[str, Any], str]] = {
    "a time too late": (
        "time",
        {"seconds": 253402300800},
        f"{NOT_A_TIME}: 253402300800 seconds and 0 nanoseconds since 1970",
    ),
    "a time far too early": (
        "time",
        {"seconds": -(10**18)},
        f"{NOT_A_TIME}: -1000000000000000000 seconds and 0 nanoseconds since 1970",
    ),
    "nanoseconds below 0": (
        "time",
        {"nanos": -1},
        f"{NOT_A_TIME}: 0 seconds and -1 nanoseconds since 1970",
    ),
    "a long duration": (
        "took",
        {"seconds": 2**63 - 1},
        "shop.Known.took is too long for a timedelta: 9223372036854775807 seconds",
    ),
    "no date": (
        "day",
        {"year": 2013, "month": 2, "day": 30},
        "shop.Known.day is not a date: 2013-2-30",
    ),
    "a long decimal": (
        "total",
        {"value": b"\x01" * 4097},
        "shop.Known.total is a decimal of more than 4096 bytes",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("field", "value", "reason"), IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_a_value_without_a_python_value_is_an_error(field: str, value: Any, reason: str) -> None:
    with pytest.raises(ProtobufDecodeError) as caught:
        convert("Known", {field: value})
    assert str(caught.value) == reason


def test_an_error_names_the_field_of_a_list_or_map() -> None:
    late = {"seconds": 2**60}
    for name, fields in (("Many", {"times": [late]}), ("Maps", {"times": {"a": late}})):
        with pytest.raises(ProtobufDecodeError, match=rf"^shop\.{name}\.times is not between"):
            convert(name, fields)


def test_a_message_may_itself_be_of_a_well_known_type() -> None:
    cls: Any = GetMessageClass(CLASSES["Known"].DESCRIPTOR.fields_by_name["time"].message_type)
    assert dict_converter(cls.DESCRIPTOR)(cls(seconds=SECONDS)) == MOMENT


def test_another_type_by_a_well_known_name_is_a_dictionary() -> None:
    file = load_file('syntax = "proto3"; package google.protobuf; message Timestamp { string text = 1; }')
    cls: Any = file.message_class((0,))
    assert dict_converter(cls.DESCRIPTOR)(cls(text="noon")) == {"text": "noon"}
