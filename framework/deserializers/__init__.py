"""Deserializers: the ready ones, and the declaration of those of a topic.

    app.topic("flights", payload=json, key=int64)

A part of a message (payload, key or headers) is declared with a type, a callable or an object; see
`Deserializers`. A declaration is checked at once and compiled once per run, when forward references
can be resolved.
"""

from framework.deserializers.compiled import CompiledDeserializers, CompiledPart
from framework.deserializers.declared import Deserializers
from framework.deserializers.models import describe
from framework.deserializers.ready import int32, int64, json, raw, text, xml

__all__ = [
    "CompiledDeserializers",
    "CompiledPart",
    "Deserializers",
    "describe",
    "int32",
    "int64",
    "json",
    "raw",
    "text",
    "xml",
]
