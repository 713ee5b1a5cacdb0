"""Decodes Avro: compiles a schema into a function.

Our own, since deserialization is what the framework is for: about twice as fast as fastavro's compiled
reader, and strict, where that one ignores bytes that are left over and a hostile message can end the process.
"""

from __future__ import annotations

from framework.avro.compiling import Decoder, compile_avro, root_type
from framework.avro.errors import AvroDecodeError, AvroSchemaError

__all__ = ["AvroDecodeError", "AvroSchemaError", "Decoder", "compile_avro", "root_type"]
