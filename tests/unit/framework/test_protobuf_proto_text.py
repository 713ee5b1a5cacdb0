"""Text imports files of which only the descriptor is known."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from framework.protobuf import load_file
from framework.protobuf.proto_text import proto_text

PROTO2 = """
syntax = "proto2";
package lib;
import "google/protobuf/timestamp.proto";
import "google/protobuf/descriptor.proto";
enum Level { option allow_alias = true; NONE = 0; LOW = -1; SMALL = -1; HIGH = 0x7fffffff; }
message Item {
  required string id = 1 [default = "a\\"b\\n"];
  repeated int32 numbers = 2 [packed = true];
  optional group Part = 3 { optional Level level = 1; }
  oneof kind { string text = 4; Item item = 5; Inner.Deep deep = 6; }
  map<string, Inner> inners = 7;
  map<int64, Level> levels = 8;
  optional google.protobuf.Timestamp at = 9 [json_name = "when"];
  optional .lib.InnersEntry own = 10;
  message Inner { enum Kind { A = 1; } optional Kind kind = 1; message Deep { optional bytes raw = 1; } }
  reserved 90 to 95;
  extensions 100 to 199;
  extensions 1000 to max;
  extend Item { optional Inner more = 100; }
}
message InnersEntry { optional int32 n = 1; }
extend Item { repeated string names = 101; }
message Rule { optional string pattern = 1; repeated Rule rules = 2; map<string, int32> limits = 3; }
extend google.protobuf.FieldOptions { optional Rule rule = 50000; }
service Items { rpc Get(Item) returns (Item); }
"""

PROTO3 = """
syntax = "proto3";
enum Level { LOW = 0; }
message Item {
  optional int32 maybe = 1; int32 plain = 2; oneof kind { Level level = 3; } repeated Level many = 4;
}
"""

EDITION = """
edition = "2023";
package lib;
option features.enum_type = CLOSED;
option features.field_presence = IMPLICIT;
enum Level { LOW = 1; }
enum Open { option features.enum_type = OPEN; ZERO = 0; }
message Item { int32 plain = 1; Open open = 2; Item item = 3 [features.message_encoding = DELIMITED]; }
"""

EDITION_2024 = """
edition = "2024";
package lib;
message Item {
  int32 plain = 1; message Nested { string text = 1; } export message Shown { string text = 1; }
}
"""

SCHEMAS = {"proto2": PROTO2, "proto3": PROTO3, "edition 2023": EDITION, "edition 2024": EDITION_2024}


def descriptor(text: str) -> FileDescriptorProto:
    file = FileDescriptorProto()
    load_file(text).message_class((0,)).DESCRIPTOR.file.CopyToProto(file)
    return file


def base64_of(file: FileDescriptorProto) -> str:
    return base64.b64encode(file.SerializeToString()).decode()


def shape(file: FileDescriptorProto) -> dict[str, Any]:
    """Names, numbers and types: what a file needs of what it imports."""
    messages: dict[str, Any] = {}
    waiting = [("", message) for message in file.message_type]
    while waiting:
        scope, message = waiting.pop()
        name = f"{scope}.{message.name}"
        waiting.extend((name, nested) for nested in message.nested_type)
        messages[name] = (
            sorted((each.name, each.number, each.type_name, each.label == 3) for each in message.field),
            sorted((each.start, each.end) for each in message.extension_range),
            sorted((each.name, each.number, each.extendee) for each in message.extension),
            sorted((each.name, [(v.name, v.number) for v in each.value]) for each in message.enum_type),
        )
    enums = [(each.name, [(value.name, value.number) for value in each.value]) for each in file.enum_type]
    extensions = [(each.name, each.number, each.extendee, each.type_name) for each in file.extension]
    return {"messages": messages, "enums": enums, "extensions": extensions, "package": file.package}


@pytest.mark.parametrize("text", SCHEMAS.values(), ids=SCHEMAS.keys())
def test_the_text_of_a_descriptor_declares_the_same_types(text: str) -> None:
    file = descriptor(text)
    assert shape(descriptor(proto_text(file))) == shape(file)


@pytest.mark.parametrize("text", SCHEMAS.values(), ids=SCHEMAS.keys())
def test_text_imports_a_descriptor(text: str) -> None:
    package = "" if text is PROTO3 else "lib"
    main = f'import "lib.proto"; message Main {{ optional .{package}{"." if package else ""}Item item = 1; }}'
    for form in (text, base64_of(descriptor(text))):
        cls: Any = load_file(main, [("lib.proto", form)]).message_class((0,))
        assert cls.FromString(cls(item={}).SerializePartialToString()).HasField("item")


@pytest.mark.parametrize("form", [PROTO2, base64_of(descriptor(PROTO2))], ids=["text", "base64"])
def test_options_and_extensions_of_a_descriptor_are_usable(form: str) -> None:
    main = """
        import "lib.proto";
        message Main {
          optional lib.Item item = 1;
          optional lib.Level level = 2 [default = HIGH];
          optional string name = 3 [
            (lib.rule) = { pattern: "x" rules { pattern: "y" } limits { key: "a" value: 1 } }
          ];
        }
        extend lib.Item { optional Main main = 1000; }"""
    cls: Any = load_file(main, [("lib.proto", form)]).message_class((0,))
    message = cls(item={"id": "a", "part": {"level": -1}, "inners": {"k": {"kind": 1}}})
    read = cls.FromString(message.SerializeToString())
    assert read.item.part.level == -1
    assert read.item.inners["k"].kind == 1
    assert read.level == 2**31 - 1
    names = {
        each.full_name for each in cls.DESCRIPTOR.file.pool.FindAllExtensions(type(read.item).DESCRIPTOR)
    }
    assert names == {"lib.Item.more", "lib.names", "main"}
