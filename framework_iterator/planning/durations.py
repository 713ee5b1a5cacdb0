"""Recognize durations, however they are written, and write them in one form. Pure."""

from __future__ import annotations

import datetime
import re
from typing import Final

_UNITS: Final = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_NAMES: Final = r"weeks?|wks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s"
_PART: Final = re.compile(rf"([0-9]{{1,9}}(?:\.[0-9]{{1,9}})?) ?({_NAMES})[ ,]*")
_WHOLE: Final = re.compile(rf"[-+]?(?:pt)?(?:last )?((?:{_PART.pattern})+)(?:ago)?")
"""Also `PT5M`, as in ISO 8601."""


def duration_of(text: str) -> datetime.timedelta | None:
    """Return the duration that a text most likely means, such as `5min`, `1w` or `-1.5 hours`, or None."""
    whole = _WHOLE.fullmatch(text.strip().lower())
    if whole is None:
        return None
    total = datetime.timedelta()
    try:
        for number, name in _PART.findall(whole[1]):
            total += datetime.timedelta(**{_UNITS[name[0]]: float(number)})
    except OverflowError:
        return None
    return total


def parts_of(duration: datetime.timedelta) -> dict[str, int]:
    """Return the parts of a duration in whole days, hours, minutes and seconds that aren't 0."""
    minutes, seconds = divmod(duration // datetime.timedelta(seconds=1), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = {"days": days, "hours": hours, "minutes": minutes, "seconds": seconds}
    return {unit: number for unit, number in parts.items() if number} or {"seconds": 0}
