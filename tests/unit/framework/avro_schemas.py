"""Random Avro schemas, values for them, and schemas that read what they wrote. For hypothesis."""

from __future__ import annotations

import copy
import datetime
import decimal
import io
from typing import Any

import fastavro
import fastavro.schema
import hypothesis
from hypothesis import strategies as st

Schema = Any

_LONG = st.integers(-(2**63), 2**63 - 1)
_INT = st.integers(-(2**31), 2**31 - 1)
_MOMENTS = st.datetimes(datetime.datetime(1, 1, 2), datetime.datetime(9999, 12, 30))  # noqa: DTZ001
_MILLIS = _MOMENTS.map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))


def _in_utc(moments: st.SearchStrategy[datetime.datetime]) -> st.SearchStrategy[datetime.datetime]:
    return moments.map(lambda moment: moment.replace(tzinfo=datetime.UTC))


_PRIMITIVES: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "int": _INT,
    "long": _LONG,
    "float": st.floats(width=32),
    "double": st.floats(),
    "bytes": st.binary(max_size=200),
    "string": st.text(max_size=200),
}

_LOGICAL: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("int", "date"): st.dates(),
    ("int", "time-millis"): st.times().map(
        lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000)
    ),
    ("long", "time-micros"): st.times(),
    ("long", "timestamp-millis"): _in_utc(_MILLIS),
    ("long", "timestamp-micros"): _in_utc(_MOMENTS),
    ("long", "local-timestamp-millis"): _MILLIS,
    ("long", "local-timestamp-micros"): _MOMENTS,
    ("long", "timestamp-nanos"): _LONG,
    ("string", "uuid"): st.uuids(),
    ("string", "unknown"): st.text(max_size=10),
}


# Which of these a value of a union becomes depends on the order of the branches.
_FAMILIES = {"long": "int", "float": "int", "double": "int", "bytes": "string"}


@st.composite
def schemas(draw: st.DrawFn, levels: int = 3, *, families: bool = False) -> Schema:
    """A schema of any type, in which records may contain themselves.

    With `families`, a union has only one type of those that are promoted to each other.
    """
    return _Maker(draw, families=families).any(levels)


class _Maker:
    def __init__(self, draw: st.DrawFn, *, families: bool) -> None:
        self._draw = draw
        self._families = _FAMILIES if families else {}
        self._namespace = ""
        self._records: list[str] = []
        self._names = 0

    def any(self, levels: int) -> Schema:
        kinds = ["primitive", "primitive", "logical", "decimal", "enum", "fixed"]
        if levels:
            kinds += ["array", "map", "union", "record", "record", "again"]
        make = getattr(self, f"_{self._draw(st.sampled_from(kinds))}")
        return make(levels - 1)

    def _name(self) -> str:
        self._names += 1
        return f"{self._draw(st.sampled_from(['', 'shop.', 'shop.parts.']))}T{self._names}"

    def _primitive(self, _levels: int) -> Schema:
        return self._draw(st.sampled_from(sorted(_PRIMITIVES)))

    def _logical(self, _levels: int) -> Schema:
        kind, name = self._draw(st.sampled_from(sorted(_LOGICAL)))
        return {"type": kind, "logicalType": name}

    def _decimal(self, _levels: int) -> Schema:
        precision = self._draw(st.integers(1, 18))
        scale = self._draw(st.integers(0, precision))
        logical = {"logicalType": "decimal", "precision": precision, "scale": scale}
        if self._draw(st.booleans()):
            return {"type": "bytes", **logical}
        return {"type": "fixed", "name": self._name(), "size": self._draw(st.integers(8, 12)), **logical}

    def _enum(self, _levels: int) -> Schema:
        symbols = self._draw(st.lists(st.sampled_from("ABCDEFG"), min_size=1, unique=True))
        return {"type": "enum", "name": self._name(), "symbols": symbols}

    def _fixed(self, _levels: int) -> Schema:
        return {"type": "fixed", "name": self._name(), "size": self._draw(st.integers(0, 20))}

    def _array(self, levels: int) -> Schema:
        return {"type": "array", "items": self.any(levels)}

    def _map(self, levels: int) -> Schema:
        return {"type": "map", "values": self.any(levels)}

    def _union(self, levels: int) -> Schema:
        branches: dict[str, Schema] = {}
        for _ in range(self._draw(st.integers(1, 4))):
            records = [*self._records]
            branch = self.any(levels)
            kind = (
                branch if isinstance(branch, str) else "union" if isinstance(branch, list) else branch["type"]
            )
            family = self._families.get(kind, kind)
            # One of each kind: fastavro can't tell all of them apart when it writes.
            if kind == "union" or family in branches:
                self._records = records
            else:
                branches[family] = branch
        return list(branches.values()) or ["null"]

    def _record(self, levels: int) -> Schema:
        name, outer = self._name(), self._namespace
        if "." in name:
            self._namespace = name.rpartition(".")[0]
        self._records.append(name if "." in name or not outer else f"{outer}.{name}")
        count = self._draw(st.integers(0, 5))
        fields = [{"name": f"f{number}", "type": self.any(levels)} for number in range(count)]
        self._namespace = outer
        return {"type": "record", "name": name, "fields": fields}

    def _again(self, levels: int) -> Schema:
        """A record that is defined elsewhere, maybe around this place: so in a union or an array."""
        names = [name for name in self._records if "." in name or not self._namespace]
        if not names:
            return self._primitive(levels)
        name = self._draw(st.sampled_from(names))
        return self._draw(st.sampled_from([["null", name], {"type": "array", "items": name}]))


@st.composite
def values(draw: st.DrawFn, schema: Schema) -> Any:
    """A value for the schema, as fastavro writes it."""
    named: dict[str, Any] = {}
    parsed = fastavro.parse_schema(copy.deepcopy(schema), named)
    return _value(draw, parsed, named, 0)


def _value(draw: st.DrawFn, schema: Schema, named: dict[str, Any], level: int) -> Any:
    if isinstance(schema, list):
        # Null ends what contains itself.
        branches = ["null"] if level > 6 and "null" in schema else schema
        branch = draw(st.sampled_from(branches))
        value = _value(draw, branch, named, level + 1)
        definition = named.get(branch, branch) if isinstance(branch, str) else branch
        has_name = isinstance(definition, dict) and "name" in definition
        return (definition["name"], value) if has_name else value
    if isinstance(schema, str):
        return _value(draw, named[schema], named, level) if schema in named else draw(_PRIMITIVES[schema])
    return _value_of_object(draw, schema, named, level)


def _value_of_object(draw: st.DrawFn, schema: Schema, named: dict[str, Any], level: int) -> Any:
    kind, size = schema["type"], st.integers(0, 3 if level < 4 else 0)
    match kind, schema.get("logicalType"):
        case "record", _:
            return {each["name"]: _value(draw, each["type"], named, level + 1) for each in schema["fields"]}
        case "array", _:
            return [_value(draw, schema["items"], named, level + 1) for _ in range(draw(size))]
        case "map", _:
            keys = st.text(max_size=5)
            return {draw(keys): _value(draw, schema["values"], named, level + 1) for _ in range(draw(size))}
        case "enum", _:
            return draw(st.sampled_from(schema["symbols"]))
        case _, "decimal":
            limit = 10 ** schema["precision"] - 1
            return decimal.Decimal(draw(st.integers(-limit, limit))).scaleb(-schema["scale"])
        case "fixed", _:
            return draw(st.binary(min_size=schema["size"], max_size=schema["size"]))
        case _, logical:
            return draw(_LOGICAL.get((kind, logical), _PRIMITIVES[kind]))


_PROMOTED = {
    "int": ["int", "long", "float", "double"],
    "long": ["long", "float", "double"],
    "float": ["float", "double"],
    "string": ["string", "bytes"],
}

_ADDED = [
    ("int", 7),
    ("string", "new"),
    (["null", "string"], None),
    ({"type": "array", "items": "int"}, [1, 2]),
    ({"type": "map", "values": "double"}, {"a": 1.5}),
    ({"type": "enum", "name": "Added", "symbols": ["X", "Y"]}, "Y"),
]


@st.composite
def readers(draw: st.DrawFn, schema: Schema) -> Schema:
    """A schema that reads whatever was written with the given one."""
    reader = _reader(draw, schema)
    try:
        fastavro.parse_schema(copy.deepcopy(reader))
    except (fastavro.schema.UnknownType, fastavro.schema.SchemaParseException):
        # A type was defined in a field that was dropped or comes later now, or `Added` is there twice.
        hypothesis.reject()
    return reader


def _reader(draw: st.DrawFn, schema: Schema, *, in_union: bool = False) -> Schema:
    if isinstance(schema, list):
        return [_reader(draw, branch, in_union=True) for branch in draw(st.permutations(schema))]
    if not in_union and schema != "null" and draw(st.integers(0, 9)) == 0:
        return draw(st.permutations(["null", _reader(draw, schema, in_union=True)]))
    if isinstance(schema, str):
        return schema if in_union else draw(st.sampled_from(_PROMOTED.get(schema, [schema])))
    match schema["type"]:
        case "array":
            return schema | {"items": _reader(draw, schema["items"])}
        case "map":
            return schema | {"values": _reader(draw, schema["values"])}
        case "enum":
            symbols = draw(st.permutations([*schema["symbols"], "Z"]))
            return schema | {"symbols": [*symbols[draw(st.integers(0, 2)) :], "D"], "default": "D"}
        case "record":
            return schema | {"fields": _fields(draw, schema["fields"])}
    return schema


def _fields(draw: st.DrawFn, fields: list[Schema]) -> list[Schema]:
    wanted = []
    for field in fields:
        match draw(st.sampled_from(["keep", "keep", "rename", "drop"])):
            case "keep":
                wanted.append(field | {"type": _reader(draw, field["type"])})
            case "rename":
                renamed = {"name": f"new_{field['name']}", "aliases": ["other", field["name"]]}
                wanted.append(renamed | {"type": _reader(draw, field["type"])})
    if draw(st.booleans()):
        kind, default = draw(st.sampled_from(_ADDED))
        wanted.append({"name": "added", "type": kind, "default": default})
    return draw(st.permutations(wanted))


def write(schema: Schema, value: Any) -> bytes:
    """Return the bytes of a value, written by fastavro."""
    buffer = io.BytesIO()
    try:
        fastavro.schemaless_writer(buffer, fastavro.parse_schema(copy.deepcopy(schema)), value)
    except (AttributeError, TypeError, ValueError, decimal.DecimalException):
        # It finds the branch of a union by converting the value for each, which can fail: text is no date.
        hypothesis.reject()
    return buffer.getvalue()


def read(schema: Schema, data: bytes, reader: Schema = None) -> Any:
    """Return the value of bytes, read by fastavro."""
    parsed = fastavro.parse_schema(copy.deepcopy(schema))
    wanted = None if reader is None else fastavro.parse_schema(copy.deepcopy(reader))
    return fastavro.schemaless_reader(io.BytesIO(data), parsed, wanted)


def comparable(value: Any) -> Any:
    """Return a form in which NaN equals itself, and values of different types (1, 1.0 and True) differ."""
    match value:
        case dict():
            return {key: comparable(each) for key, each in value.items()}
        case list():
            return [comparable(each) for each in value]
        case _:
            return type(value).__name__, repr(value)
