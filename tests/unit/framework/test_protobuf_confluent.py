"""Bytes that Confluent's serializer writes, with the schemas that it registers."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from framework.protobuf import dict_converter, load_file, parse, read_index

SCHEMA = """
syntax = "proto3";
package shop;
import "shop/line.proto";
import "google/protobuf/timestamp.proto";
message Order {
  string id = 1;
  map<string, Line> lines = 2;
  message Note { string text = 1; }
}
message Shipment {
  google.protobuf.Timestamp at = 1;
  message Parcel { int32 number = 1; message Label { Line line = 1; } }
}
"""
LINE = 'syntax = "proto3"; package shop; message Line { optional int32 quantity = 1; }'
SOURCE = load_file(SCHEMA, [("shop/line.proto", LINE)])

MESSAGES: dict[tuple[int, ...], tuple[dict[str, Any], Any, bytes]] = {
    (0,): ({"id": "a", "lines": {"k": {}}}, {"id": "a", "lines": {"k": {"quantity": None}}}, b"\x00"),
    (1,): ({}, {"at": None}, b"\x02\x02"),
    # The message that protoc adds for the map is the first one nested in Order.
    (0, 1): ({"text": "x"}, {"text": "x"}, b"\x04\x00\x02"),
    (1, 0): ({"number": 5}, {"number": 5}, b"\x04\x02\x00"),
    (1, 0, 0): ({"line": {"quantity": 0}}, {"line": {"quantity": 0}}, b"\x06\x02\x00\x00"),
}


@pytest.fixture(scope="module")
def confluent() -> Any:
    """Confluent's modules, which warn on import, and a registry in memory."""
    with warnings.catch_warnings(record=True):  # one of their imports sets a filter of its own
        from confluent_kafka import serialization
        from confluent_kafka.schema_registry import SchemaRegistryClient, protobuf

    client = SchemaRegistryClient.new_client({"url": "mock://"})
    context = serialization.SerializationContext("orders", serialization.MessageField.VALUE)

    def serialize(message: Any) -> bytes:
        serializer = protobuf.ProtobufSerializer(type(message), client, {"use.deprecated.format": False})
        data = serializer(message, context)
        assert isinstance(data, bytes)
        return data

    return client, serialize


@pytest.mark.parametrize(("index", "case"), MESSAGES.items(), ids=map(str, MESSAGES))
def test_what_confluent_writes_is_read(index: tuple[int, ...], case: Any, confluent: Any) -> None:
    fields, expected, written = case
    client, serialize = confluent
    data = serialize(SOURCE.message_class(index)(**fields))
    assert data[5:].startswith(written)
    assert read_index(data, 5) == (index, 5 + len(written))

    registered = client.get_schema(int.from_bytes(data[1:5]))
    references = [
        (each.name, client.get_version(each.subject, each.version).schema.schema_str)
        for each in registered.references
    ]
    found, start = read_index(data, 5)
    cls: Any = load_file(registered.schema_str, references).message_class(found)
    assert dict_converter(cls.DESCRIPTOR)(parse(cls, data[start:])) == expected
