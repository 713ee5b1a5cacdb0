"""What keeps the cost of a value in proportion to its bytes."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Final, NamedTuple, TypeGuard

from framework.avro.errors import AvroSchemaError
from framework.avro.nodes import Array, Fixed, Map, Node, Primitive, Record, Skip, Union, children

# How deep a value may be nested in records that contain themselves, as deep as our JSON.
MAX_DEPTH: Final = 200

# Items that take no bytes (null, an empty record) cost a hostile message nothing: a value may have this many
# of them, and one more for each of its bytes.
MAX_FREE_ITEMS: Final = 65_536

# A record may have this many values for each of its bytes, those within it included. Those beyond are counted
# like items that take no bytes. A megabyte becomes up to 600 MB, where records within records have one byte.
_MAX_VALUES_PER_BYTE: Final = 3

# Records that consist of records of nulls, twice each, double with each level and take no bytes.
_MAX_FREE_VALUES: Final = 65_536

_LEAST_BYTES: Final = {"null": 0, "float": 4, "double": 8}


class Size(NamedTuple):
    """The fewest bytes of a value, and how many values are made for those bytes."""

    least: int
    values: int
    written: int  # without the default values of a reader's schema

    @property
    def excess(self) -> int:
        """How many values it has beyond what its bytes may bring."""
        return max(0, self.written - _MAX_VALUES_PER_BYTE * self.least)


class Sizes:
    """Measures types, up to the next index or count: what follows those has its own bytes."""

    def __init__(self) -> None:
        self._known: dict[int, Size | None] = {}

    def measure(self, node: Node) -> Size:
        """Return the size; an endless record is an AvroSchemaError."""
        match node:
            case Primitive():
                return Size(_LEAST_BYTES.get(node.kind, 1), 1, 1)
            case Fixed():
                return Size(node.size, 1, 1)
            case Skip():
                return self.measure(node.type)
            case Record():
                return self._record(node)
            case _:
                return Size(1, 1, 1)

    def _record(self, node: Record) -> Size:
        if id(node) in self._known:
            known = self._known[id(node)]
            if known is None:
                raise AvroSchemaError(f"The record {node.name} contains itself without end.")
            return known
        self._known[id(node)] = None
        parts = [self.measure(field.type) for field in node.fields]
        values = 1 + sum(part.values for part in parts)
        values += sum(_count(each.value) for each in node.output or ())
        if values > _MAX_FREE_VALUES:
            raise AvroSchemaError(f"The record {node.name} has more than {_MAX_FREE_VALUES} fields.")
        size = Size(sum(part.least for part in parts), values, 1 + sum(part.written for part in parts))
        self._known[id(node)] = size
        return size

    def charge(self, node: Node) -> int:
        """Return how many values without bytes a record is counted as, besides those of the records within.

        Almost all are counted as none.
        """
        if not isinstance(node, Record):
            return 0
        within = (self.measure(field.type) for field in node.fields if isinstance(field.type, Record))
        return max(0, self.measure(node).excess - sum(size.excess for size in within))

    def has_free_items(self, node: Node) -> TypeGuard[Array]:
        """Whether it is an array whose items may take no bytes; in a map, the keys take some."""
        return isinstance(node, Array) and self.measure(node.items).least == 0


def _count(default: Any) -> int:
    """Return how many values a default value consists of, which are made again for each record."""
    parts = default.values() if isinstance(default, dict) else default if isinstance(default, list) else ()
    return 1 + sum(map(_count, parts))


class Uses:
    """Walks through a type and all that it consists of, and checks each of them.

    `recursive` are those that contain themselves, `shared` those that are used several times, each by its id.
    `need_room` says that values without bytes have to be counted.
    """

    def __init__(self, root: Node) -> None:
        self.sizes = Sizes()
        self.recursive: set[int] = set()
        self.shared: set[int] = set()
        self.need_room = False
        self._seen: set[int] = set()
        self._above: set[int] = set()
        self._walk(root)

    def _walk(self, node: Node) -> None:
        if isinstance(node, Skip):
            node = node.type
        if id(node) in self._seen:
            (self.recursive if id(node) in self._above else self.shared).add(id(node))
            return
        self._seen.add(id(node))
        self._above.add(id(node))
        self.sizes.measure(node)
        if self.sizes.has_free_items(node) or self.sizes.charge(node):
            self.need_room = True
        for child in children(node):
            self._walk(child)
        self._above.discard(id(node))


def is_flat(node: Node) -> bool:
    """Whether it is a record of a few fields without parts: to repeat its code costs less than to call it."""
    return (
        isinstance(node, Record)
        and len(node.fields) <= 4
        and not any(children(each.type) for each in node.fields)
    )


def function_key(node: Node) -> Hashable:
    """Return what is equal for types that the same function reads."""
    match node:
        case Primitive():
            return node.kind, node.logical, node.result
        case Union():
            return tuple(map(function_key, node.branches))
        case _:
            return id(node)


def has_parts(node: Node) -> bool:
    """Whether its code contains that of other types."""
    return isinstance(node, Array | Map | Record) or bool(children(node))
