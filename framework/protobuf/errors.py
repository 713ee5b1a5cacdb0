"""What can be wrong with a Protobuf schema, and with bytes that should follow one."""

from __future__ import annotations


class ProtobufSchemaError(ValueError):
    """A schema can't be compiled, or imports a file that is missing."""


class ProtobufDecodeError(ValueError):
    """Bytes don't follow their schema, or hold a value that Python has no type for."""
