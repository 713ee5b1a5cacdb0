"""A topic as a table: duckdb asks for its schema when a query names it, and for a stream when it reads it."""

from __future__ import annotations

import collections.abc as cabc
import threading
import weakref
from typing import Any

import pyarrow as pa

from framework.worker import cancelled_by
from framework_iterator.columns.places import FIELDS
from framework_iterator.control import raise_ctrl_c_again
from framework_iterator.errors import IteratorError
from framework_iterator.iterator import Iterator

Make = cabc.Callable[[], Iterator[Any]]


class TopicTable:
    """Each stream is a run of its own, but for a table that is kept: that one is read once.

    Args:
        name: The topic's name.
        make: Makes the Iterator of a run.
        schema: The columns; None where they are known only when it is read.
    """

    def __init__(self, name: str, make: Make, schema: pa.Schema | None) -> None:
        """Read nothing."""
        self.name = name
        self.is_kept = False
        self.error: BaseException | None = None
        self._make = make
        self._schema = schema
        self._opened: pa.RecordBatchReader | None = None
        self._kept: pa.Table | None = None
        self._running: weakref.WeakSet[Iterator[Any]] = weakref.WeakSet()
        self._is_stopped = threading.Event()
        self._lock = threading.Lock()

    @property
    def is_known(self) -> bool:
        """Whether the columns are known."""
        return self._schema is not None

    @property
    def has_no_payload(self) -> bool:
        """Whether the columns were taken from messages, and none of them has a payload."""
        return self._opened is not None and len(self._known()) == len(FIELDS) + 1  # the key

    def open(self) -> None:
        """Start the run that the columns are taken from; the first stream continues it."""
        if self._schema is None:
            self._opened = opened = self._open()
            self._schema = opened.schema

    def close(self) -> None:
        """End the run that no stream has continued."""
        self._opened = None

    def stop(self) -> None:
        """End what is running, and let nothing start; from any thread."""
        self._is_stopped.set()
        for iterator in list(self._running):
            try:
                iterator.stop()
            except IteratorError:  # it has ended
                continue

    def __arrow_c_schema__(self) -> object:
        """Return the columns, as Arrow's C data interface has them."""
        return self._known().__arrow_c_schema__()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the rows, as Arrow's C stream interface has them."""
        return self._reader().__arrow_c_stream__(requested_schema)

    def _known(self) -> pa.Schema:
        if self._schema is None:
            raise IteratorError(f"The columns of topic '{self.name}' aren't known yet.")
        return self._schema

    def _reader(self) -> pa.RecordBatchReader:
        if not self.is_kept:
            return pa.RecordBatchReader.from_batches(self._known(), self._rows())
        with self._lock:  # two scans of it may start at once
            kept = self._kept
            if kept is None:
                self._kept = kept = pa.Table.from_batches(self._rows(), self._known())
        return kept.to_reader()

    def _rows(self) -> cabc.Generator[pa.RecordBatch]:
        """Yield the record batches of a run, which ends with the generator."""
        self.error = None
        try:
            opened, self._opened = self._opened, None
            reader = self._open() if opened is None else opened
            self._check(reader.schema)
            while (batch := self._next(reader)) is not None:
                yield batch
        except KeyboardInterrupt:
            # duckdb makes an error of its own of it, which a program may catch.
            raise_ctrl_c_again()
            raise
        except Exception as error:
            # duckdb reads through a C interface, which has only room for a text.
            self.error = error
            raise IteratorError(f"{type(error).__name__}: {error}") from None

    def _open(self) -> pa.RecordBatchReader:
        self._check_interrupted()
        iterator = self._make()
        self._running.add(iterator)
        return iterator.to_arrow()

    def _next(self, reader: pa.RecordBatchReader) -> pa.RecordBatch | None:
        """Return the next record batch, or None at the end."""
        # Here, and not in `stop`: the run may be waiting for an answer of the broker.
        with cancelled_by(self._is_stopped):
            batch = next(reader, None)
        self._check_interrupted()  # also at the end: a run that was stopped has ended early
        return batch

    def _check_interrupted(self) -> None:
        if self._is_stopped.is_set():
            raise IteratorError("The query was interrupted.")

    def _check(self, schema: pa.Schema) -> None:
        if schema != self._known():
            raise IteratorError(
                f"The messages of topic '{self.name}' have other columns than when the query was made: "
                "make it again, or declare the topic's type."
            )
