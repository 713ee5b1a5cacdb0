"""The name of a schema, for tables."""

from __future__ import annotations

import contextlib
import json

from framework.registry import Schema
from framework.schemas.decoders import NAMES
from framework.terminal import escape


def title(schema: Schema) -> str:
    """Return type and name of a schema: `Avro shop.Order`; the type alone where the name isn't known.

    Without the library that reads the schema, its name isn't known.
    """
    name = ""
    with contextlib.suppress(ValueError, ImportError, RecursionError):
        name = _name_of(schema)
    return escape(f"{NAMES.get(schema.type, schema.type)} {name}".rstrip())


def _name_of(schema: Schema) -> str:
    if schema.type == "AVRO":
        from framework.avro import root_type

        return root_type(schema.text, [text for _, text in schema.references])
    if schema.type == "PROTOBUF":
        from framework.protobuf import load_file

        return load_file(schema.text, schema.references).first_name
    document = json.loads(schema.text)
    return str(document.get("title", "")) if isinstance(document, dict) else ""
