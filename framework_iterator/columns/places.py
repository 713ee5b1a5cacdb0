"""The columns that say which message a row is, and those of the bytes."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa

from framework_iterator.batch import Batch

FIELDS: Final = (
    pa.field("topic", pa.string(), nullable=False),
    pa.field("partition", pa.int32(), nullable=False),
    pa.field("offset", pa.int64(), nullable=False),
    pa.field("timestamp", pa.timestamp("ms", "UTC")),
)
_HEADER: Final = pa.struct([pa.field("name", pa.string(), nullable=False), pa.field("value", pa.binary())])
_HEADERS: Final = pa.list_(pa.field("item", _HEADER, nullable=False))
RAW: Final = pa.schema(
    [
        *FIELDS,
        pa.field("raw_key", pa.binary()),
        pa.field("raw_payload", pa.binary()),
        pa.field("raw_headers", _HEADERS, nullable=False),
    ]
)
"""The columns of bytes."""


def places(batch: Batch[Any, Any]) -> list[pa.Array]:
    """Return topic, partition, offset and timestamp of each message."""
    if batch.is_of_one_topic and len(batch):
        topics = pa.repeat(batch.natives[0].topic(), len(batch))
    else:
        topics = pa.array(batch.topics, pa.string())
    return [
        topics,
        pa.array(batch.partitions, pa.int32()),
        pa.array(batch.offsets, pa.int64()),
        pa.array(batch.raw_timestamps, pa.timestamp("ms", "UTC")),
    ]


def raw_record_batch(batch: Batch[Any, Any]) -> pa.RecordBatch:
    """Return the messages as columns of bytes; nothing is deserialized."""
    binary = pa.binary()
    arrays = [
        pa.array(batch.raw_keys, binary),
        pa.array(batch.raw_payloads, binary),
        _headers(batch),
    ]
    return pa.RecordBatch.from_arrays([*places(batch), *arrays], schema=RAW)


def _headers(batch: Batch[Any, Any]) -> pa.Array:
    if batch.has_headers:
        return pa.array(batch.raw_headers, _HEADERS)
    # Most messages have none: a tenth of the time.
    offsets = pa.repeat(pa.scalar(0, pa.int32()), len(batch) + 1)
    return pa.ListArray.from_arrays(offsets, pa.array([], _HEADER), type=_HEADERS)
