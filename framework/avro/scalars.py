"""Generates the code that reads values without parts.

Each function adds lines and returns the expression for the value. `n` and `p` are variables that live for a
few lines. Numbers of one and two bytes are read in place, since most are no longer; a call takes 100 ns more.
"""

from __future__ import annotations

from typing import Final

from framework.avro.code import Code
from framework.avro.logical import SAFE_SECONDS, converter
from framework.avro.nodes import Enum, Fixed, Logical, Node, Primitive

# What becomes a datetime within a third of the time, where a float holds each microsecond.
_PER_SECOND: Final = {"timestamp-millis": 1_000, "timestamp-micros": 1_000_000}

# How many bytes the timestamps of our time take: milliseconds until 2039, microseconds from 1978.
_TIMESTAMP_BYTES: Final = {
    "timestamp-millis": 6,
    "timestamp-micros": 8,
    "local-timestamp-millis": 6,
    "local-timestamp-micros": 8,
}


def add_primitive(code: Code, node: Primitive, target: str = "") -> str:
    """Add the code that reads a primitive type into a variable."""
    value = target or code.variable()
    match node.kind:
        case "null":
            return "None"
        case "boolean":
            code.add("n = data[pos]", "if n > 1:")
            code.add("    raise AvroDecodeError(f'a boolean of {n}: expected 0 or 1')")
            code.add(f"{value} = n == 1", "pos += 1")
        case "int" | "long":
            width = _TIMESTAMP_BYTES.get(node.logical.name) if node.logical else None
            if width and node.kind == node.result == "long":
                _add_timestamp_number(code, value, width)
            else:
                _add_number(code, node, value)
        case "float":
            code.add(f"{value} = unpack_float(data, pos)[0]", "pos += 4")
        case "double":
            code.add(f"{value} = unpack_double(data, pos)[0]", "pos += 8")
        case _:
            _add_length(code)
            _add_slice(code, node.result == "string", value)
    return add_conversion(code, value, node.logical, node.result)


def add_fixed(code: Code, node: Fixed, target: str = "") -> str:
    """Add the code that reads a fixed number of bytes."""
    value = target or code.variable()
    code.add("p = pos", f"pos += {node.size}")
    _add_slice(code, False, value)
    return add_conversion(code, value, node.logical, "fixed")


def add_enum(code: Code, node: Enum, target: str = "") -> str:
    """Add the code that reads a symbol."""
    _add_index(code, len(node.symbols))
    value = target or code.variable()
    code.add(f"{value} = {code.constant(node.symbols)}[n]")
    if None in node.symbols:  # the reader's schema lacks some
        code.add(f"if {value} is None:")
        code.add(f"    raise wrong_symbol({code.constant(node.written)}[n], {node.name!r})")
    return value


def add_conversion(code: Code, value: str, logical: Logical | None, kind: str) -> str:
    """Add the code that makes the native value of the plain one."""
    if logical is None:
        return value
    convert = f"{code.constant(converter(logical, kind))}({value})"
    per_second = _PER_SECOND.get(logical.name)
    if per_second:
        fast = f"from_timestamp({value} / {per_second}, utc)"
        convert = f"{fast} if 0 <= {value} < {SAFE_SECONDS * per_second} else {convert}"
    code.add(f"{value} = {convert}")
    return value


def add_skip(code: Code, node: Node) -> None:
    """Add the code that reads over a value without parts; text isn't decoded, but lengths are checked."""
    match node:
        case Primitive("string" | "bytes"):
            _add_length(code)
            code.add("if pos > size:", "    raise IndexError")
        case Primitive("null"):
            code.add("pass")
        case Primitive("int" | "long"):
            code.add(
                "if data[pos] < 128:", "    pos += 1", "else:", f"    n, pos = read_{node.kind}(data, pos)"
            )
        case Primitive("boolean"):
            add_primitive(code, node)
        case Primitive("float" | "double") | Fixed():
            size = node.size if isinstance(node, Fixed) else {"float": 4, "double": 8}[node.kind]
            code.add(f"pos += {size}", "if pos > size:", "    raise IndexError")
        case Enum():
            _add_index(code, len(node.symbols))


def _add_number(code: Code, node: Primitive, value: str) -> None:
    code.add(
        "n = data[pos]",
        "if n < 128:",
        "    pos += 1",
        f"    {value} = zigzag[n]",
        "else:",
        "    p = data[pos + 1]",
        "    if p < 128:",
        f"        {value} = zigzag[n + (p << 7)]",
        "        pos += 2",
        "    else:",
        f"        n, pos = read_{node.kind}(data, pos)",
        f"        {value} = n >> 1 ^ -(n & 1)",
    )
    if node.result in ("float", "double"):
        code.add(f"{value} = float({value})")


def _add_timestamp_number(code: Code, value: str, width: int) -> None:
    """Add the code that reads a long which mostly takes so many bytes: half the time of a call."""
    first = [f"b{number}" for number in range(width - 1)]
    # Four bytes at a time: up to 30 bits Python's numbers are faster. The constants are the bits that
    # say that more bytes follow.
    low = "b0 + (b1 << 7) + (b2 << 14) + (b3 << 21) - 0x10204080"
    high = " + ".join(f"(b{number} << {7 * (number - 4)})" for number in range(4, width))
    excess = sum(128 << 7 * (number - 4) for number in range(4, width - 1))
    code.add(
        f"if pos + {width} <= size:",
        f"    {', '.join(first)}, b{width - 1} = data[pos:pos + {width}]",
        "else:",
        f"    b0 = b{width - 1} = 0",
        f"if b0 > 127 >= b{width - 1} and {' & '.join(first)} > 127:",
        f"    n = {low} + ({high} - {excess} << 28)",
        f"    pos += {width}",
        "else:",
        "    n, pos = read_long(data, pos)",
        f"{value} = n >> 1 ^ -(n & 1)",
    )


def _add_length(code: Code) -> None:
    """Add the code that reads the length of a string: it begins at `p` and ends at `pos`."""
    code.add(
        "n = data[pos]",
        "if n & 129:",  # several bytes, or negative
        "    n, p = read_length(data, pos)",
        "    pos = p + n",
        "else:",
        "    p = pos + 1",
        "    pos = p + (n >> 1)",
    )


def _add_slice(code: Code, is_text: bool, value: str) -> None:
    code.add(
        "if pos > size:", "    raise IndexError", f"{value} = data[p:pos]{'.decode()' if is_text else ''}"
    )


def _add_index(code: Code, count: int) -> None:
    code.add(
        "n = data[pos]",
        "if n & 129:",  # several bytes, or negative
        "    n, pos = read_index(data, pos)",
        "else:",
        "    n >>= 1",
        "    pos += 1",
        f"if not 0 <= n < {count}:",
        f"    raise wrong_index('enum', n, '{count} symbols')",
    )
