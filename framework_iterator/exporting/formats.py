"""The formats of files: each is opened for a schema, and gives what writes a record batch."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
from typing import IO, Final, TypeAlias

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from framework_iterator.exporting.rows import flat_schema, flattened, json_lines

_GROUP: Final = 16 * 2**20
"""Bytes of a row group of Parquet in memory, about."""

Write: TypeAlias = cabc.Callable[[pa.RecordBatch], object]


@contextlib.contextmanager
def _parquet(file: IO[bytes], schema: pa.Schema) -> cabc.Generator[Write]:
    waiting: list[pa.RecordBatch] = []
    with pyarrow.parquet.ParquetWriter(file, schema, compression="zstd") as writer:

        def flush() -> None:
            table = pa.Table.from_batches(waiting)
            writer.write_table(table, row_group_size=max(1, table.num_rows))
            waiting.clear()

        def write(batch: pa.RecordBatch) -> None:
            waiting.append(batch)
            if sum(each.nbytes for each in waiting) >= _GROUP:
                flush()

        yield write
        if waiting:
            flush()


@contextlib.contextmanager
def _arrow(file: IO[bytes], schema: pa.Schema) -> cabc.Generator[Write]:
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_file(file, schema, options=options) as writer:
        yield writer.write_batch


@contextlib.contextmanager
def _csv(file: IO[bytes], schema: pa.Schema) -> cabc.Generator[Write]:
    with pyarrow.csv.CSVWriter(file, flat_schema(schema)):
        pass  # the names
    # A batch at a time: a column may be text in one of them only, see flattened().
    options = pyarrow.csv.WriteOptions(include_header=False)
    yield lambda batch: pyarrow.csv.write_csv(flattened(batch), file, options)


@contextlib.contextmanager
def _jsonl(file: IO[bytes], _schema: pa.Schema) -> cabc.Generator[Write]:
    yield lambda batch: file.writelines(json_lines(batch))


Open: TypeAlias = cabc.Callable[[IO[bytes], pa.Schema], contextlib.AbstractContextManager[Write]]
FORMATS: Final[dict[str, Open]] = {".arrow": _arrow, ".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet}
