"""Fit a line into the columns of a terminal."""

from __future__ import annotations

import collections.abc as cabc
import itertools
from typing import Final, NamedTuple

from framework.terminal import escape
from framework_iterator.cli.binary import describe

_BYTES: Final = 8
"""Columns that bytes get at least."""


class Unreadable(NamedTuple):
    """A part of a message that has no value to show."""

    reason: str
    """Why, for lines without a limit."""
    short: tuple[str, str, str]
    """Why, for a terminal: as it should be, as it may be to keep the time, and where nothing else fits."""
    data: bytes


def fit(place: str, time: str, content: str, width: int) -> tuple[str, str]:
    """Return location and content of a line of at most `width` columns, with two spaces between them.

    Args:
        place: The message's name, as `flights-3@17`.
        time: When it was written.
        content: Key and payload.
        width: The columns of the terminal.
    """
    location = f"{place}  {time}"
    # A third is reserved for the content.
    available = width * 2 // 3
    if len(location) > available:
        location = _shorten(place, available, width)
    return location, truncate(content, width - len(location) - 2)


def join_unreadable(parts: cabc.Iterable[str | Unreadable]) -> str:
    """Return the content of a line without a limit, with reason and bytes of the parts that can't be read."""
    return "  ".join(
        escape(part) if isinstance(part, str) else f"{escape(part.reason)}  {describe(part.data)}"
        for part in parts
    )


def fit_unreadable(
    place: str, time: str, parts: cabc.Sequence[str | Unreadable], width: int
) -> tuple[str, str]:
    """Return location and content of a line with parts that can't be read.

    Reason and bytes matter most: where the columns are few, the time is left out, and the reason is short.
    """
    # Each of the other parts may have a third of the line.
    texts = [truncate(escape(part[:width]), width // 3) if isinstance(part, str) else part for part in parts]
    for location, level in itertools.product((f"{place}  {time}", place), (0, 1)):
        content = _content(texts, level, width - len(location) - 2)
        if content is not None:
            return location, content
    location = _shorten(place, width // 2, width)
    available = width - len(location) - 2
    content = _content(texts, 2, available, cut=True)
    return location, truncate(content or "", available)


def truncate(text: str, width: int) -> str:
    """Truncate a text to `width` columns; some characters need two."""
    from rich.cells import cell_len, set_cell_size  # late: only a terminal needs it

    # A payload may have megabytes. More than `width` characters, because combining ones need no column.
    text = text[: max(0, width) * 4 + 1]
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def _content(
    parts: cabc.Sequence[str | Unreadable], level: int, width: int, *, cut: bool = False
) -> str | None:
    """Return the content with reasons of a level, or None where that leaves too few columns for the bytes.

    With `cut`, the reasons are cut so that the bytes have their columns.
    """
    from rich.cells import cell_len

    unreadable = [part for part in parts if isinstance(part, Unreadable)]
    pieces: list[str] = []
    left = width - 2 * (len(parts) + len(unreadable) - 1)
    left -= sum(cell_len(part) for part in parts if isinstance(part, str))
    for part in parts:
        if isinstance(part, str):
            pieces.append(part)
            continue
        share = left // len(unreadable)
        needed = min(_BYTES, cell_len(describe(part.data, _BYTES)))
        reason = escape(part.short[level])
        if cut:
            reason = truncate(reason, share - needed)
        columns = share - cell_len(reason)
        if columns < needed and not cut:
            return None
        pieces += [reason, truncate(describe(part.data, columns), columns)]
    return "  ".join(pieces)


def _shorten(place: str, available: int, width: int) -> str:
    """Return the name of a message in the columns that are available; of a long one the end: the offset."""
    if len(place) <= available:
        return place
    return truncate("…" + place[len(place) - available + 1 :], width)
