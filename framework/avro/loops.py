"""Generates the code that chooses the branch of a union, and the loops over arrays and maps."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
from typing import Final

from framework.avro.code import Code
from framework.avro.nodes import Node, Primitive, Union

# The index of a union of more may take two bytes.
_MAX_ONE_BYTE: Final = 64

# More comparisons are halved first: each takes time, and each `elif` nests deeper in Python's compiler.
_MAX_COMPARISONS: Final = 8


def add_branches(code: Code, node: Union, add: cabc.Callable[[Node], None]) -> None:
    """Add the code that reads the index of a union, and code for each branch, of which one runs."""
    index, count = code.variable("u"), len(node.branches)
    if count > _MAX_ONE_BYTE:
        code.add(f"{index}, pos = read_index(data, pos)")
        error = f"wrong_index('union', {index}, '{count} types')"
        indexes = list(enumerate(node.branches))
    else:
        code.add(f"{index} = data[pos]", "pos += 1")
        error = f"wrong_byte(data, pos - 1, {count})"
        indexes = [(2 * number, branch) for number, branch in enumerate(node.branches)]
    _choose(code, index, indexes, add, error)


def _choose(
    code: Code, index: str, indexes: list[tuple[int, Node]], add: cabc.Callable[[Node], None], error: str
) -> None:
    if len(indexes) > _MAX_COMPARISONS:
        middle = len(indexes) // 2
        with code.block(f"if {index} < {indexes[middle][0]}:"):
            _choose(code, index, indexes[:middle], add, error)
        with code.block("else:"):
            _choose(code, index, indexes[middle:], add, error)
        return
    indexes = sorted(indexes, key=lambda pair: _is_null(pair[1]))  # mostly there is a value
    for number, (each, branch) in enumerate(indexes):
        with code.block(f"{'elif' if number else 'if'} {index} == {each}:"):
            add(branch)
    with code.block("else:"):
        code.add(f"raise {error}")


def _is_null(node: Node) -> bool:
    return isinstance(node, Primitive) and node.kind == "null"


@contextlib.contextmanager
def blocks(code: Code, cost: int, *, skips: bool) -> cabc.Iterator[None]:
    """Add the loops over the blocks of an array or map and over the items of each.

    What is added within reads an item. `cost` is how many values an item is that may take no bytes, and 0
    where each takes some.
    """
    with code.block("while True:"):
        code.add("n = data[pos]")
        with code.block("if n & 129:"):  # several bytes, or negative: a size in bytes follows
            code.add(f"n, pos = {'skip' if skips else 'read'}_block(data, pos)")
            if skips:
                code.add("if n < 0:", "    continue")
        with code.block("else:"):
            code.add("n >>= 1", "pos += 1")
        code.add("if not n:", "    break")
        if cost:
            code.add(f"room[0] -= n * {cost}", "if room[0] < 0:")
            code.add("    raise AvroDecodeError(f'{n} items that take no bytes are too many')")
        with code.block("for _ in range(n):"):
            yield


def add_charge(code: Code, values: int) -> None:
    """Add the code that counts so many values that take no bytes."""
    if values:
        code.add(f"room[0] -= {values}", "if room[0] < 0:")
        code.add("    raise AvroDecodeError('values that take no bytes are too many')")
