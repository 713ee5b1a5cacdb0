"""Moments, as Kafka writes them: whole milliseconds since 1970, in UTC."""

from __future__ import annotations

import datetime
import time
from typing import Final

_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MILLISECOND: Final = datetime.timedelta(milliseconds=1)


def now() -> int:
    """The clock."""
    return time.time_ns() // 1_000_000


def from_milliseconds(milliseconds: int) -> datetime.datetime | None:
    """An aware datetime in UTC; None for what lies outside the years 1 to 9999.

    Such moments are real: producers write micro- or nanoseconds by mistake.
    """
    try:
        return _EPOCH + milliseconds * _MILLISECOND
    except OverflowError:
        return None


def to_milliseconds(moment: datetime.datetime) -> int:
    """The first millisecond at or after a moment; a naive one is local time.

    Whatever Python can't place in time, at the ends of its range, raises OverflowError.
    """
    try:
        # A tzinfo may know no offset: that is naive, too.
        aware = moment if moment.utcoffset() is not None else moment.replace(tzinfo=None).astimezone()
        return -((_EPOCH - aware) // _MILLISECOND)
    except (ValueError, OSError) as error:
        raise OverflowError(str(error)) from error
