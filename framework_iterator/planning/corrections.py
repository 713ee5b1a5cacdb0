"""How to write what was meant by a value that isn't a start, or by a number that is no offset. Pure."""

from __future__ import annotations

import datetime
import decimal
import re
from typing import Final

from framework import timestamps
from framework.suggest import did_you_mean
from framework_iterator.planning.durations import duration_of, parts_of

_SCALES: Final = (1, 1_000, 1_000_000, 1_000_000_000)
"""A time since 1970 is written in seconds, milliseconds, microseconds or nanoseconds."""
_SECONDS: Final = range(946_684_800, 4_102_444_800)
"""The years 2000 to 2099; other numbers are more likely to be offsets."""
_DIGITS: Final = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
"""Dates without separators, by their length."""
_SYNONYMS: Final = {
    **dict.fromkeys(("beginning", "begin", "start", "smallest", "first", "oldest"), "earliest"),
    **dict.fromkeys(("end", "largest", "last", "newest", "now"), "latest"),
    "stored": "committed",
}
DAYS: Final = {"today": 0, "yesterday": 1}
"""Days, and how long ago they are."""
_NUMPY: Final = {
    "datetime64": " Write value.astype('datetime64[ms]').item().replace(tzinfo=datetime.UTC).",
    "timedelta64": " Write value.astype('timedelta64[ms]').item().",
}
"""These values have no time zone, and are UTC by convention."""
_MOST: Final = 1 << 63
"""No offset is as large."""


def moment_of(number: float | decimal.Decimal) -> str | None:
    """Return the moment that a number looks like, as `2023-11-14T22:13:20Z` or `2024-01-01`, or None.

    It is a time since 1970 in one of four units, or a date as digits, in the years 2000 to 2099.
    """
    if not _is_finite(number) or number < 0:
        return None
    if number == int(number) and (date := _date_of(str(int(number)))) is not None:
        return date
    for scale in _SCALES:
        if int(number) // scale in _SECONDS:
            # In whole milliseconds, as Kafka's timestamps.
            moment = timestamps.from_milliseconds(int(number * 1000) // scale)
            return None if moment is None else _text(moment)
    return None


def meant_by(word: str, known: tuple[str, ...]) -> str:
    """Return ` Did you mean 'latest'?` for a word that is close to a known one, or an empty text."""
    plain = word.strip().lower()
    if (meant := _SYNONYMS.get(plain)) in known:
        return f" Did you mean {meant!r}?"
    return did_you_mean(plain, known)


def correction(written: object, known: tuple[str, ...]) -> str:
    """Return a sentence, after a space, that says how to write this value; or an empty text.

    Args:
        written: What isn't a start.
        known: The words that are.
    """
    if isinstance(written, str):
        return _of_text(written, known)
    if isinstance(written, float | decimal.Decimal) and _is_finite(written):
        if (moment := moment_of(written)) is not None:
            return _in_python(moment)
        if written and written == int(written):
            return f" Write {int(written)}, an int."
    return _NUMPY.get(type(written).__name__, "")


def _of_text(text: str, known: tuple[str, ...]) -> str:
    if re.fullmatch(r"-?[0-9]{1,19}", text):
        number = int(text)
        moment = moment_of(number)
        return f" Write {number}, without quotes." if moment is None else _in_python(moment)
    if (duration := duration_of(text)) is not None:
        parts = ", ".join(f"{unit}={number}" for unit, number in parts_of(duration).items())
        return f" Write datetime.timedelta({parts}), which is that long ago."
    if (days := DAYS.get(text.strip().lower())) is not None:
        ago = f" - datetime.timedelta(days={days})" if days else ""
        return f" Write datetime.date.today(){ago}."
    try:
        datetime.datetime.fromisoformat(text)
    except ValueError:
        return "" if text in known else meant_by(text, known)
    return f" Write datetime.datetime.fromisoformat({text!r})."


def _in_python(moment: str) -> str:
    return f" Did you mean the moment {moment}? Write datetime.datetime.fromisoformat({moment!r})."


def _is_finite(number: float | decimal.Decimal) -> bool:
    # False for NaN as well: it compares with nothing, and as a signalling Decimal it raises.
    try:
        return -_MOST < number < _MOST
    except decimal.InvalidOperation:
        return False


def _date_of(digits: str) -> str | None:
    layout = _DIGITS.get(len(digits))
    if layout is None or not digits.startswith("20"):
        return None
    try:
        found = datetime.datetime.strptime(digits, layout)  # noqa: DTZ007  no zone: local time
    except ValueError:
        return None
    return found.date().isoformat() if layout == "%Y%m%d" else found.isoformat()


def _text(moment: datetime.datetime) -> str:
    spec = "milliseconds" if moment.microsecond else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=spec) + "Z"
