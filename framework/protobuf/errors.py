"""What can be wrong with a Protobuf schema, and with bytes that should follow one."""

from __future__ import annotations


class ProtobufSchemaError(ValueError):
    """A schema can't be compiled, or imports a file that is missing."""


class ProtobufSetupError(ProtobufSchemaError):
    """A schema can't be compiled here and now; the schema itself may be valid."""


class ProtobufDecodeError(ValueError):
    """Bytes don't follow their schema, or hold a value that Python has no type for."""
