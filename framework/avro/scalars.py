"""Generates the code that reads values without parts.

Each function adds lines and returns the expression for the value. `n` and `p` are variables that live for a
few lines. Numbers of one and two bytes are read in place, since most are no longer; a call takes 100 ns more.
"""

from __future__ import annotations

from framework.avro.code import Code
from framework.avro.logical import converter
from framework.avro.nodes import Enum, Fixed, Logical, Node, Primitive, Union
from framework.avro.timestamps import add_timestamp, is_timestamp


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
        case "int" | "long" if node.logical and is_timestamp(node):
            add_timestamp(code, node.logical, value)
            return value
        case "int" | "long":
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
    convert = None if logical is None else converter(logical, kind)
    if convert is not None:
        code.add(f"{value} = {code.constant(convert)}({value})")
    return value


def nullable(node: Union) -> Primitive | None:
    """Return the type of a union of null and one of those that `add_nullable` reads; else None."""
    match node.branches:
        case (Primitive("null"), Primitive() as branch) | (Primitive() as branch, Primitive("null")):
            is_read = branch.kind in ("int", "long", "string", "bytes") and not is_timestamp(branch)
            return branch if is_read else None
    return None


def add_nullable(code: Code, node: Union, branch: Primitive) -> str:
    """Add the code that reads such a union; index and value move the position once, which saves 10 ns."""
    index = node.branches.index(branch)
    value = code.variable()
    code.add("n = data[pos]")
    with code.block(f"if n == {2 * index}:"):
        if branch.kind in ("int", "long"):
            _add_number(code, branch, value, skipped=1)
        else:
            _add_length(code, skipped=1)
            _add_slice(code, branch.result == "string", value)
        add_conversion(code, value, branch.logical, branch.result)
    with code.block(f"elif n == {2 * (1 - index)}:"):
        code.add(f"{value} = None", "pos += 1")
    with code.block("else:"):
        code.add("raise wrong_byte(data, pos, 2)")
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


def _add_number(code: Code, node: Primitive, value: str, skipped: int = 0) -> None:
    """Add the code that reads a number behind so many bytes, which are read over."""
    first = f"pos + {skipped}" if skipped else "pos"
    code.add(
        f"n = data[{first}]",
        "if n < 128:",
        f"    pos += {skipped + 1}",
        f"    {value} = zigzag[n]",
        "else:",
        f"    p = data[pos + {skipped + 1}]",
        "    if p < 128:",
        f"        {value} = zigzag_pairs[p][n]",
        f"        pos += {skipped + 2}",
        "    else:",
        f"        n, pos = read_{node.kind}(data, {first})",
        f"        {value} = n >> 1 ^ -(n & 1)",
    )
    if node.result in ("float", "double"):
        code.add(f"{value} = float({value})")


def _add_length(code: Code, skipped: int = 0) -> None:
    """Add the code that reads the length of a string: it begins at `p` and ends at `pos`."""
    first = f"pos + {skipped}" if skipped else "pos"
    code.add(
        f"n = lengths[data[{first}]]",
        "if n < 0:",  # several bytes, or negative
        f"    n, p = read_length(data, {first})",
        "else:",
        f"    p = pos + {skipped + 1}",
        "pos = p + n",
    )


def _add_slice(code: Code, is_text: bool, value: str) -> None:
    code.add(
        "if pos > size:", "    raise IndexError", f"{value} = data[p:pos]{'.decode()' if is_text else ''}"
    )


def _add_index(code: Code, count: int) -> None:
    code.add(
        "n = lengths[data[pos]]",
        "if n < 0:",  # several bytes, or negative
        "    n, pos = read_index(data, pos)",
        "else:",
        "    pos += 1",
        f"if not 0 <= n < {count}:",
        f"    raise wrong_index('enum', n, '{count} symbols')",
    )
