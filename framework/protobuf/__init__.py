"""Protobuf: message classes from a schema, dictionaries from messages.

Everything here is pure: it knows neither Kafka nor a registry. protobuf and grpcio-tools are imported when a
function is called that needs them.
"""

from __future__ import annotations

from framework.protobuf.converter import dict_converter
from framework.protobuf.errors import ProtobufDecodeError, ProtobufSchemaError
from framework.protobuf.index import read_index
from framework.protobuf.messages import check_index, index_of, indexed_parser, parse
from framework.protobuf.printing import json_ready, text_line
from framework.protobuf.schema import ProtobufFile, load_file

__all__ = [
    "ProtobufDecodeError",
    "ProtobufFile",
    "ProtobufSchemaError",
    "check_index",
    "dict_converter",
    "index_of",
    "indexed_parser",
    "json_ready",
    "load_file",
    "parse",
    "read_index",
    "text_line",
]
