"""A topic as a table: each stream is a run, one that is kept is read once, and an error keeps its type."""

from __future__ import annotations

import collections.abc as cabc
import gc
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from framework import BrokerError
from framework_iterator import IteratorError
from framework_iterator.querying.table import TopicTable

SCHEMA = pa.schema([("a", pa.int64())])


class Runs:
    """Stands for the Iterators of a topic, and notes what they do."""

    def __init__(self, count: int = 2, error: Exception | None = None) -> None:
        self.count, self.error, self.schema = count, error, SCHEMA
        self.happened: list[str] = []

    def __call__(self) -> Any:
        return Run(self)


class Run:
    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def to_arrow(self) -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(self._runs.schema, self._batches())

    def stop(self) -> None:
        self._runs.happened.append("stop")

    def _batches(self) -> cabc.Generator[pa.RecordBatch]:
        self._runs.happened.append("begin")
        try:
            for number in range(self._runs.count):
                yield pa.RecordBatch.from_pydict({"a": [number]}, SCHEMA)
            if self._runs.error is not None:
                raise self._runs.error
        finally:
            self._runs.happened.append("end")


def relation(table: TopicTable, query: str = "select count(*) from flights") -> duckdb.DuckDBPyRelation:
    connection = duckdb.connect()
    connection.register("flights", table)
    return connection.sql(query)


def test_nothing_is_read_before_it_is_fetched_and_then_each_time_anew() -> None:
    runs = Runs()
    found = relation(TopicTable("flights", runs, SCHEMA))
    assert runs.happened == []
    assert found.fetchall() == found.fetchall() == [(2,)]
    assert runs.happened == ["begin", "end"] * 2


def test_a_table_that_is_kept_is_read_once() -> None:
    runs = Runs()
    table = TopicTable("flights", runs, SCHEMA)
    table.is_kept = True
    found = relation(table, "select count(*) from flights join flights using (a)")
    assert found.fetchall() == found.fetchall() == [(2,)]
    assert runs.happened == ["begin", "end"]


def test_a_limit_ends_the_run() -> None:
    runs = Runs(count=1_000_000)
    assert relation(TopicTable("flights", runs, SCHEMA), "select a from flights limit 1").fetchall() == [(0,)]
    assert runs.happened == ["begin", "end"]


def test_the_run_that_gave_the_columns_is_continued() -> None:
    runs = Runs()
    table = TopicTable("flights", runs, None)
    assert not table.is_known
    table.open()
    assert table.is_known
    assert relation(table).fetchall() == [(2,)]
    assert runs.happened == ["begin", "end"]


def test_a_run_that_is_dropped_unread_ends() -> None:
    runs = Runs()

    def started() -> Any:
        run = Run(runs)
        run.to_arrow = lambda: _started(run)  # type: ignore[method-assign]
        return run

    table = TopicTable("flights", started, None)
    table.open()
    found = relation(table)
    assert runs.happened == ["begin"]
    del found, table
    gc.collect()
    assert runs.happened == ["begin", "end"]


def _started(run: Run) -> pa.RecordBatchReader:
    batches = run._batches()
    first = next(batches)

    def rest() -> cabc.Generator[pa.RecordBatch]:
        yield first
        yield from batches

    return pa.RecordBatchReader.from_batches(SCHEMA, rest())


@pytest.mark.parametrize("is_kept", [False, True])
def test_an_error_keeps_its_type_and_duckdb_has_its_text(is_kept: bool) -> None:
    error = BrokerError("No broker answered.")
    table = TopicTable("flights", Runs(error=error), SCHEMA)
    table.is_kept = is_kept
    with pytest.raises(duckdb.Error, match=r"BrokerError: No broker answered\."):
        relation(table).fetchall()
    assert table.error is error


def test_columns_that_have_changed_since() -> None:
    runs = Runs()
    table = TopicTable("flights", runs, None)
    table.open()
    found = relation(table)
    assert found.fetchall() == [(2,)]
    runs.schema = pa.schema([("b", pa.int64())])
    with pytest.raises(duckdb.Error, match="have other columns than when the query was made: make it again"):
        found.fetchall()


def test_what_was_interrupted_starts_nothing() -> None:
    runs = Runs()
    table = TopicTable("flights", runs, SCHEMA)
    found = relation(table)
    table.stop()
    with pytest.raises(duckdb.Error, match=r"The query was interrupted\."):
        found.fetchall()
    assert runs.happened == []
    assert isinstance(table.error, IteratorError)
