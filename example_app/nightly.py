"""Export flights to Parquet, a file for each day: `framework export-days FOLDER`, for cron.

The files are the memory of this task. Each run reads from them how far each partition was exported, and
goes on there, so that every message is in exactly one file, also one that came too late for its day: it is
in the next file. A file appears when it is complete. After a kill, or a night that was missed, the next run
writes what is missing; without a new day it writes nothing.
"""

from __future__ import annotations

import collections.abc as cabc
import datetime
import pathlib
from typing import Any

from framework import App, Topic
from framework_iterator import Iterator, Report, export

DAY = datetime.timedelta(days=1)


def export_days(
    topic: Topic[Any], folder: pathlib.Path, today: datetime.date, *, app: App | None = None
) -> cabc.Iterator[tuple[pathlib.Path, Report]]:
    """Write the days before today that have no file yet, and yield each file with the report of its run.

    Days are those of UTC.

    Args:
        topic: What is exported.
        folder: Gets files like `flights-2013-12-25.parquet`.
        today: A day that isn't over, and is left out.
        app: The application.
    """
    while True:
        files = sorted(folder.glob(f"{topic.name}-????-??-??.parquet"))
        positions = {topic.name: positions_in(files)}
        first = Iterator(topic, resume=positions, order="time", app=app).first()
        if first is None or first.timestamp is None:
            return
        day = first.timestamp.date()
        if files:  # a message that came too late is in the file of a later day
            day = max(day, datetime.date.fromisoformat(files[-1].stem[-10:]) + DAY)
        if day >= today:
            return
        path = folder / f"{topic.name}-{day}.parquet"
        midnight = datetime.datetime.combine(day + DAY, datetime.time(), datetime.UTC)
        yield path, export(Iterator(topic, resume=positions, until=midnight, app=app), path)


def positions_in(files: cabc.Sequence[pathlib.Path]) -> dict[int, int]:
    """Return the next offset of each partition after those that the files have."""
    import duckdb  # late: other commands don't need it

    if not files:
        return {}
    query = 'select partition, max("offset") + 1 from read_parquet(?) group by partition'
    return dict(duckdb.execute(query, [[str(file) for file in files]]).fetchall())
