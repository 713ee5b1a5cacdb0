from __future__ import annotations

import json
import math
from typing import Any

import pytest

from framework.protobuf import json_ready, load_file, text_line

SCHEMA = """
syntax = "proto3";
import "google/protobuf/any.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
enum State { OPEN = 0; PAID = 1; }
message Order {
  string customer_name = 1; int64 big = 2; bytes raw = 3; State state = 4; double ratio = 5;
  google.protobuf.Timestamp at = 6; google.protobuf.Any any = 7; google.protobuf.Value value = 8;
  optional int32 maybe = 9; repeated Order parts = 10; map<int32, Order> by_id = 11;
  map<bool, State> states = 12;
}
"""
ORDER: Any = load_file(SCHEMA).message_class((0,))
DEFAULTS: dict[str, Any] = {
    "customer_name": "", "big": "0", "raw": "", "state": "OPEN", "ratio": 0.0,
    "parts": [], "by_id": {}, "states": {},
}  # fmt: skip

CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "defaults": ({}, {}),
    "an int of 64 bits is text": ({"big": 2**63 - 1}, {"big": "9223372036854775807"}),
    "bytes are base64": ({"raw": b"\xfb\xff"}, {"raw": "+/8="}),
    "enums are names": ({"state": 1}, {"state": "PAID"}),
    "an unknown enum is a number": ({"state": 7}, {"state": 7}),
    "not a number is text": ({"ratio": math.nan}, {"ratio": "NaN"}),
    "nanoseconds are kept": (
        {"at": {"seconds": 1, "nanos": 123456789}},
        {"at": "1970-01-01T00:00:01.123456789Z"},
    ),
    "what is set to its default": ({"maybe": 0}, {"maybe": 0}),
    "keys are text": ({"states": {True: 1}}, {"states": {"true": "PAID"}}),
    # From here on protobuf's own format fails.
    "any of an unknown type": (
        {"any": {"type_url": "x/y.Z", "value": b"\x08\x01"}},
        {"any": {"type_url": "x/y.Z", "value": "CAE="}},
    ),
    "any without a type": ({"any": {"value": b"\x08"}}, {"any": {"type_url": "", "value": "CA=="}}),
    "a time that has no text": (
        {"at": {"seconds": 2**60}, "maybe": 0},
        {"at": {"seconds": "1152921504606846976", "nanos": 0}, "maybe": 0},
    ),
    "an infinite value": ({"value": {"number_value": math.inf}}, {"value": {"number_value": "Infinity"}}),
    "only the part that fails is printed by its fields": (
        {
            "at": {"seconds": 2**60}, "big": 5, "raw": b"\xff", "state": 1, "ratio": -math.inf,
            "parts": [{"at": {"seconds": 1}}], "by_id": {1: {"ratio": math.nan}}, "states": {False: 7},
        },
        {
            "at": {"seconds": "1152921504606846976", "nanos": 0}, "big": "5", "raw": "/w==", "state": "PAID",
            "ratio": "-Infinity", "parts": [DEFAULTS | {"at": "1970-01-01T00:00:01Z"}],
            "by_id": {"1": DEFAULTS | {"ratio": "NaN"}}, "states": {"false": 7},
        },
    ),
    "a part within a part": (
        {"parts": [{"parts": [{"any": {"type_url": "x"}}]}]},
        {"parts": [DEFAULTS | {"parts": [DEFAULTS | {"any": {"type_url": "x", "value": ""}}]}]},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "expected"), CASES.values(), ids=CASES.keys())
def test_a_message_is_printed_with_all_that_it_holds(
    fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    found = json_ready(ORDER(**fields))
    assert found == DEFAULTS | expected
    json.dumps(found, allow_nan=False)


def test_any_of_a_known_type_is_printed_with_its_fields() -> None:
    order = ORDER()
    order.any.Pack(ORDER(customer_name="Ada"))
    expected = {"@type": "type.googleapis.com/Order", **DEFAULTS, "customer_name": "Ada"}
    assert json_ready(order) == DEFAULTS | {"any": expected}


def test_any_of_a_known_type_with_wrong_bytes_is_printed_as_it_is() -> None:
    wrong = {"type_url": "type.googleapis.com/Order", "value": b"\xff"}
    expected = {"type_url": "type.googleapis.com/Order", "value": "/w=="}
    assert json_ready(ORDER(any=wrong)) == DEFAULTS | {"any": expected}


def test_fields_named_as_methods() -> None:
    names = ("HasField", "ListFields", "DESCRIPTOR")
    text = "".join(f"optional int32 {name} = {number};" for number, name in enumerate(names, 1))
    cls: Any = load_file(f"message A {{ {text} }}").message_class((0,))
    fields = {"HasField": 0, "ListFields": 2, "DESCRIPTOR": 3}
    assert json_ready(cls(**fields)) == fields


def test_any_of_a_type_that_only_protobuf_itself_knows() -> None:
    wrong = {"type_url": "x/google.protobuf.FileDescriptorProto", "value": b"\xff"}
    expected = {"type_url": "x/google.protobuf.FileDescriptorProto", "value": "/w=="}
    assert json_ready(ORDER(any=wrong)) == DEFAULTS | {"any": expected}


def test_a_chain_of_any_too_deep_for_python_is_printed_as_it_is() -> None:
    order = ORDER()
    for _ in range(1000):
        outer = ORDER()
        outer.any.type_url, outer.any.value = "x/google.protobuf.Any", order.any.SerializeToString()
        order = outer
    found = json_ready(order)
    assert found["any"].keys() == {"type_url", "value"}
    assert "x/google.protobuf.Any" in text_line(order)  # in either form: the text may not expand it


def test_a_line_of_text_has_the_fields_that_are_set() -> None:
    assert text_line(ORDER(customer_name="Zo\xeb", big=5)) == 'customer_name: "Zo\xeb" big: 5'
    assert text_line(ORDER()) == ""


def test_a_line_of_text_where_a_field_is_named_as_an_attribute() -> None:
    cls: Any = load_file('syntax = "proto3"; message A { string DESCRIPTOR = 1; }').message_class((0,))
    assert text_line(cls(DESCRIPTOR="Zo\xeb")) == '{"DESCRIPTOR": "Zo\xeb"}'
