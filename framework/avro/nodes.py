"""The types of an Avro schema, as plain values."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

# "Not given", since None is the default value of many fields.
MISSING: Final = object()


@dataclasses.dataclass(frozen=True, slots=True)
class Logical:
    """A logical type that is valid for the type that carries it.

    `read_as` is the logical type that a reader's schema asks for, where it counts in nanoseconds and this one
    doesn't, or the other way round.
    """

    name: str
    precision: int = 0
    scale: int = 0
    read_as: str = ""


@dataclasses.dataclass(eq=False, slots=True)
class Primitive:
    """One of the eight types without parts.

    `kind` is how it was written. `result` is the kind it is read as, which only a reader's schema changes.
    """

    kind: str
    logical: Logical | None = None
    result: str = ""

    def __post_init__(self) -> None:
        self.result = self.result or self.kind


@dataclasses.dataclass(eq=False, slots=True)
class Fixed:
    """A number of bytes."""

    name: str
    size: int
    logical: Logical | None = None
    aliases: tuple[str, ...] = ()


@dataclasses.dataclass(eq=False, slots=True)
class Enum:
    """One of several symbols. None is a symbol that the reader's schema doesn't have; `written` are all."""

    name: str
    symbols: tuple[str | None, ...]
    default: str | None = None
    aliases: tuple[str, ...] = ()
    written: tuple[str, ...] = ()


@dataclasses.dataclass(eq=False, slots=True)
class Array:
    """Any number of items of one type."""

    items: Node


@dataclasses.dataclass(eq=False, slots=True)
class Map:
    """Any number of values of one type, by text."""

    values: Node


@dataclasses.dataclass(eq=False, slots=True)
class Union:
    """One of several types."""

    branches: tuple[Node, ...]


@dataclasses.dataclass(eq=False, slots=True)
class Field:
    """One field of a record."""

    name: str
    type: Node
    default: Any = MISSING
    aliases: tuple[str, ...] = ()


@dataclasses.dataclass(eq=False, slots=True)
class Record:
    """Several fields, one after the other.

    `fields` are those that were written, in that order. `output` is set where a reader's schema asks for
    others: its fields in its own order, each with the field that is read for it, or a value.
    """

    name: str
    fields: tuple[Field, ...] = ()
    aliases: tuple[str, ...] = ()
    output: tuple[Output, ...] | None = None


@dataclasses.dataclass(eq=False, slots=True)
class Output:
    """A field of the value: what it is read from, or the default value where it is None."""

    name: str
    source: Field | None
    value: Any = None


@dataclasses.dataclass(eq=False, slots=True)
class Skip:
    """What was written and isn't wanted."""

    type: Node


@dataclasses.dataclass(eq=False, slots=True)
class Failure:
    """A branch of a union that the reader's schema can't read."""

    reason: str


Node = Primitive | Fixed | Enum | Array | Map | Union | Record | Skip | Failure
Named = Fixed | Enum | Record


def describe(node: Node) -> str:
    """Return its full name, or what kind of type it is."""
    match node:
        case Primitive():
            return node.kind
        case Fixed() | Enum() | Record():
            return node.name
        case _:
            return type(node).__name__.lower()


def children(node: Node) -> tuple[Node, ...]:
    """Return the types that it consists of."""
    match node:
        case Array():
            return (node.items,)
        case Map():
            return (node.values,)
        case Union():
            return node.branches
        case Record():
            return tuple(field.type for field in node.fields)
        case _:
            return ()


def is_same(one: Node, other: Node, _assumed: set[tuple[int, int]] | None = None) -> bool:
    """Whether both describe the same bytes and values; defaults and aliases don't count."""
    assumed = set[tuple[int, int]]() if _assumed is None else _assumed
    if one is other or (id(one), id(other)) in assumed:
        return True
    assumed.add((id(one), id(other)))  # so that recursive types come to an end
    if _shape(one) != _shape(other):
        return False
    return all(
        is_same(mine, theirs, assumed) for mine, theirs in zip(children(one), children(other), strict=True)
    )


def _shape(node: Node) -> tuple[Any, ...]:
    match node:
        case Primitive():
            return Primitive, node.kind, node.logical
        case Fixed():
            return Fixed, node.name, node.size, node.logical
        case Enum():
            return Enum, node.name, node.symbols
        case Record():
            return Record, node.name, tuple(field.name for field in node.fields)
        case _:
            return type(node), len(children(node))
