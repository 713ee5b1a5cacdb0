from __future__ import annotations

import datetime
import math
from typing import Any

import pytest

from framework.protobuf import dict_converter, load_file

SCHEMA = """
syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
enum State {
  option allow_alias = true;
  OPEN = 0; NEW = 0; PAID = 1; BACK = -1;
}
message Plain {
  string text = 1; int32 small = 2; uint64 big = 3; double ratio = 4; bool done = 5; bytes raw = 6;
  State state = 7;
}
message Optional {
  optional string text = 1; optional int32 small = 2; optional State state = 3; Plain plain = 4;
}
message Choice {
  oneof kind { string text = 1; int64 number = 2; State state = 3; Plain plain = 4; }
  int32 after = 5;
}
message Many {
  repeated int32 numbers = 1; repeated State states = 2; repeated Node nodes = 3;
  repeated google.protobuf.Timestamp times = 4;
}
message Maps {
  map<string, int32> counts = 1; map<int64, string> texts = 2; map<bool, State> states = 3;
  map<int32, Node> nodes = 4; map<string, google.protobuf.Timestamp> times = 5; map<string, bytes> raws = 6;
}
message Node { int32 id = 1; Node next = 2; repeated Node others = 3; Back back = 4; }
message Back { Node node = 1; }
message Odd {
  int32 from = 1; int32 class = 2; optional int32 HasField = 3; int32 ListFields = 4; int32 m = 5;
  int32 v = 6; int32 DESCRIPTOR = 7; optional int32 __init__ = 8;
}
message Nothing {}
"""  # fmt: skip

NAMES = ("Plain", "Optional", "Choice", "Many", "Maps", "Node", "Back", "Odd", "Nothing")
FILE = load_file(SCHEMA)
CLASSES: dict[str, Any] = {name: FILE.message_class((number,)) for number, name in enumerate(NAMES)}

PLAIN = {
    "text": "", "small": 0, "big": 0, "ratio": 0.0, "done": False, "raw": b"", "state": "OPEN",
}  # fmt: skip
SET = {"text": "ü", "small": -1, "big": 2**64 - 1, "ratio": 0.1, "done": True, "raw": b"\xff"}
NODE: dict[str, Any] = {"id": 0, "next": None, "others": [], "back": None}
ODD = {"from": 1, "class": 2, "HasField": 3, "ListFields": 4, "m": 5, "v": 6, "DESCRIPTOR": 7}
MOMENT = datetime.datetime(2013, 1, 1, 15, tzinfo=datetime.UTC)
SECONDS = int(MOMENT.timestamp())


def convert(name: str, fields: dict[str, Any]) -> Any:
    cls = CLASSES[name]
    return dict_converter(cls.DESCRIPTOR)(cls.FromString(cls(**fields).SerializeToString()))


CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "no fields": ("Nothing", {}, {}),
    "defaults": ("Plain", {}, PLAIN),
    "scalars": (
        "Plain",
        {**SET, "state": 1},
        {**SET, "state": "PAID"},
    ),
    "infinity": ("Plain", {"ratio": -math.inf}, PLAIN | {"ratio": -math.inf}),
    "an enum below 0": ("Plain", {"state": -1}, PLAIN | {"state": "BACK"}),
    "an enum of two names has the first": ("Plain", {"state": "NEW"}, PLAIN),
    "an unknown enum is a number": ("Plain", {"state": 7}, PLAIN | {"state": 7}),
    "optional and not set": ("Optional", {}, {"text": None, "small": None, "state": None, "plain": None}),
    "optional and empty": (
        "Optional",
        {"text": "", "small": 0, "state": 0, "plain": {}},
        {"text": "", "small": 0, "state": "OPEN", "plain": PLAIN},
    ),
    "a oneof not set": (
        "Choice",
        {},
        {"text": None, "number": None, "state": None, "plain": None, "after": 0},
    ),
    "a oneof with a default": (
        "Choice",
        {"number": 0, "after": 5},
        {"text": None, "number": 0, "state": None, "plain": None, "after": 5},
    ),
    "a oneof with a message": (
        "Choice",
        {"plain": {}},
        {"text": None, "number": None, "state": None, "plain": PLAIN, "after": 0},
    ),
    "repeated and empty": ("Many", {}, {"numbers": [], "states": [], "nodes": [], "times": []}),
    "repeated": (
        "Many",
        {
            "numbers": [3, 0],
            "states": [0, 1, 7],
            "nodes": [{"id": 1}, {}],
            "times": [{}, {"seconds": SECONDS}],
        },
        {
            "numbers": [3, 0],
            "states": ["OPEN", "PAID", 7],
            "nodes": [NODE | {"id": 1}, NODE],
            "times": [datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC), MOMENT],
        },
    ),
    "maps": (
        "Maps",
        {
            "counts": {"a": 1, "": 0}, "texts": {-(2**63): "x"}, "states": {True: 1, False: 9},
            "nodes": {1: {"id": 1}}, "times": {"t": {"seconds": SECONDS}}, "raws": {"r": b"\x00"},
        },
        {
            "counts": {"a": 1, "": 0}, "texts": {-(2**63): "x"}, "states": {True: "PAID", False: 9},
            "nodes": {1: NODE | {"id": 1}}, "times": {"t": MOMENT}, "raws": {"r": b"\x00"},
        },
    ),
    "types that contain themselves": (
        "Node",
        {"next": {"id": 2, "others": [{"id": 3}]}, "back": {"node": {"id": 4}}},
        NODE
        | {
            "next": NODE | {"id": 2, "others": [NODE | {"id": 3}]},
            "back": {"node": NODE | {"id": 4}},
        },
    ),
    "names that mean something in Python": (
        "Odd",
        ODD,
        {**ODD, "__init__": None},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "fields", "expected"), CASES.values(), ids=CASES.keys())
def test_a_message_becomes_a_dictionary(name: str, fields: dict[str, Any], expected: dict[str, Any]) -> None:
    found = convert(name, fields)
    assert found == expected
    assert list(found) == list(expected)  # in the order of the schema


def test_not_a_number_stays_one() -> None:
    assert math.isnan(convert("Plain", {"ratio": math.nan})["ratio"])


PROTO2 = """
syntax = "proto2";
package shop;
message Order {
  required int32 id = 1;
  optional string text = 2 [default = "none"];
  optional group Part = 3 { optional int32 number = 1; }
  repeated group Line = 4 { optional int32 number = 1; }
  optional State state = 5;
  extensions 100 to 200;
}
enum State { OPEN = 1; PAID = 2; }
extend Order { optional State more = 100; repeated Order orders = 101; }
"""


def test_fields_of_proto2_that_are_missing_are_none() -> None:
    cls: Any = load_file(PROTO2).message_class((0,))
    found = dict_converter(cls.DESCRIPTOR)(cls.FromString(b""))
    assert found == {"id": None, "text": None, "part": None, "line": [], "state": None}


def test_groups_and_extensions_of_proto2() -> None:
    cls: Any = load_file(PROTO2).message_class((0,))
    order = cls(id=1, part={"number": 2}, line=[{"number": 3}, {}], state="PAID")
    extensions = {field.name: field for field in cls.DESCRIPTOR.file.pool.FindAllExtensions(cls.DESCRIPTOR)}
    order.Extensions[extensions["more"]] = 2
    order.Extensions[extensions["orders"]].add(id=5)
    empty: dict[str, Any] = {"id": None, "text": None, "part": None, "line": [], "state": None}
    assert dict_converter(cls.DESCRIPTOR)(cls.FromString(order.SerializeToString())) == {
        "id": 1,
        "text": None,
        "part": {"number": 2},
        "line": [{"number": 3}, {"number": None}],
        "state": "PAID",
        "[shop.more]": "PAID",
        "[shop.orders]": [empty | {"id": 5}],
    }


def test_the_deepest_message_is_converted() -> None:
    cls = CLASSES["Node"]
    node = cls(id=99)
    for number in range(98, -1, -1):
        node = cls(id=number, next=node)
    found = dict_converter(cls.DESCRIPTOR)(node)
    for number in range(100):
        assert found["id"] == number
        found = found["next"]
    assert found is None


def test_a_converter_is_compiled_once() -> None:
    descriptor = CLASSES["Plain"].DESCRIPTOR
    assert dict_converter(descriptor) is dict_converter(descriptor)
