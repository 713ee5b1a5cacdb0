"""SQL, and pandas as most people would write it."""

from __future__ import annotations

import contextlib
import json
import pathlib
import tempfile
from typing import Any

import duckdb  # noqa: F401  # with the next two, so that imports are not in the time that is measured
import pandas
import pyarrow.parquet

import framework_iterator
from example_app.models import Flight
from framework import Topic
from tests.benchmarks.contenders import poll
from tests.benchmarks.contenders.iterator import application
from tests.benchmarks.contenders.program import Counts, run


def sql(servers: str, topic: str) -> Counts:
    query = f'select carrier, count(*), sum(distance), avg(dep_delay) from "{topic}" group by carrier'
    rows = framework_iterator.sql(
        query, topics=[Topic(topic, payload=Flight)], app=application(servers)
    ).fetchall()
    return {"messages": sum(row[1] for row in rows), "distance": int(sum(row[2] for row in rows))}


def pandas_parquet(servers: str, topic: str) -> Counts:
    """The loop around poll(1.0), with the columns that an export has."""
    rows: list[dict[str, Any]] = []
    with contextlib.closing(poll.open_consumer(servers)) as consumer:
        running = poll.assign(consumer, topic)
        while running:
            message = consumer.poll(1.0)
            if message is None:
                continue
            if message.error():
                poll.end(running, message)
                continue
            place = {
                "topic": message.topic(),
                "partition": message.partition(),
                "offset": message.offset(),
                "timestamp": message.timestamp()[1],
                "key": (message.key() or b"").decode(),
            }
            rows.append(place | json.loads(message.value()))
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "flights.parquet")
        pandas.DataFrame(rows).to_parquet(path)
        distance = pyarrow.parquet.read_table(path, columns=["distance"])["distance"]
        return {"messages": len(distance), "distance": int(distance.to_pandas().sum())}


if __name__ == "__main__":
    run({"sql": sql, "pandas_parquet": pandas_parquet})
