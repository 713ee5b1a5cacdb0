"""Iterator, as columns: into memory that is freed again, and into a file."""

from __future__ import annotations

import pathlib
import tempfile
from typing import Any

import pyarrow
import pyarrow.compute
import pyarrow.parquet

import framework_iterator
import framework_iterator.columns.table  # with the line below the imports: they aren't measured
import framework_iterator.exporting.formats
from example_app.models import Flight
from framework import Topic
from framework_iterator import Iterator
from tests.benchmarks.contenders.flight import FlightStruct, PlainFlight
from tests.benchmarks.contenders.iterator import application
from tests.benchmarks.contenders.program import Counts, run

pyarrow.array([0])  # pyarrow imports pandas with the first array, where it is installed


def raw(servers: str, topic: str) -> Counts:
    messages = size = 0
    for batch in Iterator(topic, app=application(servers)).to_arrow("raw"):
        messages += batch.num_rows
        size += pyarrow.compute.sum(pyarrow.compute.binary_length(batch["raw_payload"])).as_py()
    return {"messages": messages, "bytes": size}


def typed(servers: str, topic: str) -> Counts:
    return _distances(servers, Topic(topic, payload=Flight))


def typed_struct(servers: str, topic: str) -> Counts:
    return _distances(servers, Topic(topic, payload=FlightStruct))


def typed_plain(servers: str, topic: str) -> Counts:
    return _distances(servers, Topic(topic, payload=PlainFlight))


def export(servers: str, topic: str) -> Counts:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "flights.parquet")
        framework_iterator.export(Iterator(Topic(topic, payload=Flight), app=application(servers)), path)
        distance = pyarrow.parquet.read_table(path, columns=["distance"])["distance"]
        return {"messages": len(distance), "distance": pyarrow.compute.sum(distance).as_py()}


def _distances(servers: str, topic: Topic[Any]) -> Counts:
    messages = distance = 0
    for batch in Iterator(topic, app=application(servers)).to_arrow():
        messages += batch.num_rows
        distance += pyarrow.compute.sum(batch["distance"]).as_py()
    return {"messages": messages, "distance": distance}


if __name__ == "__main__":
    run(
        {
            "raw": raw,
            "typed": typed,
            "typed_plain": typed_plain,
            "typed_struct": typed_struct,
            "export": export,
        }
    )
