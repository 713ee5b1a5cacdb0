"""Arrays of datetimes, faster than pyarrow makes them: it asks each value for its offset from UTC."""

from __future__ import annotations

import collections.abc as cabc
import datetime
import itertools
import operator
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute
from pydantic_core import TzInfo

UTC_TYPE: Final = pa.timestamp("us", "UTC")
NAIVE_TYPE: Final = pa.timestamp("us")
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_NAIVE_EPOCH: Final = _EPOCH.replace(tzinfo=None)
_compute: Final[Any] = pyarrow.compute  # its functions are made when it is imported
_YEAR_ONE: Final = (datetime.date.min - _EPOCH.date()) // datetime.timedelta(microseconds=1)
_DATETIMES: Final = frozenset([datetime.datetime])
_ZONES: Final = (datetime.timezone, TzInfo)
"""Zones with one offset."""
_DAY: Final = 86_400_000_000
_SHORTEST: Final = len("2013-12-31T23:59Z")
_USUAL: Final = r"^.{13}:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$"


def moment_array(values: cabc.Sequence[Any], type_: pa.DataType) -> pa.Array:
    """Return datetimes as an array of microseconds; None is null, and one without a zone counts as UTC.

    Values of one zone take a quarter of the time, since their difference from one moment needs no offset.
    """
    present = [value for value in values if value is not None] if None in values else values
    zones = (
        {id(zone): zone for zone in map(operator.attrgetter("tzinfo"), present)} if _plain(present) else {}
    )
    if len(zones) != 1:
        return pa.array(values, type_)
    [zone] = zones.values()
    if zone is None:
        base = _NAIVE_EPOCH
    elif type(zone) in _ZONES:
        base = _EPOCH.astimezone(zone)
    else:
        return pa.array(values, type_)
    if present is values:
        differences = list(map(operator.sub, values, itertools.repeat(base)))
    else:
        differences = [None if value is None else value - base for value in values]
    return pa.array(differences, pa.duration("us")).view(type_)


def moments_of_text(texts: cabc.Sequence[str | None]) -> pa.Array | None:
    """Return the texts of moments as an array, with a zone or without; None where pydantic may differ.

    Whatever this takes, pydantic reads as the same moment.
    """
    array = pa.array(texts, pa.string())
    for type_ in (UTC_TYPE, NAIVE_TYPE):
        try:
            moments = array.cast(type_)
        except pa.ArrowInvalid:
            continue
        return moments if _is_read_alike(array, moments) else None
    return None


def _plain(values: cabc.Sequence[Any]) -> bool:
    return _DATETIMES.issuperset(map(type, values))


def _is_read_alike(texts: pa.Array, moments: pa.Array) -> bool:
    """Whether pydantic takes all of these, too: no year 0, and no time of day or zone without minutes."""
    earliest = _compute.min(moments.view(pa.int64())).as_py()
    if earliest is None:
        return True
    if earliest < _YEAR_ONE + _DAY:  # of the year 1 in UTC, and maybe of the year 0 in its own zone
        return False
    if _compute.all(_compute.ends_with(texts, "Z")).as_py():
        return bool(_compute.min(_compute.binary_length(texts)).as_py() >= _SHORTEST)
    return bool(_compute.all(_compute.match_substring_regex(texts, _USUAL)).as_py())
