"""Parse starts and ends as users write them, and resolve them to offsets. Pure.

Every start becomes an absolute offset here. librdkafka would read -1, -2, -1000, -1001 and all numbers
from -2000 down as commands (its `RD_KAFKA_OFFSET_*`), not as offsets.
"""

from __future__ import annotations

import dataclasses
import datetime
import operator
from typing import Final, Literal, NamedTuple, TypeAlias

from framework.timestamps import to_milliseconds
from framework_iterator.errors import InvalidStartError
from framework_iterator.planning.corrections import correction

Start: TypeAlias = (
    int
    | datetime.datetime
    | datetime.date
    | datetime.timedelta
    | bool
    | Literal["earliest", "latest", "committed"]
    | None
)
"""How a start is written; None is the same as "earliest"."""

_MILLISECOND: Final = datetime.timedelta(milliseconds=1)
_MOST: Final = 2**63 - 1
"""The largest offset of Kafka."""
_FORMS: Final = "an offset, a negative number (the last n offsets), a datetime or date, a timedelta (ago)"
_STARTS: Final = f'{_FORMS}, "earliest", "latest", or True (the committed offset, also "committed")'
_ENDS: Final = f'{_FORMS}, "earliest" or "latest"'


@dataclasses.dataclass(frozen=True, slots=True)
class Earliest:
    """The low watermark."""


@dataclasses.dataclass(frozen=True, slots=True)
class Latest:
    """The high watermark."""


@dataclasses.dataclass(frozen=True, slots=True)
class Offset:
    """An absolute offset, 0 or more."""

    offset: int


@dataclasses.dataclass(frozen=True, slots=True)
class Last:
    """`count` offsets before the high watermark, 1 or more."""

    count: int


@dataclasses.dataclass(frozen=True, slots=True)
class Moment:
    """The first message at or after a moment, in milliseconds since 1970."""

    milliseconds: int


@dataclasses.dataclass(frozen=True, slots=True)
class Ago:
    """The first message at or after `milliseconds` before the run's `now`."""

    milliseconds: int


@dataclasses.dataclass(frozen=True, slots=True)
class Committed:
    """The group's committed offset."""


ParsedStart: TypeAlias = Earliest | Latest | Offset | Last | Moment | Ago | Committed
"""A start or an end after parsing."""
_PARSED_WORDS: Final[dict[str, ParsedStart]] = {
    "earliest": Earliest(), "latest": Latest(), "committed": Committed()
}  # fmt: skip
WORDS: Final = tuple(_PARSED_WORDS)
"""The words that are a start."""
END_WORDS: Final = ("earliest", "latest")
"""Those that are an end as well."""


class OffsetFacts(NamedTuple):
    """What the broker says of a partition, to resolve its start or end."""

    low: int
    high: int
    at_moment: int | None = None
    """The first offset at or after the moment that was written; None is past the end."""
    committed: int | None = None
    """The group's committed offset, or None."""
    reset: str = "earliest"
    """`auto.offset.reset`: where to start when nothing was committed."""


def parse(written: object) -> ParsedStart:
    """Parse a start, or raise an InvalidStartError that names the value."""
    if (start := _parse(written)) is None:
        raise InvalidStartError(f"{written!r} isn't a start. Write {_STARTS}.{correction(written, WORDS)}")
    return start


def parse_end(written: object) -> ParsedStart | None:
    """Parse an end: None is no end, and "committed" is not allowed."""
    if written is None:
        return None
    end = _parse(written)
    if end is None or isinstance(end, Committed):
        raise InvalidStartError(
            f"until={written!r} isn't an end. Write {_ENDS}.{correction(written, END_WORDS)}"
        )
    return end


def _parse(written: object) -> ParsedStart | None:
    match written:
        case None:
            return Earliest()
        case str():
            return _PARSED_WORDS.get(written)
        # Before numbers: to Python, True is the int 1.
        case True:
            return Committed()
        case datetime.datetime():
            # One that doesn't equal itself is "not a time": pandas has such a datetime.
            return Moment(_milliseconds(written)) if written == written else None
        # After datetimes, which are dates to Python.
        case datetime.date():
            return Moment(_milliseconds(datetime.datetime.combine(written, datetime.time.min)))
        case datetime.timedelta():
            return Ago(_ago(written))
        case False:
            return None
    try:
        number = operator.index(written)  # type: ignore[arg-type]
    except TypeError:
        return None
    if number > _MOST:
        raise InvalidStartError(f'{number} is no offset: the largest is {_MOST}. Write "latest" for the end.')
    return Offset(number) if number >= 0 else Last(-number)


def moment(start: ParsedStart | None, now: int) -> int | None:
    """Return the moment to look up for this start, in milliseconds since 1970, or None."""
    match start:
        case Moment(milliseconds):
            return milliseconds
        case Ago(milliseconds):
            return max(0, now - milliseconds)
    return None


def offset(start: ParsedStart, facts: OffsetFacts) -> int:
    """Return the absolute offset of a start, between the low and the high watermark."""
    return min(max(_unbounded(start, facts), facts.low), facts.high)


def _unbounded(start: ParsedStart, facts: OffsetFacts) -> int:
    match start:
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
        f"The group has committed nothing here, and auto.offset.reset={facts.reset!r} gives no start. "
        "Write another start, or set it to 'earliest' or 'latest'."
    )


def _milliseconds(written: datetime.datetime) -> int:
    # Rounded up: a message in the millisecond before a moment with microseconds is not "at or after" it.
    try:
        return max(0, to_milliseconds(written))
    except OverflowError:
        # The ends of datetime's range have no local time: they lie before or after all messages.
        return 0 if written.year < 1970 else (1 << 62)


def _ago(written: datetime.timedelta) -> int:
    if written < datetime.timedelta(0):
        raise InvalidStartError(
            f"{written!r} lies in the future: a timedelta counts back from now, so write a positive one."
        )
    # Rounded down, so that the moment, which lies that long before now, is rounded up.
    return written // _MILLISECOND
