"""Deserializers: the ready ones, and the declaration of those of a topic.

    app.topic("flights", payload=json, key=int64)

A part of a message (payload, key or headers) is declared with a type, a callable or an object; see
`Deserializers`. A declaration is checked at once and compiled once per run, when forward references
can be resolved.
"""

from framework.deserializers.compiled import CompiledDeserializers, CompiledPart
from framework.deserializers.declared import Deserializers
from framework.deserializers.ready import (
    float32,
    float64,
    int32,
    int64,
    json,
    msgpack,
    raw,
    text,
    uuid,
    xml,
)
from framework.deserializers.recognized import auto
from framework.models import describe

__all__ = [
    "CompiledDeserializers",
    "CompiledPart",
    "Deserializers",
    "auto",
    "describe",
    "float32",
    "float64",
    "int32",
    "int64",
    "json",
    "msgpack",
    "raw",
    "text",
    "uuid",
    "xml",
]
