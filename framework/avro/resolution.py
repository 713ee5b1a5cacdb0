"""Schema resolution: how to read with one schema what was written with another.

Follows the section of this name in Avro's specification. The result is a type again, the one that was
written, in which each part knows what it becomes.
"""

from __future__ import annotations

from typing import Final

from framework.avro.defaults import default_value
from framework.avro.errors import AvroSchemaError
from framework.avro.nodes import (
    MISSING,
    Array,
    Enum,
    Failure,
    Field,
    Fixed,
    Map,
    Named,
    Node,
    Output,
    Primitive,
    Record,
    Skip,
    Union,
    describe,
)
from framework.avro.units import is_readable, resolve_logical

_PROMOTIONS: Final = {
    "int": {"int", "long", "float", "double"},
    "long": {"long", "float", "double"},
    "float": {"float", "double"},
    "string": {"string", "bytes"},
    "bytes": {"bytes", "string"},
}

# About a second. A nullable field takes seven steps.
_MAX_STEPS: Final = 500_000

# How much of a schema an error shows.
_MAX_NAMES: Final = 10
_MAX_NAME: Final = 100


def resolve(writer: Node, reader: Node) -> Node:
    """Return the writer's type as the reader's schema wants it.

    It is an AvroSchemaError if no value could be read. Of a union that was written, the branches that can't
    be read fail when a value has one of them.
    """
    try:
        return _Resolver().resolve(writer, reader)
    except _TooManyStepsError:
        raise AvroSchemaError(
            f"The Avro schema takes more than {_MAX_STEPS} steps to resolve with the reader's schema."
        ) from None


class _TooManyStepsError(Exception):
    """Ends the whole resolution, unlike an AvroSchemaError, after which the next branch is tried."""


class _Resolver:
    def __init__(self) -> None:
        # Also those that are not finished yet, which recursive types refer to.
        self._records: dict[tuple[int, int], Record] = {}
        self._failures: dict[tuple[int, int], str] = {}
        self._steps = 0

    def resolve(self, writer: Node, reader: Node) -> Node:
        self._count(1)
        if isinstance(writer, Union):
            return self._union(writer, reader)
        if isinstance(reader, Union):
            return self._choose(writer, reader)
        match writer, reader:
            case Primitive(), Primitive() if reader.kind in _PROMOTIONS.get(writer.kind, {writer.kind}):
                if is_readable(writer.logical, reader.logical):
                    return Primitive(
                        writer.kind, resolve_logical(writer.logical, reader.logical), reader.kind
                    )
            case Array(), Array():
                return Array(self.resolve(writer.items, reader.items))
            case Map(), Map():
                return Map(self.resolve(writer.values, reader.values))
            case Record(), Record() if _has_name(writer, reader):
                return self._record(writer, reader)
            case Enum(), Enum() if _has_name(writer, reader):
                return _enum(writer, reader)
            case Fixed(), Fixed() if _has_name(writer, reader) and writer.size == reader.size:
                if is_readable(writer.logical, reader.logical):
                    return Fixed(reader.name, reader.size, resolve_logical(writer.logical, reader.logical))
        raise _mismatch(writer, reader)

    def _union(self, writer: Union, reader: Node) -> Union:
        branches: list[Node] = []
        for branch in writer.branches:
            try:
                branches.append(self.resolve(branch, reader))
            except AvroSchemaError as error:
                branches.append(Failure(str(error).removesuffix(".")))
        if all(isinstance(branch, Failure) for branch in branches):
            raise _mismatch(writer, reader)
        return Union(tuple(branches))

    def _choose(self, writer: Node, reader: Union) -> Node:
        """Return the type for the first branch that matches, but before all others for one of the same type.

        The specification knows only the first: ints of a union of double and int would become floats if it is
        read with itself. Java's library prefers the same type, too.
        """
        reason: AvroSchemaError | None = None
        for branch in sorted(reader.branches, key=lambda branch: describe(branch) != describe(writer)):
            try:
                return self.resolve(writer, branch)
            except AvroSchemaError as error:
                # The one that names a field says more than that other types are others.
                if isinstance(writer, Named) and isinstance(branch, Named) and _has_name(writer, branch):
                    reason = reason or error
        raise reason or _mismatch(writer, reader)

    def _count(self, steps: int) -> None:
        self._steps += steps
        if self._steps > _MAX_STEPS:
            raise _TooManyStepsError

    def _record(self, writer: Record, reader: Record) -> Record:
        key = id(writer), id(reader)
        if key in self._records:
            return self._records[key]
        # A failure is final: the types that aren't finished yet were taken as readable.
        if key in self._failures:
            raise AvroSchemaError(self._failures[key])
        known = len(self._records)
        record = self._records[key] = Record(reader.name)
        try:
            self._fill(record, writer, reader)
        except AvroSchemaError as error:
            self._failures[key] = str(error)
            # Whatever was resolved meanwhile may refer to this one.
            while len(self._records) > known:
                self._records.popitem()
            raise
        return record

    def _fill(self, record: Record, writer: Record, reader: Record) -> None:
        self._count(len(writer.fields) + len(reader.fields))
        wanted = _match_fields(writer, reader)
        fields: list[Field] = []
        read: dict[str, Field] = {}
        for field in writer.fields:
            target = wanted.get(field.name)
            if target is None:
                fields.append(Field(field.name, Skip(field.type)))
                continue
            try:
                kind = self.resolve(field.type, target.type)
            except AvroSchemaError as error:
                raise AvroSchemaError(f"Field {target.name!r} of {reader.name}: {error}") from error
            read[target.name] = Field(target.name, kind)
            fields.append(read[target.name])
        record.fields = tuple(fields)
        record.output = tuple(_output(field, read.get(field.name), reader) for field in reader.fields)


def _match_fields(writer: Record, reader: Record) -> dict[str, Field]:
    """Return the reader's field for the name of each field that was written and is wanted."""
    written = {field.name for field in writer.fields}
    wanted = {field.name: field for field in reader.fields if field.name in written}
    for field in reader.fields:
        if field.name not in written:
            alias = next((each for each in field.aliases if each in written and each not in wanted), None)
            if alias is not None:
                wanted[alias] = field
    return wanted


def _output(field: Field, source: Field | None, reader: Record) -> Output:
    if source is not None:
        return Output(field.name, source)
    if field.default is MISSING:
        raise AvroSchemaError(
            f"The field {field.name!r} of {reader.name} was not written, and the reader's schema has no "
            f"default for it."
        )
    return Output(field.name, None, default_value(field.type, field.default, f"{reader.name}.{field.name}"))


def _enum(writer: Enum, reader: Enum) -> Enum:
    symbols = tuple(symbol if symbol in reader.written else reader.default for symbol in writer.written)
    if not any(symbols):
        raise AvroSchemaError(
            f"The enum {reader.name} of the reader's schema has none of the symbols written."
        )
    return Enum(reader.name, symbols, written=writer.written)


def _has_name(writer: Named, reader: Named) -> bool:
    """Whether the names match without their namespaces, that of the reader's type or one of its aliases."""
    names = [name.rpartition(".")[2] for name in (reader.name, *reader.aliases)]
    return writer.name.rpartition(".")[2] in names


def _mismatch(writer: Node, reader: Node) -> AvroSchemaError:
    return AvroSchemaError(
        f"{_list(writer)} was written, which the reader's schema can't read as {_list(reader)}."
    )


def _list(node: Node) -> str:
    """Return the name of a type, or those of a union's branches; a hostile schema has many long ones."""
    branches = node.branches if isinstance(node, Union) else (node,)
    names = [_name(branch) for branch in branches[:_MAX_NAMES]]
    if len(branches) > _MAX_NAMES:
        names.append(f"{len(branches) - _MAX_NAMES} others")
    return " or ".join(names)


def _name(node: Node) -> str:
    details = [f"{node.size} bytes"] if isinstance(node, Fixed) else []
    if isinstance(node, Primitive | Fixed) and node.logical:
        details.append(node.logical.name)
    name = describe(node)
    if len(name) > _MAX_NAME:
        name = f"...{name[-_MAX_NAME:]}"
    return f"{name} ({', '.join(details)})" if details else name
