"""Timestamps as Kafka writes them: whole milliseconds since 1970 in UTC."""

from __future__ import annotations

import datetime
import time
from typing import Final

_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MILLISECOND: Final = datetime.timedelta(milliseconds=1)


def now() -> int:
    """Return the current time."""
    return time.time_ns() // 1_000_000


def from_milliseconds(milliseconds: int) -> datetime.datetime | None:
    """Return an aware datetime in UTC; None outside the years 1 to 9999.

    Such timestamps occur: some producers write micro- or nanoseconds by mistake.
    """
    try:
        return _EPOCH + milliseconds * _MILLISECOND
    except OverflowError:
        return None


def to_milliseconds(moment: datetime.datetime) -> int:
    """Return the first millisecond at or after a datetime; a naive one is local time.

    Raises OverflowError at the ends of Python's range, where it can't convert to UTC.
    """
    try:
        # A tzinfo may have no offset, which makes the datetime naive as well.
        aware = moment if moment.utcoffset() is not None else _local(moment)
        return -((_EPOCH - aware) // _MILLISECOND)
    except (ValueError, OSError) as error:
        raise OverflowError(str(error)) from error


def _local(moment: datetime.datetime) -> datetime.datetime:
    # As a plain datetime: `astimezone` of a subclass, such as that of pandas, may want an argument.
    return datetime.datetime.combine(moment.date(), moment.time()).astimezone()
