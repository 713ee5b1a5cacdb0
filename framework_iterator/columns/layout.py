"""The columns of one type of payloads: a column per field, or one for the payload itself."""

from __future__ import annotations

import collections.abc as cabc
import itertools
from typing import Any, Final, NamedTuple

import msgspec
import pyarrow as pa

from framework.deserializers import ready
from framework.models import is_json_type, is_model
from framework_iterator.columns import kinds, trees
from framework_iterator.columns.declared import Shape, kind_of, shape_of
from framework_iterator.columns.inferred import kind_of_values, names_in
from framework_iterator.columns.kinds import Kind
from framework_iterator.columns.protobuf_trees import plain
from framework_iterator.columns.trees import Record, Tree

PLACE: Final = ("topic", "partition", "offset", "timestamp", "key")
"""The columns that each message has, whatever its payload is."""
_READY: Final[dict[Any, Kind]] = {
    bytes: kinds.BYTES,
    ready.raw: kinds.BYTES,
    str: kinds.TEXT,
    ready.text: kinds.TEXT,
    ready.text_or_bytes: kinds.TEXT,
    ready.int32: kinds.INT,
    ready.int64: kinds.INT,
    ready.float32: kinds.FLOAT,
    ready.float64: kinds.FLOAT,
    ready.uuid: kinds.TEXT_OF,
    bool: kinds.BOOL,
}

_NONE: Final = type(None)


class MisfitError(Exception):
    """A value doesn't fit into its column.

    Args:
        index: Which of the values it is.
        reason: What doesn't fit.
    """

    def __init__(self, index: int, reason: str) -> None:
        """Keep both."""
        super().__init__(reason)
        self.index = index


class Column(NamedTuple):
    """A column of payloads.

    Args:
        name: Its name.
        kind: What it holds.
        read: Reads its value of a payload that isn't None; None where it is the payload itself.
    """

    name: str
    kind: Kind
    read: cabc.Callable[[Any], Any] | None = None

    def array(self, payloads: cabc.Sequence[Any], has_nulls: bool) -> pa.Array:
        """Return the values of these payloads, or raise a MisfitError."""
        values = payloads
        if (read := self.read) is not None:
            values = (
                [None if each is None else read(each) for each in payloads]
                if has_nulls
                else list(map(read, payloads))
            )
        return array(self.name, self.kind, values)


class Layout(NamedTuple):
    """The columns of one type of payloads.

    Args:
        columns: The columns.
        names: Of payloads whose type was inferred, the names that they may have; else None.
        struct: The Struct that payloads are, if they are.
        is_of_schema: Whether a schema says what payloads are; then they may be messages of Protobuf.
    """

    columns: tuple[Column, ...]
    names: frozenset[str] | None = None
    struct: type[msgspec.Struct] | None = None
    is_of_schema: bool = False

    def arrays(self, payloads: cabc.Sequence[Any]) -> list[pa.Array]:
        """Return an array per column, or raise a MisfitError."""
        if self.is_of_schema:
            payloads = _plain(payloads)
        found = set(map(type, payloads))
        has_nulls = _NONE in found  # `None in payloads` compares models, field by field
        if self.names is not None:
            self._check_names(payloads)
        if found == {self.struct}:  # a third of the time of a column after the other
            columns = zip(*map(msgspec.structs.astuple, payloads), strict=True)
            return [array(c.name, c.kind, values) for c, values in zip(self.columns, columns, strict=True)]
        return [each.array(payloads, has_nulls) for each in self.columns]

    def _check_names(self, payloads: cabc.Sequence[Any]) -> None:
        known = self.names or frozenset()
        try:
            if known.issuperset(itertools.chain.from_iterable(filter(None, payloads))) and all(
                each is None or type(each) is dict for each in payloads
            ):
                return
        except TypeError:  # one isn't iterable, or has keys without a hash
            pass
        for index, each in enumerate(payloads):
            if each is not None and not self.columns:
                raise MisfitError(index, f"The first messages had no payload, and it is {shown(each)}")
            if each is not None and type(each) is not dict:
                raise MisfitError(index, f"The first payloads were objects, and it is {shown(each)}")
            if each is not None and (others := [name for name in each if name not in known]):
                known_by = "schemas of the first messages have" if self.is_of_schema else "first payloads had"
                raise MisfitError(index, f"The {known_by} no field {others[0]!r}")


def array(name: str, kind: Kind, values: cabc.Sequence[Any]) -> pa.Array:
    """Return the values as an array, or raise a MisfitError for the first that doesn't fit."""
    try:
        return kind.array(values)
    except Exception:  # pyarrow's, and what classes of users raise
        for index, value in enumerate(values):
            try:
                kind.array([value])
            except Exception as misfit:
                reason = f"Column '{name}' is {kind_name(kind)}, which {shown(value)} doesn't fit"
                raise MisfitError(index, reason) from misfit
        raise


def kind_name(kind: Kind) -> str:
    """Return the name of a type, for messages."""
    return "JSON text" if kind.is_json else str(kind.type)


def shown(value: object) -> str:
    """Return a value for messages, not too long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def layout_of(declared: Any) -> Layout | None:
    """Return the columns of payloads as they are declared; None where the declaration says no type."""
    if (kind := _ready(declared)) is not None:
        return _whole(kind)
    if (model := getattr(declared, "model", None)) is not None and not isinstance(declared, type):
        declared = model  # of avro(), protobuf() or json_schema()
    if declared in (dict, list, Any) or not (is_model(declared) or is_json_type(declared)):
        return None
    shape = shape_of(declared)
    return _whole(kind_of(declared)) if shape is None else _of_shape(shape, declared)


def layout_of_tree(tree: Tree) -> Layout:
    """Return the columns of payloads by their schema."""
    if not isinstance(tree, Record):
        return _whole(trees.kind_of(tree))._replace(is_of_schema=True)
    kinds_of = {name: trees.kind_of(each) for name, each in tree.fields.items()}
    columns = _columns(kinds_of, Shape(kinds_of, is_dict=True))
    return Layout(columns, frozenset(kinds_of), is_of_schema=True)


def layout_of_values(payloads: cabc.Sequence[Any]) -> Layout:
    """Return the columns of payloads whose type nobody declared, by the first of them."""
    present = [each for each in payloads if each is not None]
    if not present:
        return Layout((), frozenset())
    found = set(map(type, present))
    if found == {dict}:
        fields = names_in(present)
        if not all(isinstance(name, str) for name in fields):
            return _whole(kinds.JSON)
        kinds_of = {name: kind_of_values(each.get(name) for each in present) for name in fields}
        return Layout(_columns(kinds_of, Shape(kinds_of, is_dict=True)), frozenset(fields))
    if len(found) == 1 and (shape := shape_of(only := found.pop())) is not None:
        return _of_shape(shape, only)
    return _whole(kind_of_values(present))


def key_kind(declared: Any) -> Kind:
    """Return the kind of a topic's keys; those of models and collections are JSON text."""
    if (kind := _ready(declared)) is not None:
        return kind
    kind = kind_of(declared)
    return kinds.JSON if pa.types.is_nested(kind.type) else kind


def _plain(payloads: cabc.Sequence[Any]) -> list[Any]:
    found = []
    for index, payload in enumerate(payloads):
        try:
            found.append(plain(payload))
        except ValueError as error:  # a moment beyond the calendar
            raise MisfitError(index, str(error)) from error
    return found


def _ready(declared: Any) -> Kind | None:
    try:
        return _READY.get(declared)
    except TypeError:  # it has no hash, and so is none of them
        return None


def _whole(kind: Kind) -> Layout:
    return Layout((Column("payload", kind),))


def _of_shape(shape: Shape, declared: Any) -> Layout:
    kinds_of = {name: kind_of(each) for name, each in shape.fields.items()}
    if not (isinstance(declared, type) and issubclass(declared, msgspec.Struct)):
        return Layout(_columns(kinds_of, shape))
    if not hasattr(declared, "__post_init__"):  # all values are of the declared types
        kinds_of = {name: kind.unchecked for name, kind in kinds_of.items()}
    return Layout(_columns(kinds_of, shape), struct=declared)


def _columns(kinds_of: cabc.Mapping[str, Kind], shape: Shape) -> tuple[Column, ...]:
    taken = {*PLACE, *map(str.casefold, kinds_of)}
    columns = []
    for name, kind in kinds_of.items():
        column = name
        # SQL ignores case: `Key` would be the message's key.
        while (folded := column.casefold()) in PLACE or (column != name and folded in taken):
            column = f"payload_{column}"
        columns.append(Column(column, kind, shape.get(name)))
    return tuple(columns)
