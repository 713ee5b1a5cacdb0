"""HTML for notebooks. Everything that comes from a message or a name is escaped."""

from __future__ import annotations

import collections.abc as cabc
import html
import pprint
from typing import Any, Final

from framework.errors import FrameworkError
from framework.table import cell_text

_SHOWN: Final = 4000
"""How many characters of a part of a message are shown: a notebook keeps what it shows in its file."""


def table_html(
    head: cabc.Sequence[str],
    rows: cabc.Iterable[cabc.Sequence[object]],
    total: cabc.Sequence[object] = (),
    note: str = "",
) -> str:
    """Return a table with a line of totals, if there is one, and a sentence below it.

    Numbers are aligned right; None is a dash.
    """
    rows = list(rows)
    numbers = [
        bool(rows) and not any(isinstance(row[index], str) for row in rows) for index in range(len(head))
    ]
    lines = [
        _row("th", head, numbers),
        "</thead><tbody>",
        *(_row("td", row, numbers) for row in rows),
        "</tbody>",
    ]
    if total:
        lines.append(f"<tfoot>{_row('th', total, numbers)}</tfoot>")
    below = f"<p>{html.escape(note)}</p>" if note else ""
    return f"<table><thead>{''.join(lines)}</table>{below}"


def message_html(message: Any) -> str:
    """Return a table of the parts of a message. A part that can't be read shows the reason and its bytes."""
    parts: dict[str, object] = {
        "message": str(message),
        "timestamp": message.timestamp or message.raw_timestamp,
        "key": _part(message, "key"),
        "headers": _part(message, "headers"),
        "payload": _part(message, "payload"),
        "size": f"{cell_text(message.size)} bytes",
    }
    rows = (
        f'<tr><th style="text-align: left">{name}</th>'
        f'<td style="text-align: left"><pre>{html.escape(cell_text(value))}</pre></td></tr>'
        for name, value in parts.items()
    )
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def _part(message: Any, name: str) -> str | None:
    try:
        value = getattr(message, name)
        return None if value is None else _shortened(_formatted(value))
    except Exception as error:  # whatever the user's deserializer, or the repr of what it returns, raises
        reason = str(error) if isinstance(error, FrameworkError) else repr(error)
    if message.is_cleaned:
        return reason
    return f"{reason}\n{_shortened(repr(getattr(message, f'raw_{name}')))}"


def _formatted(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray):
        return repr(value[:_SHOWN]) + _more(len(value) - _SHOWN, "bytes")
    return pprint.pformat(value, sort_dicts=False)


def _shortened(text: str) -> str:
    return text[:_SHOWN] + _more(len(text) - _SHOWN, "characters")


def _more(count: int, what: str) -> str:
    return f"\u2026 and {count:,} more {what}" if count > 0 else ""


def _row(tag: str, values: cabc.Sequence[object], numbers: cabc.Sequence[bool]) -> str:
    sides = ("right" if is_number else "left" for is_number in numbers)
    cells = (
        f'<{tag} style="text-align: {side}">{html.escape(cell_text(value))}</{tag}>'
        for value, side in zip(values, sides, strict=True)
    )
    return f"<tr>{''.join(cells)}</tr>"
