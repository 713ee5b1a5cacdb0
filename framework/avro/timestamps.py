"""Generates the code that reads timestamps: most messages have one, and it costs as much as four numbers."""

from __future__ import annotations

import datetime
import functools
import math
import struct
from typing import Any, Final

from framework.avro.code import Code
from framework.avro.logical import SAFE_SECONDS, converter
from framework.avro.nodes import Logical, Primitive

# How many pairs of bytes the timestamps of our time take: milliseconds from 1978 to 2039, microseconds from
# 1978 on. And how many of its units are a second.
_FORMS: Final = {
    "timestamp-millis": (3, 1_000),
    "timestamp-micros": (4, 1_000_000),
    "local-timestamp-millis": (3, 1_000),
    "local-timestamp-micros": (4, 1_000_000),
}

# A pair is read as a little-endian number, so its highest bit says that another pair follows.
_FOLLOWED: Final = 1 << 15


def is_timestamp(node: Primitive) -> bool:
    """Whether it is a long that becomes a datetime, and doesn't count in nanoseconds."""
    logical = node.logical
    return (
        logical is not None
        and logical.name in _FORMS
        and not logical.read_as
        and node.kind == node.result == "long"
    )


def add_timestamp(code: Code, logical: Logical, value: str) -> None:
    """Add the code that reads a timestamp into a variable.

    A timestamp of our time is read as a float, which holds each microsecond until 2106: 100 ns less than by
    way of an int. All others are read as ints.
    """
    count, per_second = _FORMS[logical.name]
    code.constants |= _constants()
    pairs = [f"p{number}" for number in range(count)]
    is_whole = " and ".join(
        [f"{pairs[-1]} < {_FOLLOWED} <= {pairs[1]}", *(f"{p} >= {_FOLLOWED}" for p in pairs[2:-1])]
    )
    high = " + ".join(
        f"pairs[{pair}] * {2.0 ** (14 * number)}" for number, pair in enumerate(pairs) if number
    )
    convert = code.constant(converter(logical, "long"))
    is_local = logical.name.startswith("local")
    fast = f"{convert}(int(n))" if is_local else f"from_timestamp(n / {per_second}, utc)"
    code.add(
        "n = inf",
        f"if pos + {2 * count} <= size:",
        f"    {', '.join(pairs)} = unpack_{count}_pairs(data, pos)",
        f"    if {is_whole}:",
        f"        n = first_pairs[p0] + {high}",
        f"if n < {SAFE_SECONDS * per_second}:",
        f"    {value} = {fast}",
        f"    pos += {2 * count}",
        "else:",
        "    n, pos = read_long(data, pos)",
        f"    {value} = {convert}(n >> 1 ^ -(n & 1))",
    )


@functools.cache
def _constants() -> dict[str, Any]:
    """Return what the generated code needs: tables of a megabyte, which take 2 ms, so only when needed."""
    # Halves, since a timestamp is half of its zigzag form. Infinity is what no timestamp of our time has: a
    # first byte that none follows, or that says that the number is negative.
    halves = [number / 2 for number in range(1 << 14)]
    not_negative = [math.inf if number % 2 else number / 2 for number in range(1 << 14)]
    unfollowed = [math.inf] * 128
    pairs: list[float] = []
    first_pairs = [math.inf] * _FOLLOWED
    for start in [*range(0, 1 << 14, 128)] * 2:
        pairs += unfollowed + halves[start : start + 128]
    for start in range(0, 1 << 14, 128):
        first_pairs += unfollowed + not_negative[start : start + 128]
    return {
        "first_pairs": first_pairs,
        "from_timestamp": datetime.datetime.fromtimestamp,
        "inf": math.inf,
        "pairs": pairs,
        "unpack_3_pairs": struct.Struct("<3H").unpack_from,
        "unpack_4_pairs": struct.Struct("<4H").unpack_from,
        "utc": datetime.UTC,
    }
