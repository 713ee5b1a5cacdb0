"""Keeps a summary of delays per carrier: `python -m example_app.maintenance delays.db`, meant for cron.

Each time, the flights since the last time are added. The task may be killed between any two
instructions, and still no flight is missed or counted twice:

- The counts, and the offsets up to which they go, change in one transaction. So the file always says
  what is in it.
- It begins where the file says, not where the group left off. Marks are "at least once": who is
  killed after the count and before the commit reads the same flights again. Where doing a thing
  twice does no harm, marks and `Iterator({flights: True})` are enough; a sum is not such a thing.
- It marks all the same, behind each transaction: for those who watch the group's lag.
- A lock keeps a second one out. The system drops it with the process, however that ends.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import sqlite3
import sys

from example_app import console
from example_app.app import flights
from example_app.models import Flight
from framework import App, DeserializationError, Message, Topic
from framework_iterator import Iterator, Plan

# Without waiting for the disk, a power cut may take back the last transactions. Their offsets go with
# them, so those flights are read again.
SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS positions (partition INTEGER PRIMARY KEY, next_offset INTEGER);
CREATE TABLE IF NOT EXISTS delays (
    carrier TEXT PRIMARY KEY, flights INTEGER, cancelled INTEGER, late INTEGER, minutes INTEGER, worst INTEGER
);
"""
ADD = """
INSERT INTO delays VALUES (:carrier, 1, :cancelled, :minutes > 0, :minutes, :minutes)
ON CONFLICT (carrier) DO UPDATE SET
    flights = flights + 1, cancelled = cancelled + excluded.cancelled, late = late + excluded.late,
    minutes = minutes + excluded.minutes, worst = max(worst, excluded.worst)
"""


def update(path: str, flights: Topic[Flight], *, app: App | None = None) -> int:
    """Add the flights since the last time to the summary; BlockingIOError while another process does."""
    added = 0
    # The lock is a file of its own: SQLite has its own locks on the database.
    with open(f"{path}.lock", "w") as lock, contextlib.closing(sqlite3.connect(path)) as file:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.executescript(SCHEMA)
        starts = where_to_begin(file, Iterator(flights, app=app).plan())
        iterator = Iterator({flights: starts}, app=app, group_id=f"{flights.name}-delays")
        for message in iterator:
            with file:  # one transaction: all of it or nothing
                added += add(file, message)
                file.execute("REPLACE INTO positions VALUES (?, ?)", (message.partition, message.offset + 1))
            iterator.mark_as_consumed(message)
    return added


def where_to_begin(file: sqlite3.Connection, plan: Plan) -> dict[int, int]:
    """The next offset of each partition there is, also of one that was made since the last time."""
    starts: dict[int, int] = dict(file.execute("SELECT * FROM positions"))
    for each in plan:
        name, start = f"{each.topic}-{each.partition}", starts.setdefault(each.partition, each.low)
        if start > each.high:
            raise console.Failure(
                f"{name} ends at {each.high}, but was counted up to {start}: the topic was made anew. "
                "Move the summary away to begin another."
            )
        if start < each.low:
            print(f"{name}: {each.low - start} offsets were removed before they were read.", file=sys.stderr)
    return starts


def add(file: sqlite3.Connection, message: Message[Flight]) -> bool:
    """Count a message, if it is a flight; what is none is told, and doesn't stop the task every night."""
    try:
        flight = None if message.is_tombstone else message.payload
    except DeserializationError as error:
        print(error, file=sys.stderr)
        return False
    if flight is not None:
        minutes = max(0, flight.dep_delay or 0)
        file.execute(ADD, {"carrier": flight.carrier, "cancelled": flight.is_cancelled, "minutes": minutes})
    return flight is not None


def main() -> int:
    """Add the flights since the last time to a summary of delays per carrier, and show it."""
    parser = argparse.ArgumentParser(prog="python -m example_app.maintenance", description=main.__doc__)
    parser.add_argument("file", nargs="?", default="delays.db", help="where it is kept (%(default)s)")
    path = parser.parse_args().file
    try:
        print(f"{update(path, flights):,} flights added")
        with contextlib.closing(sqlite3.connect(path)) as file:
            rows = file.execute("SELECT * FROM delays ORDER BY minutes DESC, carrier")
            for carrier, *numbers in [[column for column, *_ in rows.description], *rows]:
                print(f"{carrier:<7}", *(f"{number:>9}" for number in numbers))
    except BlockingIOError:
        print(f"{path} is being brought up to date by another process.", file=sys.stderr)
        return os.EX_TEMPFAIL
    except sqlite3.Error as error:
        raise console.Failure(f"{path} can't be used: {error}.") from error
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
