"""Validate JSON by a schema of the registry."""

from __future__ import annotations

import collections.abc as cabc
import json
from typing import Any

from framework.registry import Schema

Parse = cabc.Callable[[bytes], Any]


def validating(schema: Schema, parse: Parse, *, is_plain: bool) -> Parse:
    """Return what parses a document that its schema accepts; a ValueError says what it refuses.

    As Confluent's deserializer, it follows draft 2020-12 unless the schema names another, and doesn't check
    formats. `$ref` reaches the references of the schema, and nothing on a network.

    Args:
        schema: A JSON Schema.
        parse: Makes the value of the bytes.
        is_plain: Whether `parse` returns the document as it is, which saves parsing it twice.
    """
    import jsonschema_rs
    from pydantic_core import from_json

    try:
        document = json.loads(schema.text)
        registry = jsonschema_rs.Registry(
            [(name, json.loads(text)) for name, text in schema.references],
            draft=jsonschema_rs.Draft7,
            retriever=_refuse,
        )
        validator = jsonschema_rs.validator_for(
            document, registry=registry, validate_formats=False, retriever=_refuse
        )
    except (ValueError, TypeError, jsonschema_rs.ReferencingError) as error:
        raise ValueError(f"the schema is invalid: {_line(str(error))}") from error

    def parse_valid(data: bytes) -> Any:
        value = from_json(data)
        try:
            validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            raise ValueError(f"{_where(error)}{_line(error.message)}") from error
        return value if is_plain else parse(data)

    return parse_valid


def _refuse(uri: str) -> Any:
    raise ValueError(f"{uri!r} isn't among the references of the schema")


def _where(error: Any) -> str:
    path = ".".join(map(str, error.instance_path))
    return f"{path}: " if path else ""


def _line(text: str) -> str:
    return " ".join(text.split())[:300]
