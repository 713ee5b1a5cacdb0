"""SQL, and pandas as most people would write it."""

from __future__ import annotations

import pathlib
import tempfile

import duckdb  # noqa: F401  # with the next two, so that imports are not in the time that is measured
import pandas
import pyarrow.parquet

import framework_iterator
from example_app.models import Flight
from framework import Topic
from framework_iterator import Iterator
from tests.benchmarks.contenders.iterator import application
from tests.benchmarks.contenders.program import Counts, run


def sql(servers: str, topic: str) -> Counts:
    query = f'select carrier, count(*), sum(distance), avg(dep_delay) from "{topic}" group by carrier'
    rows = framework_iterator.sql(
        query, topics=[Topic(topic, payload=Flight)], app=application(servers)
    ).fetchall()
    return {"messages": sum(row[1] for row in rows), "distance": int(sum(row[2] for row in rows))}


def pandas_parquet(servers: str, topic: str) -> Counts:
    rows = [message.payload for message in Iterator(topic, app=application(servers))]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "flights.parquet")
        pandas.DataFrame(rows).to_parquet(path)
        distance = pyarrow.parquet.read_table(path, columns=["distance"])["distance"]
        return {"messages": len(distance), "distance": int(distance.to_pandas().sum())}


if __name__ == "__main__":
    run({"sql": sql, "pandas_parquet": pandas_parquet})
