"""Reads the text of an Avro schema.

Our own, since fastavro rejects schemas that Java's library accepts (`{"type": {"type": "array", ...}}`) and
accepts some that are wrong (a fixed of size -1, two fields of one name); others are a bare KeyError.
"""

from __future__ import annotations

import collections.abc as cabc
import json
from typing import Any, Final

from framework.avro.errors import AvroSchemaError
from framework.avro.logical import logical_type
from framework.avro.nodes import (
    MISSING,
    Array,
    Enum,
    Field,
    Fixed,
    Map,
    Named,
    Node,
    Primitive,
    Record,
    Union,
    describe,
    is_same,
)

# Deeper than any schema of use, and far from Python's own limit.
MAX_SCHEMA_DEPTH: Final = 100

_PRIMITIVES: Final = frozenset(["null", "boolean", "int", "long", "float", "double", "bytes", "string"])


def parse(text: str, references: cabc.Sequence[str] = ()) -> Node:
    """Return the type that the text describes; the references define what it names, dependencies first."""
    parser = _Parser()
    try:
        for reference in references:
            parser.parse(_load(reference))
        return parser.parse(_load(text))
    except RecursionError:
        raise AvroSchemaError("The Avro schema is nested too deeply.") from None


def _load(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise AvroSchemaError(f"The Avro schema isn't JSON: {error}.") from error


class _Parser:
    """Reads several texts, of which the later use the types that the earlier define."""

    def __init__(self) -> None:
        self._named: dict[str, Named] = {}
        self._depth = 0

    def parse(self, schema: Any, namespace: str = "") -> Node:
        self._depth += 1
        if self._depth > MAX_SCHEMA_DEPTH:
            raise AvroSchemaError(f"The Avro schema has more than {MAX_SCHEMA_DEPTH} levels.")
        try:
            if isinstance(schema, str):
                return Primitive(schema) if schema in _PRIMITIVES else self._find(schema, namespace)
            if isinstance(schema, list):
                return self._union(schema, namespace)
            if isinstance(schema, dict):
                return self._object(schema, namespace)
        finally:
            self._depth -= 1
        raise AvroSchemaError(f"{_shorten(schema)} is no Avro type.")

    def _find(self, name: str, namespace: str) -> Node:
        for full_name in (_full_name(name, namespace), name):
            if full_name in self._named:
                return self._named[full_name]
        raise AvroSchemaError(f"The Avro schema names {name!r}, which neither it nor its references define.")

    def _union(self, schemas: list[Any], namespace: str) -> Union:
        branches = tuple(self.parse(schema, namespace) for schema in schemas)
        names = [describe(branch) for branch in branches]
        if not names:
            raise AvroSchemaError("A union of the Avro schema is empty.")
        if "union" in names:
            raise AvroSchemaError("A union of the Avro schema contains a union.")
        if len({*names}) < len(names):
            raise AvroSchemaError(f"A union of the Avro schema has a type twice: {', '.join(names)}.")
        return Union(branches)

    def _object(self, schema: dict[str, Any], namespace: str) -> Node:
        match schema.get("type", MISSING):
            case "record" | "error":
                return self._define(schema, namespace, self._record)
            case "enum":
                return self._define(schema, namespace, self._enum)
            case "fixed":
                return self._define(schema, namespace, self._fixed)
            case "array":
                return Array(self.parse(_get(schema, "items"), namespace))
            case "map":
                return Map(self.parse(_get(schema, "values"), namespace))
            case str() as kind if kind in _PRIMITIVES:
                return Primitive(kind, logical_type(kind, schema))
            case str() | list() | dict() as inner:
                return self.parse(inner, namespace)
        raise AvroSchemaError(f"{_shorten(schema)} is no Avro type: its 'type' is missing or wrong.")

    def _define(
        self,
        schema: dict[str, Any],
        namespace: str,
        define: cabc.Callable[[dict[str, Any], str, tuple[str, ...]], Named],
    ) -> Named:
        """Define a named type; where it was defined before, as by two references, both must be equal."""
        own_namespace = schema.get("namespace", namespace)
        name = _full_name(_text(schema, "name"), own_namespace if isinstance(own_namespace, str) else "")
        inner = name.rpartition(".")[0]
        aliases = tuple(_full_name(alias, inner) for alias in _texts(schema, "aliases", default=[]))
        previous = self._named.pop(name, None)
        defined = define(schema, name, aliases)
        self._named[name] = defined
        if previous is None:
            return defined
        if not is_same(previous, defined):
            raise AvroSchemaError(f"The Avro schema defines {name} twice, and differently.")
        self._named[name] = previous
        return previous

    def _record(self, schema: dict[str, Any], name: str, aliases: tuple[str, ...]) -> Record:
        record = Record(name, aliases=aliases)
        self._named[name] = record  # before its fields, which may be of its own type
        fields = _get(schema, "fields")
        if not isinstance(fields, list):
            raise AvroSchemaError(f"The fields of the record {name} are no list.")
        namespace = name.rpartition(".")[0]
        record.fields = tuple(self._field(field, namespace, name) for field in fields)
        names = [field.name for field in record.fields]
        if len({*names}) < len(names):
            raise AvroSchemaError(f"The record {name} has two fields of one name: {', '.join(names)}.")
        return record

    def _field(self, schema: Any, namespace: str, record: str) -> Field:
        if not isinstance(schema, dict):
            raise AvroSchemaError(f"{_shorten(schema)} is no field of the record {record}.")
        return Field(
            _text(schema, "name"),
            self.parse(_get(schema, "type"), namespace),
            schema.get("default", MISSING),
            tuple(_texts(schema, "aliases", default=[])),
        )

    def _enum(self, schema: dict[str, Any], name: str, aliases: tuple[str, ...]) -> Enum:
        symbols = tuple(_texts(schema, "symbols"))
        if len({*symbols}) < len(symbols):
            raise AvroSchemaError(f"The enum {name} has a symbol twice: {', '.join(symbols)}.")
        default = schema.get("default")
        if default is not None and default not in symbols:
            raise AvroSchemaError(f"The default of the enum {name} is no symbol of it: {_shorten(default)}.")
        return Enum(name, symbols, default, aliases, symbols)

    def _fixed(self, schema: dict[str, Any], name: str, aliases: tuple[str, ...]) -> Fixed:
        size = _get(schema, "size")
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise AvroSchemaError(f"The size of the fixed {name} is {_shorten(size)}: expected an int >= 0.")
        return Fixed(name, size, logical_type("fixed", schema), aliases)


def _full_name(name: str, namespace: str) -> str:
    return f"{namespace}.{name}" if namespace and "." not in name else name.removeprefix(".")


def _get(schema: dict[str, Any], key: str) -> Any:
    try:
        return schema[key]
    except KeyError:
        raise AvroSchemaError(f"{_shorten(schema)} of the Avro schema lacks {key!r}.") from None


def _text(schema: dict[str, Any], key: str) -> str:
    value = _get(schema, key)
    if not isinstance(value, str) or not value:
        raise AvroSchemaError(f"{key!r} of the Avro schema is {_shorten(value)}: expected text.")
    return value


def _texts(schema: dict[str, Any], key: str, *, default: list[str] | None = None) -> list[str]:
    values = _get(schema, key) if default is None else schema.get(key)
    if values is None and default is not None:
        return default
    if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
        raise AvroSchemaError(f"{key!r} of the Avro schema is {_shorten(values)}: expected a list of text.")
    return values


def _shorten(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
