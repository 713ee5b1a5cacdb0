"""Keep a summary of delays per carrier: `python -m example_app.maintenance delays.db`, for cron.

Each run adds the flights since the last one. The task may be killed between any two instructions, and
still no flight is missed or counted twice:

- The counts and the positions up to which they go are written in one transaction, so they always agree.
- A run starts at the positions in the file, not at the committed offsets. Marks are "at least once": after
  a kill between the count and the commit, the same flights would be read again. For idempotent work, marks
  and `Iterator({flights: True})` are enough; a sum is not idempotent.
- Messages are marked after each transaction, too, for those who monitor the group's lag.
- A lock excludes a second process. The system releases it with the process, however that ends.
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

# Without waiting for the disk, a power cut may undo the last transactions. Their positions are undone as
# well, so those flights are read again.
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
    """Add the flights since the last run to the summary; BlockingIOError while another process does."""
    added = 0
    # The lock is a separate file: SQLite has its own locks on the database.
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
    """Return the start of each partition, including those that were created since the last run."""
    starts: dict[int, int] = dict(file.execute("SELECT * FROM positions"))
    for each in plan:
        name, start = f"{each.topic}-{each.partition}", starts.setdefault(each.partition, each.low)
        if start > each.high:
            raise console.Failure(
                f"{name} ends at {each.high}, but was counted up to {start}: the topic was recreated. "
                "Move the summary away to start a new one."
            )
        if start < each.low:
            print(f"{name}: {each.low - start} offsets were removed before they were read.", file=sys.stderr)
    return starts


def add(file: sqlite3.Connection, message: Message[Flight]) -> bool:
    """Count a message if it is a flight; print one that is unreadable, and continue."""
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
    """Add the flights since the last run to a summary of delays per carrier, and show it."""
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
        print(f"{path} is being updated by another process.", file=sys.stderr)
        return os.EX_TEMPFAIL
    except sqlite3.Error as error:
        raise console.Failure(f"{path} is unusable: {error}.") from error
    return 0


if __name__ == "__main__":
    sys.exit(console.run(main))
