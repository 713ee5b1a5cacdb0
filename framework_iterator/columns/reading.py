"""Runs as readers of record batches."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import dataclasses
import functools
from typing import Any, Final, TypeAlias

import pyarrow as pa

from framework import DeserializationError
from framework_iterator import loops
from framework_iterator.batch import Batch
from framework_iterator.columns.places import RAW, raw_record_batch
from framework_iterator.recipe import Recipe

_SIZE: Final = 500
"""Messages per batch of a run: one fetch."""
_ROWS: Final = 8_000
_BYTES: Final = 4 * 2**20
"""Rows and bytes of a record batch, about."""
_FIRST: Final = 1_000
"""Messages by which the types of payloads are inferred that nobody declared."""
_MOST: Final = 50_000
_MOST_BYTES: Final = 64 * 2**20
"""Messages and bytes that are kept to see a payload of each such topic: it may begin with tombstones."""

Batches: TypeAlias = cabc.Generator[Batch[Any, Any]]
Convert: TypeAlias = cabc.Callable[[Batch[Any, Any]], pa.RecordBatch]
Start: TypeAlias = cabc.Callable[[Recipe, Any], Batches]
"""Starts a run of a recipe, which gives what this loop gives."""


def open_reader(recipe: Recipe, columns: str, start: Start) -> pa.RecordBatchReader:
    """Return a reader of a run. The run starts with the first record batch, in the thread that reads it.

    Where types are inferred, it starts here.
    """
    recipe = dataclasses.replace(recipe, yield_none=False)
    read = functools.partial(loops.batches, size=_SIZE, least=1)
    if columns == "raw":
        return _reader(RAW, raw_record_batch, lambda: start(recipe, read), recipe)
    from framework_iterator.columns.table import Table  # late: bytes need none of what types do

    table = Table(recipe.deserializers())
    recipe = dataclasses.replace(recipe, filters=dataclasses.replace(recipe.filters, read=table.check))
    if table.is_complete:
        return _reader(table.schema, table.record_batch, lambda: start(recipe, read), recipe)
    batches = start(recipe, read)
    try:
        first = _first(batches, table.unknown, follow=recipe.settings.follow)
        table.infer(first)
    except BaseException:
        batches.close()
        raise
    return _reader(table.schema, table.record_batch, _Rest(first, batches), recipe)


class _Rest:
    """What a run has given, and then what it gives."""

    def __init__(self, first: list[Batch[Any, Any]], batches: Batches) -> None:
        self._first, self._batches = first, batches

    def __call__(self) -> Batches:
        while self._first:
            yield self._first.pop(0)
        yield from self._batches


def _first(batches: Batches, unknown: frozenset[str], *, follow: bool) -> list[Batch[Any, Any]]:
    """Return the first batches, with a payload of each unknown topic if there is; one where it follows."""
    first: list[Batch[Any, Any]] = []
    count = size = 0
    for batch in batches:
        first.append(batch)
        count += len(batch)
        if unknown:
            rows = [row for row in zip(batch.topics, batch.raw_payloads, strict=True) if row[1] is not None]
            unknown -= {topic for topic, _ in rows}
            size += sum(len(payload) for _, payload in rows if payload is not None)
        if follow or (count >= _FIRST and (not unknown or count >= _MOST or size >= _MOST_BYTES)):
            break
    return first


def _reader(
    schema: pa.Schema, convert: Convert, batches: cabc.Callable[[], Batches], recipe: Recipe
) -> pa.RecordBatchReader:
    rows = _ROWS if not recipe.settings.follow else 0
    return pa.RecordBatchReader.from_batches(schema, _record_batches(convert, batches, rows))


def _record_batches(
    convert: Convert, batches: cabc.Callable[[], Batches], rows: int
) -> cabc.Generator[pa.RecordBatch]:
    """Yield record batches of about so many rows; before an error, the rows that the run has given."""
    waiting: list[pa.RecordBatch] = []
    count = size = 0
    error: Exception | None = None
    # Closed here: an exception that is kept would keep the run open with its traceback.
    with contextlib.closing(batches()) as run:
        try:
            for batch in run:
                made, error = _converted(convert, batch)
                waiting.append(made)
                if error is not None:
                    break
                count, size = count + made.num_rows, size + made.get_total_buffer_size()
                if count >= rows or size >= _BYTES:
                    yield pa.concat_batches(waiting)
                    waiting, count, size = [], 0, 0
        except Exception as found:  # of the run, or of a function of a user
            error = found
    if waiting:
        yield pa.concat_batches(waiting)
    if error is not None:
        try:
            raise error
        finally:
            del error  # its traceback has this frame


def _converted(
    convert: Convert, batch: Batch[Any, Any]
) -> tuple[pa.RecordBatch, DeserializationError | None]:
    """Return the rows before the first message that is an error, as a loop gives them, and the error."""
    first = None
    while True:
        try:
            return convert(batch), first
        except DeserializationError as error:  # maybe not the first: columns are made one by one
            first, batch = error, _before(batch, error)


def _before(batch: Batch[Any, Any], error: DeserializationError) -> Batch[Any, Any]:
    """Return the part of a batch before the message that an error names."""
    for index, native in enumerate(batch.natives):
        if (native.topic(), native.partition(), native.offset()) == (
            error.topic,
            error.partition,
            error.offset,
        ):
            return batch.take(range(index))
    raise error
