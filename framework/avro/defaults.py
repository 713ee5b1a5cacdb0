"""Makes the value of a field's default, which a schema holds as JSON."""

from __future__ import annotations

from typing import Any, Final

from framework.avro.errors import AvroDecodeError, AvroSchemaError
from framework.avro.logical import converter
from framework.avro.nodes import (
    MISSING,
    Array,
    Enum,
    Fixed,
    Logical,
    Map,
    Node,
    Primitive,
    Record,
    Union,
    describe,
)

_MAX_LEVELS: Final = 50

_INT_BITS: Final = {"int": 32, "long": 64}


def default_value(node: Node, default: Any, name: str) -> Any:
    """Return the value, of the native type where the type is a logical one.

    Lists and dicts are plain ones: whoever uses the value has to copy them. `name` is for the error.
    """
    try:
        return _value(node, default, 0)
    except (AvroDecodeError, ValueError, OverflowError) as error:
        raise AvroSchemaError(f"The default of {name} is wrong: {error}.") from error


def _value(node: Node, default: Any, level: int) -> Any:
    if level > _MAX_LEVELS:
        raise ValueError(f"more than {_MAX_LEVELS} levels")
    match node:
        case Primitive():
            return _native(_primitive(node.kind, default), node.logical, node.kind)
        case Fixed() if isinstance(default, str) and len(default) == node.size:
            return _native(default.encode("latin-1"), node.logical, "fixed")
        case Enum() if default in node.symbols:
            return default
        case Array() if isinstance(default, list):
            return [_value(node.items, item, level + 1) for item in default]
        case Map() if isinstance(default, dict):
            return {key: _value(node.values, value, level + 1) for key, value in default.items()}
        case Union():
            return _branch(node, default, level)
        case Record() if isinstance(default, dict):
            return _record(node, default, level)
    raise _wrong(default, node)


def _primitive(kind: str, default: Any) -> Any:
    match kind, default:
        case "null", None:
            return None
        case "boolean", bool():
            return default
        case "int" | "long", int() if not isinstance(default, bool):
            if -1 << _INT_BITS[kind] - 1 <= default < 1 << _INT_BITS[kind] - 1:
                return default
        case "float" | "double", int() | float() if not isinstance(default, bool):
            return float(default)
        case "float" | "double", "NaN" | "Infinity" | "-Infinity":  # as Java's library writes them
            return float(default)
        case "string", str():
            return default
        case "bytes", str():
            return default.encode("latin-1")
    raise _wrong(default, Primitive(kind))


def _native(value: Any, logical: Logical | None, kind: str) -> Any:
    convert = None if logical is None else converter(logical, kind)
    return value if convert is None else convert(value)


def _branch(node: Union, default: Any, level: int) -> Any:
    """Return the value of the first branch.

    Older versions of the specification demand that one; where it doesn't fit, the first that does.
    """
    for branch in node.branches:
        try:
            return _value(branch, default, level + 1)
        except ValueError:
            continue
    raise _wrong(default, node)


def _record(node: Record, default: dict[str, Any], level: int) -> dict[str, Any]:
    value = {}
    for field in node.fields:
        given = default.get(field.name, field.default)
        if given is MISSING:
            raise ValueError(f"it lacks {field.name!r}")
        value[field.name] = _value(field.type, given, level + 1)
    return value


def _wrong(default: Any, node: Node) -> ValueError:
    shown = repr(default)
    return ValueError(f"{shown if len(shown) <= 40 else shown[:37] + '...'} is no {describe(node)}")
