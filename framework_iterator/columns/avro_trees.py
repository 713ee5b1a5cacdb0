"""The columns of Avro schemas. Pure."""

from __future__ import annotations

import collections.abc as cabc
from typing import Final

from framework.avro.nodes import Array, Enum, Fixed, Logical, Node, Primitive, Record, Union
from framework.avro.parsing import parse
from framework_iterator.columns import kinds, trees
from framework_iterator.columns.kinds import Kind
from framework_iterator.columns.trees import Tree

_PRIMITIVES: Final = {
    "boolean": kinds.BOOL,
    "int": kinds.INT,
    "long": kinds.INT,
    "float": kinds.FLOAT,
    "double": kinds.FLOAT,
    "bytes": kinds.BYTES,
    "string": kinds.TEXT,
    "null": kinds.JSON,
}
_LOGICAL: Final = {
    "uuid": kinds.TEXT_OF,
    "date": kinds.DATE,
    "time-millis": kinds.TIME,
    "time-micros": kinds.TIME,
    "timestamp-millis": kinds.MOMENT,
    "timestamp-micros": kinds.MOMENT,
    "local-timestamp-millis": kinds.NAIVE_MOMENT,
    "local-timestamp-micros": kinds.NAIVE_MOMENT,
}
"""Of the others, such as nanoseconds, values are plain."""


def avro_tree(text: str, references: cabc.Sequence[str] = ()) -> Tree:
    """Return what the values of a schema are. One that is invalid is an AvroSchemaError.

    A payload that is one of several records may have the fields of all.
    """
    node = parse(text, references)
    branches = node.branches if isinstance(node, Union) else (node,)
    found = [_tree(each, ()) for each in branches if not _is_null(each)]
    return trees.merged(found) if found else kinds.JSON


def _tree(node: Node, within: tuple[Node, ...]) -> Tree:
    match node:
        case Primitive() | Fixed() if node.logical is not None:
            return _logical(node.logical, node)
        case Primitive():
            return _PRIMITIVES[node.kind]
        case Fixed():
            return kinds.BYTES
        case Enum():
            return kinds.TEXT
        case Array():
            return trees.Many(_tree(node.items, within))
        case Union():
            return _union(node, within)
        case Record() if not any(node is each for each in within):
            return trees.Record({each.name: _tree(each.type, (*within, node)) for each in node.fields})
    return kinds.JSON  # a map, and a record that contains itself


def _logical(logical: Logical, node: Primitive | Fixed) -> Kind:
    if logical.name == "decimal":
        return kinds.decimal_of(logical.precision, logical.scale)
    plain = kinds.BYTES if isinstance(node, Fixed) else _PRIMITIVES[node.kind]
    return _LOGICAL.get(logical.name, plain)


def _union(node: Union, within: tuple[Node, ...]) -> Tree:
    """Return the type of the branches beside null, if it is one type."""
    others = [each for each in node.branches if not _is_null(each)]
    found = [_tree(each, within) for each in others]
    if len(found) == 1:
        return found[0]
    if found and all(isinstance(each, Kind) for each in found):
        return trees.merged(found)  # int and long, or a number of each kind
    return kinds.JSON


def _is_null(node: Node) -> bool:
    return isinstance(node, Primitive) and node.kind == "null"
