"""The columns of a run, in which each topic has its own."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, Final

import pyarrow as pa

from framework import DeserializationError, Message
from framework.deserializers import CompiledDeserializers, ready
from framework_iterator.batch import Batch, ByTopic
from framework_iterator.columns.json_rows import JsonRows, json_rows
from framework_iterator.columns.layout import (
    Column,
    Layout,
    MisfitError,
    array,
    key_kind,
    kind_name,
    layout_of,
    layout_of_tree,
    layout_of_values,
)
from framework_iterator.columns.places import FIELDS, places
from framework_iterator.columns.schemas import First, declared_tree, registered_tree
from framework_iterator.errors import InvalidOptionError

_ADVICE: Final = (
    "Declare another type for it (--payload-as, --key-as), or read columns='raw' (--raw), or pass "
    "errors='skip' (--skip)."
)
_BESIDE_SKIP: Final = "Declare another type for it (--payload-as, --key-as), or read columns='raw' (--raw)."
_TEXTS: Final = (str, ready.text, ready.text_or_bytes)
"""Deserializers of text, which is the bytes where they are UTF-8."""


class Table:
    """Makes record batches of messages.

    Args:
        deserializers: Of each topic.
    """

    def __init__(self, deserializers: ByTopic) -> None:
        """Find the columns of the topics whose types are declared; others need `infer`."""
        self._deserializers = deserializers
        self._layouts = {name: _layout_of(each.declared.payload) for name, each in deserializers.items()}
        self._has_text_keys = all(each.declared.key in _TEXTS for each in deserializers.values())
        found = {name: Column("key", key_kind(each.declared.key)) for name, each in deserializers.items()}
        self._key = _union(found.items())["key"]
        if self.is_complete:
            self._complete()

    @property
    def is_complete(self) -> bool:
        """Whether all columns are known."""
        return not self.unknown

    @property
    def unknown(self) -> frozenset[str]:
        """The topics whose columns aren't known yet."""
        return frozenset(name for name, layout in self._layouts.items() if layout is None)

    def infer(self, batches: cabc.Iterable[Batch[Any, Any]]) -> None:
        """Find the columns of the other topics by the first messages.

        A topic has those of its schemas; where there are none, all such topics have the same, by the values.
        """
        first: dict[str, list[First]] = {name: [] for name in self._deserializers}
        for batch in batches:
            rows = zip(batch.topics, batch.raw_payloads, batch.raw_headers, payloads_of(batch), strict=True)
            for topic, raw, headers, payload in rows:
                if raw is not None:
                    first[topic].append(First(raw, headers, payload))
        missing = [name for name, layout in self._layouts.items() if layout is None]
        for name in missing:
            if (tree := registered_tree(name, self._deserializers[name], first[name])) is not None:
                self._layouts[name] = layout_of_tree(tree)
        missing = [name for name in missing if self._layouts[name] is None]
        layout = layout_of_values([each.payload for name in missing for each in first[name]])
        self._layouts.update(dict.fromkeys(missing, layout))
        self._complete()

    def _complete(self) -> None:
        layouts = {name: each for name, each in self._layouts.items() if each is not None}
        self._by_topic = layouts
        self._json_rows = {name: self._rows_of(name, layout) for name, layout in layouts.items()}
        self._columns = _union((name, column) for name, each in layouts.items() for column in each.columns)
        fields = [each.kind.field(each.name) for each in (self._key, *self._columns.values())]
        self.schema = pa.schema([*FIELDS, *fields])

    def record_batch(self, batch: Batch[Any, Any]) -> pa.RecordBatch:
        """Return the messages as columns, or raise a DeserializationError."""
        try:
            keys = self._keys(batch)
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

    def _keys(self, batch: Batch[Any, Any]) -> pa.Array:
        if self._has_text_keys and batch.is_unmade:
            try:
                return pa.array(batch.raw_keys, pa.string())  # it looks whether they are UTF-8
            except pa.ArrowInvalid:  # one is no UTF-8
                pass
        return array("key", self._key.kind, keys_of(batch))

    def _rows_of(self, topic: str, layout: Layout) -> JsonRows | None:
        compiled = self._deserializers[topic]
        return json_rows(compiled.declared.payload, layout, compiled.payload_of)

    def _arrays(self, batch: Batch[Any, Any]) -> list[pa.Array]:
        """Return the columns of all topics; a topic without one of them has nulls there."""
        if batch.is_of_one_topic:
            [topic] = self._by_topic
            return self._arrays_of(topic, batch)
        parts: dict[str, list[pa.Array]] = {name: [] for name in self._columns}
        start = 0
        for topic, part in batch.by_topic():
            found = self._arrays_by_name(topic, part, start)
            for name, column in self._columns.items():
                parts[name].append(found.get(name) or pa.nulls(len(part), column.kind.type))
            start += len(part)
        return [
            pa.concat_arrays(each) if each else pa.nulls(0, self._columns[name].kind.type)
            for name, each in parts.items()
        ]

    def _arrays_by_name(self, topic: str, part: Batch[Any, Any], start: int) -> dict[str, pa.Array]:
        columns = self._by_topic[topic].columns
        try:
            return {c.name: each for c, each in zip(columns, self._arrays_of(topic, part), strict=True)}
        except MisfitError as error:
            error.index += start
            raise

    def _arrays_of(self, topic: str, batch: Batch[Any, Any]) -> list[pa.Array]:
        rows = self._json_rows[topic]
        # Where messages were made, as for `where`, their payloads are there already.
        if rows is not None and batch.is_unmade and (arrays := rows.arrays(batch.raw_payloads)) is not None:
            return arrays
        return self._by_topic[topic].arrays(payloads_of(batch))


def _layout_of(declared: Any) -> Layout | None:
    tree = declared_tree(declared)
    return layout_of(declared) if tree is None else layout_of_tree(tree)


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
