"""What a logical type becomes that a reader's schema reads as another.

The specification speaks of decimals only. But a number of milliseconds that is read as microseconds is wrong
without a sign of it, so units are converted, and what has another meaning can't be read.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from framework.avro.errors import AvroSchemaError
from framework.avro.nodes import Logical

# The names of these are followed by a unit. A timestamp is a point in time, while a local one is what a clock
# shows in a place that isn't known, so neither can be made of the other.
_WITH_UNITS: Final = ("timestamp", "local-timestamp", "time")


def is_readable(writer: Logical | None, reader: Logical | None) -> bool:
    """Whether both mean the same kind of value.

    Where one of them has no logical type, the number is taken as it is, as the specification asks: schemas
    get logical types later on.
    """
    return writer is None or reader is None or _meaning(writer) == _meaning(reader)


def resolve_logical(writer: Logical | None, reader: Logical | None) -> Logical | None:
    """Return the logical type of the value; another scale of a decimal is an AvroSchemaError.

    A unit is that of the writer. The value has all digits that were written, as with fastavro.
    """
    if writer is None or reader is None:
        return reader
    if reader.name == "decimal":
        _check_scale(writer, reader)
        return reader
    if writer.name == reader.name:
        return reader
    # Nanoseconds are ints, the others datetimes.
    if writer.name.endswith("nanos") or reader.name.endswith("nanos"):
        return dataclasses.replace(writer, read_as=reader.name)
    return writer


def _meaning(logical: Logical) -> str:
    meaning = logical.name.rpartition("-")[0]
    return meaning if meaning in _WITH_UNITS else logical.name


def _check_scale(writer: Logical, reader: Logical) -> None:
    """Refuse another scale, as the specification asks: the numbers would be wrong by powers of ten.

    Another precision, of which it asks the same, is harmless, and schemas change so.
    """
    if writer.scale != reader.scale:
        raise AvroSchemaError(
            f"A decimal of scale {writer.scale} was written, but the reader's schema asks for scale "
            f"{reader.scale}."
        )
