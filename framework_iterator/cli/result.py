"""Print the rows of a query: as a table, as lines of JSON, or as CSV."""

from __future__ import annotations

import base64
import collections.abc as cabc
import decimal
import math
import numbers
from typing import Any, Final

from framework.data_stdout import data_stdout
from framework.json_stdout import prepare_stdout
from framework.terminal import escape
from framework_iterator.cli.encode import encoder_for

Rows = cabc.Iterator[tuple[Any, ...]]
"""The names of the columns, and then rows."""
_encode: Final = encoder_for("utf-8")


def print_table(rows: Rows) -> None:
    """Print aligned columns, when all rows are there; NULL is a dash.

    Not by rich, as the tables of plans and reports: that takes a millisecond a row.
    """
    names = next(rows)
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    for line in zip(*map(_aligned, names, columns), strict=True):
        print("  ".join(line).rstrip(), file=data_stdout())


def print_lines(rows: Rows) -> None:
    """Print an object a line, as soon as it is there."""
    encode, out = encoder_for(prepare_stdout()), data_stdout()
    names = _unique(next(rows))
    for row in rows:
        print(encode(dict(zip(names, map(_plain, row), strict=True))), file=out)


def print_csv(rows: Rows) -> None:
    """Print CSV as soon as rows are there: texts are quoted, NULL is nothing, lists and structs are JSON."""
    out = data_stdout()
    print(",".join(map(_quoted, _unique(next(rows)))), file=out)
    for row in rows:
        print(",".join(_csv_cell(value) for value in row), file=out)


def _unique(names: cabc.Iterable[str]) -> list[str]:
    """Return the names, with a number where one comes again: of a join, both tables may have it."""
    found: dict[str, None] = {}
    for name in names:
        unique, number = name, 0
        while unique in found:
            number += 1
            unique = f"{name}_{number}"
        found[unique] = None
    return list(found)


def _plain(value: object) -> Any:
    """Return what JSON has instead of a value: bytes are base64; times, Decimals, NaN and infinities text."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else _number_text(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {_text(key): _plain(each) for key, each in value.items()}
    if isinstance(value, decimal.Decimal):
        return str(value)
    from pydantic_core import to_jsonable_python  # late: --help doesn't need it

    return to_jsonable_python(value, fallback=str)


def _number_text(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _text(value: object) -> str:
    plain = _plain(value)
    return plain if isinstance(plain, str) else _encode(plain)


def _aligned(name: str, values: cabc.Sequence[object]) -> list[str]:
    """Return the cells of a column, of the same width; numbers are aligned right."""
    from rich.cells import cell_len  # late: --help doesn't need it

    cells = [escape(name), *("-" if value is None else escape(_text(value)) for value in values)]
    lengths = list(map(cell_len, cells))
    width = max(lengths)
    paddings = [" " * (width - length) for length in lengths]
    if values and all(value is None or _is_number(value) for value in values):
        return [padding + cell for cell, padding in zip(cells, paddings, strict=True)]
    return [cell + padding for cell, padding in zip(cells, paddings, strict=True)]


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Number) and not isinstance(value, bool)


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace('"', '""'))


def _csv_cell(value: object) -> str:
    if value is None:
        return ""
    return _text(value) if isinstance(value, numbers.Number) else _quoted(_text(value))
