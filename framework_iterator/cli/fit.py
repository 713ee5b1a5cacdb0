"""Fit a line into the columns of a terminal."""

from __future__ import annotations

import collections.abc as cabc
from typing import Final, NamedTuple

from framework.terminal import escape
from framework_iterator.cli.binary import describe

_BYTES: Final = 8
"""Columns that bytes get at least, where the reason before them may be cut."""
_FEWEST_BYTES: Final = 4
"""Columns of bytes that are worth being shown."""
_PLACE: Final = 16
"""Columns that the location gets at least, if it needs them: the end of a name has the offset."""
_WITH_TIME: Final = 24
"""Columns of a location that has the time, even if the name of the topic is cut for it."""


class Unreadable(NamedTuple):
    """A part of a message that has no value to show."""

    reason: str
    """Why, for lines without a limit."""
    short: tuple[str, ...]
    """Why, for a terminal: as it should be, then in fewer and fewer words."""
    data: bytes
    is_advice: bool = False
    """Whether the shortest says what to do, which is never cut for the bytes."""

    def labelled(self, part: str) -> Unreadable:
        """Return it with the name of the part before each reason."""
        short = tuple(f"{part}: {each}" for each in self.short)
        return self._replace(reason=f"{part}: {self.reason}", short=short)


class Guessed(NamedTuple):
    """The text of a part, and what to do if it is something else."""

    text: str
    advice: str


Shown = str | Guessed | Unreadable


def join(parts: cabc.Iterable[Shown]) -> str:
    """Return the content of a line without a limit."""
    return escape("  ".join([part if isinstance(part, str) else _whole(part) for part in parts]))


def fit(place: str, time: str, parts: cabc.Sequence[str | Guessed], width: int) -> tuple[str, str]:
    """Return location and content of a line of at most `width` columns, with two spaces between them.

    Args:
        place: The message's name, as `flights-3@17`.
        time: When it was written.
        parts: Key, headers and payload; the payload is the last.
        width: The columns of the terminal.
    """
    location = f"{place}  {time}"
    # A third is reserved for the content.
    available = width * 2 // 3
    if len(location) > available:
        location = _shorten(place, available, width)
    left = width - len(location) - 2
    content = "  ".join(_shares(parts, left, width))
    if Guessed in map(type, parts) and truncate(whole := join(parts), left) == whole:
        content = whole
    return location, truncate(content, left)


def fit_unreadable(place: str, time: str, parts: cabc.Sequence[Shown], width: int) -> tuple[str, str]:
    """Return location and content of a line with parts that can't be read.

    Reason and bytes matter most: where the columns are few, the date is left out, and the reason is short.
    """
    clock = time.rpartition(" ")[2]
    texts = [_text(part, width) for part in parts if not isinstance(part, Unreadable)]
    # The other parts may have a third of the line.
    limit = _limit(texts, width // 3)
    rest = [part if isinstance(part, Unreadable) else truncate(_text(part, width), limit) for part in parts]
    levels = max(len(part.short) for part in rest if isinstance(part, Unreadable))
    for moment, count in ((time, 2), (clock, levels)):
        location = f"{place}  {moment}"
        for level in range(count):
            content = _content(rest, level, width - len(location) - 2)
            if content is not None:
                return location, content
    room = width - 2 - _advice(rest) - 2 * (len(rest) - 1)
    location = _location(place, clock, min(width // 2, max(room, _PLACE)), width)
    available = width - len(location) - 2
    return location, truncate(_cut(rest, available), available)


def truncate(text: str, width: int) -> str:
    """Truncate a text to `width` columns; some characters need two."""
    from rich.cells import cell_len, set_cell_size  # late: only a terminal needs it

    # A payload may have megabytes. More than `width` characters, because combining ones need no column.
    text = text[: max(0, width) * 4 + 1]
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def _whole(part: Guessed | Unreadable) -> str:
    """Return all of a part, not escaped."""
    if isinstance(part, Guessed):
        return f"{part.text} {part.advice}"
    return f"{part.reason}  {describe(part.data)}"


def _text(part: str | Guessed, width: int) -> str:
    """Return the text of a part, escaped, of which no more is kept than a line may need."""
    text = part if isinstance(part, str) else part.text
    return escape(text[: max(0, width) * 4 + 1])


def _shares(parts: cabc.Sequence[str | Guessed], left: int, width: int) -> list[str]:
    """Return the texts, escaped, so that key and headers leave some columns to the payload, the last."""
    left -= 2 * (len(parts) - 1)
    # If it needs them, it gets a third of the columns, and what others leave that have a third of the line.
    reserved = max(left // 3, left - (len(parts) - 1) * (width // 3))
    *others, payload = [part if isinstance(part, str) else part.text for part in parts]
    before = "  ".join(others)
    # Nearly always they are short: to measure their columns would double the time that a line takes.
    if before.isprintable() and 2 * len(before) <= left - reserved:
        return [before, _text(payload, width)]
    from rich.cells import cell_len

    *others, payload = [_text(part, width) for part in parts]
    limit = _limit(others, left - min(cell_len(payload), reserved))
    return [*(truncate(other, limit) for other in others), payload]


def _limit(texts: cabc.Sequence[str], room: int) -> int:
    """Return how many columns each text may have; those that need fewer leave theirs to the others."""
    from rich.cells import cell_len

    limit = room
    lengths = sorted(map(cell_len, texts))
    for index, length in enumerate(lengths):
        limit = max(0, room) // (len(lengths) - index)
        if length > limit:
            return limit
        room -= length
    return max(lengths, default=limit)


def _content(parts: cabc.Sequence[str | Unreadable], level: int, width: int) -> str | None:
    """Return the content with reasons of a level, or None where that leaves too few columns for the bytes."""
    from rich.cells import cell_len

    unreadable = [part for part in parts if isinstance(part, Unreadable)]
    pieces: list[str] = []
    left = width - 2 * (len(parts) + len(unreadable) - 1)
    left -= sum(cell_len(part) for part in parts if isinstance(part, str))
    for part in parts:
        if isinstance(part, str):
            pieces.append(part)
            continue
        reason = escape(part.short[min(level, len(part.short) - 1)])
        columns = left // len(unreadable) - cell_len(reason)
        if columns < _needed(part):
            return None
        pieces += [reason, truncate(describe(part.data, columns), columns)]
    return "  ".join(pieces)


def _cut(parts: cabc.Sequence[str | Unreadable], width: int) -> str:
    """Return the content where nothing fits: reasons are cut for the bytes, and all else for advice."""
    from rich.cells import cell_len

    unreadable = [part for part in parts if isinstance(part, Unreadable)]
    texts = [part for part in parts if isinstance(part, str)]
    advice = _advice(parts)
    left = width - 2 * (len(parts) - 1)
    # Of what advice leaves, texts get half at least, and all that the bytes don't need.
    room = left - advice
    limit = _limit(texts, max(room // 2, room - sum(2 + _needed(part) for part in unreadable)))
    texts = [truncate(text, limit) for text in texts]
    left -= sum(map(cell_len, texts))
    share = left - advice - sum(2 + _needed(part) for part in unreadable)
    share //= sum(not part.is_advice for part in unreadable) or 1
    reasons = [
        escape(part.short[-1]) if part.is_advice else truncate(escape(part.short[-1]), share)
        for part in unreadable
    ]
    shown = iter(_with_bytes(unreadable, reasons, left - sum(map(cell_len, reasons))))
    others = iter(texts)
    pieces = [next(others) if isinstance(part, str) else next(shown) for part in parts]
    return "  ".join(piece for piece in pieces if piece)


def _advice(parts: cabc.Sequence[str | Unreadable]) -> int:
    """Return the columns of all advice, in as few words as possible."""
    return sum(len(part.short[-1]) for part in parts if isinstance(part, Unreadable) and part.is_advice)


def _with_bytes(
    parts: cabc.Sequence[Unreadable], reasons: cabc.Sequence[str], left: int
) -> cabc.Iterator[str]:
    """Give each reason with as many bytes as there are columns left for, if that is enough to show any."""
    from rich.cells import cell_len

    for index, (part, reason) in enumerate(zip(parts, reasons, strict=True)):
        later = sum(2 + _needed(each) for each in parts[index + 1 :])
        columns = max(left // (len(parts) - index), left - later) - 2
        if columns < min(_FEWEST_BYTES, _needed(part)):
            yield reason
            continue
        data = truncate(describe(part.data, columns), columns)
        left -= 2 + cell_len(data)
        yield f"{reason}  {data}" if reason else data


def _needed(part: Unreadable) -> int:
    from rich.cells import cell_len

    return min(_BYTES, cell_len(describe(part.data, _BYTES)))


def _location(place: str, time: str, available: int, width: int) -> str:
    """Return place and time in the columns that are available; where they are few, the place alone."""
    if len(place) + 2 + len(time) <= available:
        return f"{place}  {time}"
    if available < _WITH_TIME:
        return _shorten(place, available, width)
    return f"{_shorten(place, available - len(time) - 2, width)}  {time}"


def _shorten(place: str, available: int, width: int) -> str:
    """Return the name of a message in the columns that are available; of a long one the end: the offset."""
    if len(place) <= available:
        return place
    return truncate("…" + place[len(place) - available + 1 :], width)
