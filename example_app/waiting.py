"""How long the seats of late flights waited, by carrier: in SQL over two topics, and as a scan.

Both give the same. SQL is shorter, and duckdb joins and sums in C. A scan runs any Python, in as many
processes as there are cores.
"""

from __future__ import annotations

import collections
import collections.abc as cabc
import operator

from example_app.app import app, flights, planes
from example_app.models import Flight
from framework import Message
from framework_iterator import Iterator, scan, sql

# Of each plane, only the last message counts; after a tombstone it has no seats.
QUERY = """
    with latest as (
        select key as tailnum, last(seats order by "offset") as seats from planes group by key
    )
    select carrier, sum(seats * dep_delay)::bigint as minutes
    from flights join latest using (tailnum)
    where dep_delay > 0 and seats > 0
    group by carrier
"""


def minutes_by_sql() -> collections.Counter[str]:
    """Return the minutes that seats waited, by carrier."""
    return collections.Counter(dict(sql(QUERY, app=app).fetchall()))


def minutes_by_scan(workers: int) -> collections.Counter[str]:
    """Return the same, read by several processes."""
    minutes: collections.Counter[str] = scan(
        flights, minutes_by_carrier, operator.add, app=app, workers=workers
    ).value
    return minutes


def minutes_by_carrier(messages: cabc.Iterable[Message[Flight]]) -> collections.Counter[str]:
    """Return the same for one part of the flights; each part needs all planes."""
    latest = Iterator(planes, app=app).snapshot()
    seats = {key: plane.seats for key, each in latest.items() if (plane := each.payload) is not None}
    minutes: collections.Counter[str] = collections.Counter()
    for message in messages:
        flight = message.payload
        if flight.dep_delay is not None and flight.dep_delay > 0 and flight.tailnum in seats:
            minutes[flight.carrier] += seats[flight.tailnum] * flight.dep_delay
    return minutes
