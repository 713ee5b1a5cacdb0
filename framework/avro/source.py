"""Generates the source code of a decoder.

A loop over the fields that looks up how to read each takes several times as long as code that is written for
the schema: no calls, no look-ups, variables instead of a dict that grows. So this writes that code, as
dataclasses write their `__init__`.
"""

from __future__ import annotations

import struct
from collections.abc import Hashable
from typing import Final

from framework.avro import varints
from framework.avro.code import Code, Item
from framework.avro.errors import AvroDecodeError
from framework.avro.limits import MAX_DEPTH, MAX_FREE_ITEMS, Uses, function_key, has_parts, is_flat
from framework.avro.loops import add_branches, add_charge, blocks
from framework.avro.nodes import (
    Array,
    Enum,
    Failure,
    Fixed,
    Map,
    Node,
    Output,
    Primitive,
    Record,
    Skip,
    Union,
    describe,
)
from framework.avro.places import FAILURES, explain
from framework.avro.scalars import add_enum, add_fixed, add_nullable, add_primitive, add_skip, nullable

# Python allows 20 loops within each other, and an array takes two.
_MAX_INLINE_LEVELS: Final = 6

# Python's compiler takes 4 KB and 10 us for a line. Beyond this, each value is read by a call, and types of
# the same shape share their function.
_MAX_INLINE_LINES: Final = 10_000

_ALWAYS_KNOWN: Final = {
    "AvroDecodeError": AvroDecodeError,
    "FAILURES": FAILURES,
    "explain": explain,
    "lengths": varints.LENGTHS,
    "unpack_double": struct.Struct("<d").unpack_from,
    "unpack_float": struct.Struct("<f").unpack_from,
    "zigzag": varints.ZIGZAG,
    "zigzag_pairs": varints.ZIGZAG_PAIRS,
    **{
        name: getattr(varints, name) for name in dir(varints) if name.startswith(("read_", "skip_", "wrong_"))
    },
}


def generate(root: Node, *, names: bool) -> Code:
    """Return the code of a function `decode(data, pos)`."""
    return _Generator(root, names=names).code


class _Generator:
    def __init__(self, root: Node, *, names: bool) -> None:
        self._uses = Uses(root)
        self._names = names
        self._functions: dict[tuple[Hashable, bool], str] = {}
        self._waiting: list[tuple[Node, bool, str]] = []
        self._level = 0
        self._arguments = "data, pos, size, depth" + (", room" if self._uses.need_room else "")
        self.code = Code()
        self.code.constants |= _ALWAYS_KNOWN
        self._add_decode(root)
        while self._waiting:
            self._add_function(*self._waiting.pop())
        self.code.constants["places"] = tuple(self.code.places)

    def _add_decode(self, root: Node) -> None:
        code = self.code
        with code.block("def decode(data, pos):"):
            with code.block("try:"):
                code.add("size = len(data)")
                if self._uses.need_room:
                    code.add(f"room = [size - pos + {MAX_FREE_ITEMS}]")
                code.add("depth = 0")
                value = self._read_root(root)
                with code.block("if pos == size:"):
                    code.add(f"return {value}")
                with code.block("if pos > size:"):
                    code.add("raise IndexError")
                code.add(
                    "raise AvroDecodeError("
                    "f\"{size - pos} byte{'s are' if size - pos > 1 else ' is'} left over after the value\")"
                )
            with code.block("except FAILURES as error:"):
                code.add("failure, cause = explain(error, places)")
            code.add("raise failure from cause")

    def _read_root(self, root: Node) -> str:
        if not self._names:
            return self.read(root)
        if isinstance(root, Union):
            return self._read_union(root, names=True)
        return f"({_name(root)}, {self.read(root)})"

    def _add_function(self, node: Node, skips: bool, name: str) -> None:
        self._level = 0
        code = self.code
        with code.apart(), code.block(f"def {name}({self._arguments}):"):
            code.add("depth += 1")
            with code.block(f"if depth > {MAX_DEPTH}:"):
                code.add(f"raise AvroDecodeError('the value has more than {MAX_DEPTH} levels')")
            if skips:
                self._skip_parts(node)
                code.add("return pos")
            else:
                code.add(f"return {self._read_here(node)}, pos")

    def read(self, node: Node, target: str = "") -> str:
        """Add the code that reads a value, into the target or elsewhere; return the expression for it."""
        if self._is_function(node):
            value = target or self.code.variable()
            self.code.add(f"{value}, pos = {self._function(node, skips=False)}({self._arguments})")
            return value
        self._level += 1
        value = self._read_here(node, target)
        self._level -= 1
        return value

    def _read_here(self, node: Node, target: str = "") -> str:
        match node:
            case Primitive():
                return add_primitive(self.code, node, target)
            case Fixed():
                return add_fixed(self.code, node, target)
            case Enum():
                return add_enum(self.code, node, target)
            case Failure():
                self.code.add(f"raise AvroDecodeError({node.reason!r})")
                return "None"
            case Record():
                return self._read_record(node)
            case Union():
                return self._read_union(node)
            case Array():
                return self._read_array(node)
            case Map():
                return self._read_map(node)
        raise TypeError(node)

    def _read_record(self, node: Record) -> str:
        read: dict[int, str] = {}
        add_charge(self.code, self._uses.sizes.charge(node))
        for field in node.fields:
            with self.code.at(field.name):
                if isinstance(field.type, Skip):
                    self.skip(field.type.type)
                else:
                    read[id(field)] = self.read(field.type)
        if node.output is None:
            pairs = [f"{field.name!r}: {read[id(field)]}" for field in node.fields]
        else:
            pairs = [f"{each.name!r}: {self._output(each, read)}" for each in node.output]
        return f"{{{', '.join(pairs)}}}"

    def _output(self, output: Output, read: dict[int, str]) -> str:
        return self.code.literal(output.value) if output.source is None else read[id(output.source)]

    def _read_union(self, node: Union, *, names: bool = False) -> str:
        if not names and (branch := nullable(node)):
            return add_nullable(self.code, node, branch)
        value = self.code.variable()

        def add(branch: Node) -> None:
            read = self.read(branch, value)
            if names:
                self.code.add(f"{value} = ({_name(branch)}, {read})")
            elif read != value:
                self.code.add(f"{value} = {read}")

        add_branches(self.code, node, add)
        return value

    def _read_array(self, node: Array) -> str:
        items = self.code.variable("a")
        self.code.add(f"{items} = []")
        with blocks(self.code, self._cost(node), skips=False), self.code.at(Item(items)):
            self.code.add(f"{items}.append({self.read(node.items)})")
        return items

    def _read_map(self, node: Map) -> str:
        values, key = self.code.variable("m"), self.code.variable("k")
        self.code.add(f"{values} = {{}}")
        with blocks(self.code, self._cost(node), skips=False):
            add_primitive(self.code, Primitive("string"), key)
            with self.code.at(Item(key, is_key=True)):
                self.code.add(f"{values}[{key}] = {self.read(node.values)}")
        return values

    def _cost(self, node: Array | Map) -> int:
        """Return how many values an item is that may take no bytes, or 0."""
        return self._uses.sizes.measure(node.items).values if self._uses.sizes.has_free_items(node) else 0

    def skip(self, node: Node) -> None:
        """Add the code that reads over a value."""
        if not has_parts(node):
            add_skip(self.code, node)
        elif self._is_function(node):
            self.code.add(f"pos = {self._function(node, skips=True)}({self._arguments})")
        else:
            self._level += 1
            self._skip_parts(node)
            self._level -= 1

    def _skip_parts(self, node: Node) -> None:
        match node:
            case Record():
                for field in node.fields:
                    with self.code.at(field.name):
                        self.skip(field.type)
                self.code.add("pass")
            case Union():
                add_branches(self.code, node, self.skip)
            case Array():
                with blocks(self.code, self._cost(node), skips=True), self.code.at(Item("")):
                    self.skip(node.items)
            case Map():
                with blocks(self.code, self._cost(node), skips=True), self.code.at(Item("")):
                    add_skip(self.code, Primitive("string"))
                    self.skip(node.values)

    def _is_function(self, node: Node) -> bool:
        if len(self.code.lines) > _MAX_INLINE_LINES:
            return True
        return has_parts(node) and (
            id(node) in self._uses.recursive
            or (id(node) in self._uses.shared and isinstance(node, Record) and not is_flat(node))
            or self._level >= _MAX_INLINE_LEVELS
        )

    def _function(self, node: Node, *, skips: bool) -> str:
        key = function_key(node), skips
        if key not in self._functions:
            self._functions[key] = self.code.variable("skip" if skips else "read")
            self._waiting.append((node, skips, self._functions[key]))
        return self._functions[key]


def _name(node: Node) -> str:
    return repr(describe(node)) if isinstance(node, Record | Enum | Fixed) else "None"
