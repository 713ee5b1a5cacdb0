"""Plain text tables, for plans and reports."""

from __future__ import annotations

import collections.abc as cabc
import io
from typing import TypeAlias

Table: TypeAlias = tuple[cabc.Sequence[str], cabc.Sequence[cabc.Sequence[object]], cabc.Sequence[object]]
"""The head of a table, its rows, and its totals."""


def table(
    head: cabc.Sequence[str], rows: cabc.Iterable[cabc.Sequence[object]], total: cabc.Sequence[object]
) -> str:
    """Return a table with a line of totals; numbers are aligned right, and None is a dash."""
    from rich.console import Console
    from rich.table import Table

    rows = list(rows)
    drawn = Table(box=None, pad_edge=False, show_footer=True)
    for index, name in enumerate(head):
        numbers = bool(rows) and not any(isinstance(row[index], str) for row in rows)
        drawn.add_column(name, cell_text(total[index]), justify="right" if numbers else "left", no_wrap=True)
    for row in rows:
        drawn.add_row(*map(cell_text, row))
    # As wide as needed: a plan is also written to files and logs, which have no width. Without markup, and
    # without rich's own display in a notebook, which would leave the captured text empty.
    out = io.StringIO()
    console = Console(
        file=out, width=10_000, color_system=None, force_jupyter=False, markup=False, emoji=False
    )
    console.print(drawn)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def cell_text(value: object) -> str:
    """Return a value as a table shows it: None is a dash, and digits are grouped."""
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else str(value)
