"""The columns of a run, in which each topic has its own."""

from __future__ import annotations

import collections.abc as cabc
import itertools
from typing import Any, Final

import pyarrow as pa

from framework import DeserializationError, Message
from framework.deserializers import CompiledDeserializers
from framework_iterator.batch import Batch, ByTopic
from framework_iterator.columns.layout import (
    Column,
    Layout,
    MisfitError,
    array,
    key_kind,
    kind_name,
    layout_of,
    layout_of_values,
)
from framework_iterator.columns.places import FIELDS, places
from framework_iterator.errors import InvalidOptionError

_ADVICE: Final = (
    "Declare another type for it, or read columns='raw', or pass errors='skip' "
    "(--raw and --skip on the command line)."
)
_BESIDE_SKIP: Final = "Declare another type for it, or read columns='raw' (--raw on the command line)."


class Table:
    """Makes record batches of messages.

    Args:
        deserializers: Of each topic.
    """

    def __init__(self, deserializers: ByTopic) -> None:
        """Find the columns of the topics whose types are declared; others need `infer`."""
        self._deserializers = deserializers
        self._layouts = {name: layout_of(each.declared.payload) for name, each in deserializers.items()}
        found = {name: Column("key", key_kind(each.declared.key)) for name, each in deserializers.items()}
        self._key = _union(found.items())["key"]
        if self.is_complete:
            self._complete()

    @property
    def is_complete(self) -> bool:
        """Whether all columns are known."""
        return None not in self._layouts.values()

    def infer(self, batches: cabc.Iterable[Batch[Any, Any]]) -> None:
        """Find the columns of the other topics by the first messages. What has another type has its own."""
        first = [pair for each in batches for pair in zip(each.topics, payloads_of(each), strict=True)]
        missing = [name for name, layout in self._layouts.items() if layout is None]
        layout = layout_of_values([payload for topic, payload in first if topic in missing])
        self._layouts.update(dict.fromkeys(missing, layout))
        self._complete()

    def _complete(self) -> None:
        layouts = {name: each for name, each in self._layouts.items() if each is not None}
        self._by_topic = dict(layouts)
        self._columns = _union((name, column) for name, each in layouts.items() for column in each.columns)
        self._only = layouts.popitem()[1] if len(set(map(id, layouts.values()))) == 1 else None
        fields = [each.kind.field(each.name) for each in (self._key, *self._columns.values())]
        self.schema = pa.schema([*FIELDS, *fields])

    def record_batch(self, batch: Batch[Any, Any]) -> pa.RecordBatch:
        """Return the messages as columns, or raise a DeserializationError."""
        try:
            keys = array("key", self._key.kind, keys_of(batch))
            arrays = self._arrays(batch)
        except MisfitError as error:
            raise _misfit(batch, error) from error
        return pa.RecordBatch.from_arrays([*places(batch), keys, *arrays], schema=self.schema)

    def check(self, message: Message[Any]) -> None:
        """Raise a DeserializationError for a message that can't be a row: with it, a run skips messages."""
        compiled = self._deserializers[message.topic]
        one = Batch([], {message.topic: compiled}, [message])
        try:
            array("key", self._key.kind, [message.key])
            layout = self._layouts[message.topic]
            payload = message.payload
            if layout is not None:
                layout.arrays([payload])
        except MisfitError as error:
            raise _misfit(one, error, _BESIDE_SKIP) from error

    def _arrays(self, batch: Batch[Any, Any]) -> list[pa.Array]:
        payloads = payloads_of(batch)
        if self._only is not None:
            return self._only.arrays(payloads)
        return self._arrays_by_topic(batch.topics, payloads)

    def _arrays_by_topic(self, topics: list[str], payloads: list[Any]) -> list[pa.Array]:
        """Return the columns of all topics; a topic without one of them has nulls there."""
        parts: dict[str, list[pa.Array]] = {name: [] for name in self._columns}
        start = 0
        for topic, slice_ in itertools.groupby(topics):
            stop = start + sum(1 for _ in slice_)
            found = self._arrays_of(self._by_topic[topic], payloads[start:stop], start)
            for name, column in self._columns.items():
                parts[name].append(found.get(name) or pa.nulls(stop - start, column.kind.type))
            start = stop
        return [pa.concat_arrays(each) for each in parts.values()]

    def _arrays_of(self, layout: Layout, payloads: list[Any], start: int) -> dict[str, pa.Array]:
        try:
            return {c.name: each for c, each in zip(layout.columns, layout.arrays(payloads), strict=True)}
        except MisfitError as error:
            error.index += start
            raise


def payloads_of(batch: Batch[Any, Any]) -> list[Any]:
    """Return the payloads. Where nobody has the messages, none are made: half of the time of raw bytes."""
    call = None if (compiled := _only(batch)) is None else compiled.payload_of
    if call is None:
        return batch.payloads
    try:
        return [None if data is None else call(data) for data in batch.raw_payloads]
    except Exception:
        return batch.payloads  # which says what is wrong with which message


def keys_of(batch: Batch[Any, Any]) -> list[Any]:
    """Return the keys, in the same way."""
    compiled = _only(batch)
    if compiled is None or compiled.key.takes_message or compiled.key.takes_headers:
        return batch.keys
    call = compiled.key.call
    try:
        return [None if data is None else call(data) for data in batch.raw_keys]
    except Exception:
        return batch.keys


def _only(batch: Batch[Any, Any]) -> CompiledDeserializers | None:
    return batch.only_deserializers if batch.is_unmade else None


def _misfit(batch: Batch[Any, Any], error: MisfitError, advice: str = _ADVICE) -> DeserializationError:
    message = batch[error.index]
    return DeserializationError(
        f"Can't put {message} into columns: {error}. {advice}",
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        part="payload",
    )


def _union(columns: cabc.Iterable[tuple[str, Column]]) -> dict[str, Column]:
    """Return the columns of all topics by name; one with two types is an InvalidOptionError."""
    union: dict[str, tuple[str, Column]] = {}
    for topic, column in columns:
        other, known = union.setdefault(column.name, (topic, column))
        if known.kind.field("") != column.kind.field(""):
            raise InvalidOptionError(
                f"Column '{column.name}' is {kind_name(known.kind)} in '{other}' and "
                f"{kind_name(column.kind)} in '{topic}': read these topics one by one, or pass columns='raw'."
            )
    return {name: column for name, (_, column) in union.items()}
