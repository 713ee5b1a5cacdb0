"""What compiling an Avro schema and decoding with it raise."""

from __future__ import annotations


class AvroSchemaError(ValueError):
    """The schema is invalid, or the reader's schema can't read what the writer's schema describes."""


class AvroDecodeError(ValueError):
    """The bytes don't fit the schema."""
