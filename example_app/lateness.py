"""How many flights of each carrier left more than an hour late: a function for a loop, or for a scan."""

from __future__ import annotations

import collections
import collections.abc as cabc

from example_app.models import Flight
from framework import Message


def late_by_carrier(messages: cabc.Iterable[Message[Flight]]) -> collections.Counter[str]:
    """Count the flights that left more than an hour late, by carrier."""
    return collections.Counter(
        message.payload.carrier for message in messages if (message.payload.dep_delay or 0) > 60
    )
