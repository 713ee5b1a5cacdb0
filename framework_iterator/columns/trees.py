"""What schemas say about values: of several schemas of a topic, one is made, and columns of it. Pure."""

from __future__ import annotations

import collections.abc as cabc
import functools
from typing import Any, NamedTuple, TypeAlias

from framework_iterator.columns import kinds
from framework_iterator.columns.kinds import Kind


class Record(NamedTuple):
    """Dicts with these fields, some of which may be missing."""

    fields: cabc.Mapping[str, Tree]


class Many(NamedTuple):
    """Lists of such items."""

    items: Tree


Tree: TypeAlias = Record | Many | Kind


def merged(trees: cabc.Iterable[Tree]) -> Tree:
    """Return what all values fit into: records have all fields; what has no common type is JSON text."""
    return functools.reduce(_merged, trees)


def kind_of(tree: Tree) -> Kind:
    """Return the kind of a column for such values."""
    if isinstance(tree, Many):
        return kinds.list_of(kind_of(tree.items))
    if isinstance(tree, Record):
        return (
            _struct({name: kind_of(each) for name, each in tree.fields.items()})
            if tree.fields
            else kinds.JSON
        )
    return tree


def _merged(one: Tree, other: Tree) -> Tree:
    if isinstance(one, Record) and isinstance(other, Record):
        both = [name for name in one.fields if name in other.fields]
        return Record(
            {**one.fields, **other.fields, **{n: _merged(one.fields[n], other.fields[n]) for n in both}}
        )
    if isinstance(one, Many) and isinstance(other, Many):
        return Many(_merged(one.items, other.items))
    if isinstance(one, Kind) and isinstance(other, Kind):
        if one.field("") == other.field("") and one.is_json == other.is_json:
            return one
        if {one.type, other.type} == {kinds.INT.type, kinds.FLOAT.type}:
            return kinds.FLOAT
    return kinds.JSON


def _struct(kinds_of: cabc.Mapping[str, Kind]) -> Kind:
    """Return the kind of dicts. One with another field is an error: a later schema may have it."""
    names = frozenset(kinds_of)
    kind = kinds.struct_of(kinds_of, lambda name: lambda value: value.get(name))
    convert = kind.convert

    def checked(value: Any) -> Any:
        if not names.issuperset(value):
            raise ValueError("a field that the schemas of the first messages don't have")
        return value if convert is None else convert(value)

    return kind._replace(convert=checked)
