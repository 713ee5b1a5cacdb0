"""Random messages of a rich schema, against a slow model of the dictionary."""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from framework.protobuf import dict_converter, json_ready, load_file, parse

SCHEMA = """
syntax = "proto3";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
enum Color { RED = 0; GREEN = 1; BLUE = 5; }
message Tree {
  double d = 1; float f = 2; int32 i32 = 3; int64 i64 = 4; uint32 u32 = 5; uint64 u64 = 6; sint32 s32 = 7;
  sint64 s64 = 8; fixed32 f32 = 9; fixed64 f64 = 10; sfixed32 sf32 = 11; sfixed64 sf64 = 12; bool b = 13;
  string s = 14; bytes by = 15; Color c = 16;
  optional int32 maybe_i = 20; optional string maybe_s = 21; optional bytes maybe_by = 22;
  optional Color maybe_c = 23; optional bool maybe_b = 24;
  repeated int64 many_i = 30; repeated string many_s = 31; repeated Color many_c = 32;
  repeated Tree many_t = 33;
  map<string, string> map_s = 40; map<int32, Color> map_c = 41; map<bool, Tree> map_t = 42;
  oneof kind { string one_s = 50; Tree one_t = 51; Color one_c = 52; google.protobuf.Int32Value one_i = 53; }
  google.protobuf.Timestamp at = 60; repeated google.protobuf.Timestamp many_at = 61;
  google.protobuf.StringValue boxed = 62;
  Tree left = 70;
  Leaf leaf = 71;
}
message Leaf { int32 id = 1; optional Tree tree = 2; }
"""

TREE: Any = load_file(SCHEMA).message_class((0,))
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def scalar(field: Any) -> st.SearchStrategy[Any]:
    name = field.type
    integers = {
        field.TYPE_INT32: (-(2**31), 2**31 - 1), field.TYPE_SINT32: (-(2**31), 2**31 - 1),
        field.TYPE_SFIXED32: (-(2**31), 2**31 - 1), field.TYPE_INT64: (-(2**63), 2**63 - 1),
        field.TYPE_SINT64: (-(2**63), 2**63 - 1), field.TYPE_SFIXED64: (-(2**63), 2**63 - 1),
        field.TYPE_UINT32: (0, 2**32 - 1), field.TYPE_FIXED32: (0, 2**32 - 1),
        field.TYPE_UINT64: (0, 2**64 - 1), field.TYPE_FIXED64: (0, 2**64 - 1),
    }  # fmt: skip
    if name in integers:
        return st.integers(*integers[name])
    return {
        field.TYPE_DOUBLE: st.floats(allow_nan=False),
        field.TYPE_FLOAT: st.integers(-(2**24), 2**24).map(float),
        field.TYPE_BOOL: st.booleans(),
        field.TYPE_STRING: st.text(max_size=5),
        field.TYPE_BYTES: st.binary(max_size=5),
        field.TYPE_ENUM: st.sampled_from([0, 1, 5, 3, -1]),
    }[name]


def of_field(field: Any, depth: int) -> st.SearchStrategy[Any]:
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        key, value = kind.fields
        return st.dictionaries(scalar(key), one(value, depth), max_size=2)
    return st.lists(one(field, depth), max_size=2) if field.is_repeated else one(field, depth)


def one(field: Any, depth: int) -> st.SearchStrategy[Any]:
    kind = field.message_type
    if kind is None:
        return scalar(field)
    if kind.full_name == "google.protobuf.Timestamp":
        seconds = st.integers(-62135596800, 253402300799)
        return st.fixed_dictionaries({"seconds": seconds, "nanos": st.integers(0, 999_999_999)})
    return of_message(kind, depth - 1)


def of_message(descriptor: Any, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    fields = [field for field in descriptor.fields if depth > 0 or field.message_type is None]

    def of_fields(chosen: list[Any]) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries({field.name: of_field(field, depth) for field in chosen})

    return st.lists(st.sampled_from(fields), unique=True, max_size=8).flatmap(of_fields)


def model(message: Any) -> dict[str, Any]:
    is_set = {field.name: value for field, value in message.ListFields()}
    return {field.name: model_of_field(field, is_set.get(field.name)) for field in message.DESCRIPTOR.fields}


def model_of_field(field: Any, value: Any) -> Any:
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        return {key: model_of_one(kind.fields[1], value[key]) for key in value or {}}
    if field.is_repeated:
        return [model_of_one(field, each) for each in value or []]
    if value is None:
        return None if field.has_presence else model_of_one(field, field.default_value)
    return model_of_one(field, value)


def model_of_one(field: Any, value: Any) -> Any:
    if field.enum_type is not None:
        return {each.number: each.name for each in field.enum_type.values}.get(value, value)
    if field.message_type is None:
        return value
    name = field.message_type.full_name
    if name == "google.protobuf.Timestamp":
        return EPOCH + datetime.timedelta(seconds=value.seconds, microseconds=value.nanos // 1000)
    return value.value if name.endswith("Value") else model(value)


@settings(max_examples=200, deadline=None)
@given(of_message(TREE.DESCRIPTOR, 3))
def test_dictionaries_are_those_of_the_model(fields: dict[str, Any]) -> None:
    message = parse(TREE, TREE(**fields).SerializeToString())
    assert dict_converter(TREE.DESCRIPTOR)(message) == model(message)


@settings(max_examples=100, deadline=None)
@given(of_message(TREE.DESCRIPTOR, 2))
def test_what_is_printed_is_read_back_by_protobuf(fields: dict[str, Any]) -> None:
    from google.protobuf.json_format import ParseDict

    message = TREE(**fields)
    assert ParseDict(json_ready(message), TREE()) == message
