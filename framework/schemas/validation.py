"""Validate JSON by a schema of the registry."""

from __future__ import annotations

import collections.abc as cabc
import json
from typing import Any, Final

from framework.registry import Schema
from framework.schemas.json_depth import SchemaGraph, id_of, resolve
from framework.schemas.stack import on_stack

Parse = cabc.Callable[[bytes], Any]

# jsonschema-rs recurses along a schema and its references. It takes up to 3 KB of stack for each level when
# it compiles, and 300 bytes when it validates; a thread may have 512 KB in all.
_MAX_DOCUMENTS: Final = 200
_MAX_CHARACTERS: Final = 1_000_000
_MAX_CHARACTERS_AT_ADDRESSES: Final = 10_000_000
_MAX_DEPTH: Final = 2000
_COMPILING_STACK: Final = 64 * 1024 * 1024
_MAX_LEVELS_HERE: Final = 1000
_BYTES_PER_LEVEL: Final = 1024
# pydantic's parser refuses JSON that nests deeper.
_MAX_DOCUMENT_DEPTH: Final = 202


def validating(schema: Schema, parse: Parse, *, is_plain: bool) -> Parse:
    """Return what parses a document that its schema accepts; a ValueError says what it refuses.

    As Confluent's deserializer, it follows draft 2020-12 unless the schema names another, and doesn't check
    formats. `$ref` reaches the references of the schema, and nothing on a network. NaN and infinities, which
    JSON doesn't have, are refused. A schema of more than a million characters with its references, or that
    nests deeper than 2,000 levels along them, is invalid.

    Args:
        schema: A JSON Schema.
        parse: Makes the value of the bytes.
        is_plain: Whether `parse` returns the document as it is, which saves parsing it twice.
    """
    from jsonschema_rs import ValidationError
    from pydantic_core import from_json

    validator, depth, is_recursive = _compile(schema)

    def parse_valid(data: bytes) -> Any:
        value = from_json(data, allow_inf_nan=False)
        levels = depth
        if is_recursive:  # the schema may be followed once for each level of the document
            levels *= min(data.count(b"[") + data.count(b"{"), _MAX_DOCUMENT_DEPTH) + 1
        try:
            if levels <= _MAX_LEVELS_HERE:
                validator.validate(value)
            else:
                on_stack(levels * _BYTES_PER_LEVEL, lambda: validator.validate(value))
        except ValidationError as error:
            raise ValueError(f"{_where(error)}{_line(error.message)}") from error
        return value if is_plain else parse(data)

    return parse_valid


def _compile(schema: Schema) -> tuple[Any, int, bool]:
    """Return the validator, the depth of the schema, and whether it is recursive."""
    import jsonschema_rs

    try:
        _check_size(schema)
        document = json.loads(schema.text)
        known = _by_address(schema, document)
        depth, is_recursive = SchemaGraph({**known, "": document}).depth()
        if depth > _MAX_DEPTH:
            raise ValueError(f"it nests {depth} levels deep along its references: expected <= {_MAX_DEPTH}")
        validator = on_stack(_COMPILING_STACK, lambda: _build(document, known))
    except RecursionError as error:
        raise ValueError("the schema is invalid: it nests too deep") from error
    except (ValueError, TypeError, jsonschema_rs.ReferencingError) as error:
        raise ValueError(f"the schema is invalid: {_line(str(error))}") from error
    return validator, depth, is_recursive


def _check_size(schema: Schema) -> None:
    texts = [schema.text, *(text for _, text in schema.references)]
    _check("documents", len(texts), _MAX_DOCUMENTS)
    _check("characters", sum(map(len, texts)), _MAX_CHARACTERS)


def _check(unit: str, count: int, limit: int) -> None:
    if count > limit:
        raise ValueError(f"it has {count} {unit} with its references: expected <= {limit}")


def _by_address(schema: Schema, document: Any) -> dict[str, Any]:
    """Return the references by name, and by where names lead from documents that have an address."""
    references = {name: json.loads(text) for name, text in schema.references}
    documents = [("", document), *references.items()]
    bases = {address for name, each in documents for address in (name, resolve(name, id_of(each)))}
    folders = {resolve(base, ".") for base in bases}
    # Each address gets a copy of the document.
    characters = sum(len(text) for _, text in schema.references)
    _check("characters at all their addresses", characters * len(folders), _MAX_CHARACTERS_AT_ADDRESSES)
    others = {resolve(folder, name): each for folder in folders for name, each in references.items()}
    return others | references


def _build(document: Any, known: dict[str, Any]) -> Any:
    import jsonschema_rs

    registry = jsonschema_rs.Registry(list(known.items()), draft=jsonschema_rs.Draft7, retriever=_refuse)
    return jsonschema_rs.validator_for(document, registry=registry, validate_formats=False, retriever=_refuse)


def _refuse(address: str) -> Any:
    raise ValueError(f"{address!r} isn't among the references of the schema")


def _where(error: Any) -> str:
    path = ".".join(map(str, error.instance_path))
    return f"{path}: " if path else ""


def _line(text: str) -> str:
    return " ".join(text.split())[:300]
