"""The schema registry: its settings, and the client that asks it for schemas."""

from framework.registry.client import Registry
from framework.registry.schema import Schema, SchemaId
from framework.registry.settings import Layer, RegistrySettings, describe, from_environment, merge

__all__ = [
    "Layer",
    "Registry",
    "RegistrySettings",
    "Schema",
    "SchemaId",
    "describe",
    "from_environment",
    "merge",
]
