"""From a schema to what decodes the bytes that follow its id."""

from __future__ import annotations

import collections.abc as cabc
import typing
from typing import Any, Final

from framework.registry import Schema
from framework.schemas.converters import Convert
from framework.schemas.extras import require

Decode = cabc.Callable[[bytes, int], Any]
"""Returns the value that begins at an index of the bytes."""

NAMES: Final = {"AVRO": "Avro", "PROTOBUF": "Protobuf", "JSON": "JSON Schema"}
_DECLARATIONS: Final = {"AVRO": "avro()", "PROTOBUF": "protobuf()", "JSON": "json_schema()"}


def check_type(schema: Schema, expected: str) -> None:
    """Raise a ValueError where a schema is of another type than the topic declares."""
    if schema.type != expected:
        found = NAMES.get(schema.type, schema.type)
        way_out = f": declare {_DECLARATIONS[schema.type]}" if schema.type in _DECLARATIONS else ""
        raise ValueError(f"the schema is {found}, not {NAMES[expected]}{way_out}")


def avro_decoder(schema: Schema, reader: str | None = None, *, names: bool = False) -> Decode:
    """Return what decodes Avro that was written with this schema, for a reader's schema if there is one."""
    from framework.avro import compile_avro

    check_type(schema, "AVRO")
    texts = [text for _, text in schema.references]
    return compile_avro(schema.text, references=texts, reader=reader, names=names)


def protobuf_decoder(schema: Schema, index: bytes | None) -> Decode:
    """Return what decodes messages of the types in this schema.

    Args:
        schema: A Protobuf schema.
        index: The message index, where it is in a header; else it precedes each message.
    """
    from framework.protobuf import indexed_parser, load_file, parse, read_index

    check_type(schema, "PROTOBUF")
    file = load_file(schema.text, schema.references)
    if index is not None:
        of_header = file.message_class(message_index(index))
        return lambda data, start: parse(of_header, data[start:])
    parsers: dict[tuple[int, ...], Decode] = {}

    def decode(data: bytes, start: int) -> Any:
        path, _ = read_index(data, start)
        parse_message = parsers.get(path)
        if parse_message is None:
            parse_message = parsers[path] = indexed_parser(file.message_class(path))
        return parse_message(data, start)

    return decode


def generated_decoder(message_class: Any, index: bytes | None) -> Decode:
    """Return what decodes messages of a generated class; the index of another type is a ValueError.

    The index is compared with the place of the class in its own file. Without that, a message of another
    type would be read as this one, without a word: Protobuf's bytes don't name their type.
    """
    from framework.protobuf import check_index, index_of, indexed_parser, parse

    if index is None:
        return indexed_parser(message_class, index_of(message_class))
    check_index(message_class, message_index(index))
    return lambda data, start: parse(message_class, data[start:])


def message_index(index: bytes) -> tuple[int, ...]:
    """Return the path of a message type that a header names; nothing at all is the first message."""
    from framework.protobuf import read_index

    if not index:
        return (0,)
    path, end = read_index(index, 0)
    if end < len(index):
        raise ValueError(f"{len(index) - end} bytes are left over after the message index in the header")
    return path


def check_no_index(index: bytes | None) -> None:
    """Raise a ValueError where bytes follow the id in a header, which only Protobuf has."""
    if index:
        left = "1 byte is" if len(index) == 1 else f"{len(index)} bytes are"
        raise ValueError(f"{left} left over after the id in the header")


def json_decoder(parse: cabc.Callable[[bytes], Any]) -> Decode:
    """Return what parses the JSON behind the framing."""
    return lambda data, start: parse(data[start:])


def converted(decode: Decode, convert: Convert | None) -> Decode:
    """Return a decoder that also makes the application's type."""
    if convert is None:
        return decode
    return lambda data, start: convert(decode(data, start))


def converted_by_name(decode: Decode, converts: cabc.Mapping[str, Convert | None]) -> Decode:
    """Return a decoder that makes the type declared for the name of each record.

    Args:
        decode: Returns the full name of a record with the record.
        converts: What makes the type, by full name.
    """

    def decode_and_convert(data: bytes, start: int) -> Any:
        name, value = decode(data, start)
        try:
            convert = converts[name]
        except KeyError:
            known = ", ".join(sorted(converts))
            raise ValueError(f"a record of type {name!r} is none of those declared: {known}") from None
        return value if convert is None else convert(value)

    return decode_and_convert


def decoder_of_its_type(schema: Schema, index: bytes | None) -> Decode:
    """Return what decodes a schema of any type: Avro to a dict, Protobuf to a message, JSON to its value."""
    if schema.type == "PROTOBUF":
        require("protobuf", "A Protobuf schema")
        return protobuf_decoder(schema, index)
    check_no_index(index)
    if schema.type == "JSON":
        from pydantic_core import from_json

        return json_decoder(from_json)
    if schema.type == "AVRO":
        return avro_decoder(schema)
    raise ValueError(f"the schema is of an unknown type, {schema.type!r}")


class Loader(typing.Protocol):
    """Returns the decoder for a schema, given the message index where it is in a header."""

    def __call__(self, schema: Schema, index: bytes | None, /) -> Decode: ...  # noqa: D102
