"""What a user may write for a start or an end, and the offset that it comes to. Pure.

Whatever is written becomes an absolute offset here: to librdkafka -1, -2, -1000, -1001 and all
numbers from -2000 down are commands, not offsets (its `RD_KAFKA_OFFSET_*`).
"""

from __future__ import annotations

import dataclasses
import datetime
import operator
from typing import Final, Literal, NamedTuple, TypeAlias

from framework.timestamps import to_milliseconds
from framework_iterator.errors import InvalidStartError

Start: TypeAlias = (
    int | datetime.datetime | datetime.timedelta | bool | Literal["earliest", "latest", "committed"] | None
)
"""How a start is written; None is none at all, the same as "earliest"."""

_MILLISECOND: Final = datetime.timedelta(milliseconds=1)
_FORMS: Final = "an offset, a negative number (the last n offsets), a datetime, a timedelta (ago)"
_STARTS: Final = f'{_FORMS}, "earliest", "latest", or True (where the group left off, also "committed")'
_ENDS: Final = f'{_FORMS}, "earliest" or "latest"'


@dataclasses.dataclass(frozen=True, slots=True)
class Earliest:
    """The low watermark."""


@dataclasses.dataclass(frozen=True, slots=True)
class Latest:
    """The high watermark."""


@dataclasses.dataclass(frozen=True, slots=True)
class Offset:
    """An absolute offset, from 0."""

    offset: int


@dataclasses.dataclass(frozen=True, slots=True)
class Last:
    """So many offsets before the high watermark, from 1."""

    count: int


@dataclasses.dataclass(frozen=True, slots=True)
class Moment:
    """The first message at or after a moment, in milliseconds since 1970."""

    milliseconds: int


@dataclasses.dataclass(frozen=True, slots=True)
class Ago:
    """The first message at or after so many milliseconds before the run's `now`."""

    milliseconds: int


@dataclasses.dataclass(frozen=True, slots=True)
class Committed:
    """Where the group left off."""


Position: TypeAlias = Earliest | Latest | Offset | Last | Moment | Ago | Committed
"""A start or an end, understood."""


class OffsetFacts(NamedTuple):
    """What is known of a partition when its start or end is worked out."""

    low: int
    high: int
    at_moment: int | None = None
    """The first offset at or after the position's moment; None is past the end."""
    committed: int | None = None
    """The group's committed offset; None is none."""
    reset: str = "earliest"
    """`auto.offset.reset`: where to begin when nothing was committed."""


def parse(written: object) -> Position:
    """The position that was written, or an InvalidStartError that names the value."""
    if (position := _parse(written)) is None:
        raise InvalidStartError(f"{written!r} isn't a start. Write {_STARTS}.")
    return position


def parse_end(written: object) -> Position | None:
    """The same for an end, where None is none and "committed" makes no sense."""
    if written is None:
        return None
    position = _parse(written)
    if position is None or isinstance(position, Committed):
        raise InvalidStartError(f"until={written!r} isn't an end. Write {_ENDS}.")
    return position


def _parse(written: object) -> Position | None:
    match written:
        case None | "earliest":
            return Earliest()
        case "latest":
            return Latest()
        # Before numbers: True is an int to Python, and offset 1 to nobody.
        case True | "committed":
            return Committed()
        case datetime.datetime():
            return Moment(_milliseconds(written))
        case datetime.timedelta():
            return Ago(_ago(written))
        case False:
            return None
    try:
        number = operator.index(written)  # type: ignore[arg-type]
    except TypeError:
        return None
    return Offset(number) if number >= 0 else Last(-number)


def moment(position: Position | None, now: int) -> int | None:
    """The moment, in milliseconds since 1970, that has to be looked up for this position, if any."""
    match position:
        case Moment(milliseconds):
            return milliseconds
        case Ago(milliseconds):
            return max(0, now - milliseconds)
    return None


def offset(position: Position, facts: OffsetFacts) -> int:
    """The absolute offset, between the low and the high watermark, that a position comes to."""
    return min(max(_unbounded(position, facts), facts.low), facts.high)


def _unbounded(position: Position, facts: OffsetFacts) -> int:
    match position:
        case Earliest():
            return facts.low
        case Latest():
            return facts.high
        case Offset(absolute):
            return absolute
        case Last(count):
            return facts.high - count
        case Moment() | Ago():
            return facts.high if facts.at_moment is None else facts.at_moment
        case Committed():
            return _committed(facts)


def _committed(facts: OffsetFacts) -> int:
    if facts.committed is not None:
        return facts.committed
    match facts.reset.lower():
        case "earliest" | "smallest" | "beginning":
            return facts.low
        case "latest" | "largest" | "end":
            return facts.high
    raise InvalidStartError(
        f"The group has committed nothing here, and auto.offset.reset={facts.reset!r} names no place "
        "to begin. Write another start, or set it to 'earliest' or 'latest'."
    )


def _milliseconds(written: datetime.datetime) -> int:
    # Rounded up: a message at the millisecond before a moment with microseconds is not "at or after" it.
    try:
        return max(0, to_milliseconds(written))
    except OverflowError:
        # The ends of datetime's range have no local time: before all messages, or after all.
        return 0 if written.year < 1970 else (1 << 62)


def _ago(written: datetime.timedelta) -> int:
    if written < datetime.timedelta(0):
        raise InvalidStartError(
            f"{written!r} lies in the future: a timedelta counts back from now, so make it positive."
        )
    # Rounded down, so that the moment, which lies that long before now, is rounded up.
    return written // _MILLISECOND
