"""A registry in memory, which counts what it is asked for."""

from __future__ import annotations

import collections
from typing import Any, cast

from framework.errors import SchemaNotFoundError
from framework.registry import Registry, Schema, SchemaId
from framework.types import RawHeaders


class Schemas:
    """Stands for a `Registry` where nothing has to go over a network."""

    def __init__(self, schemas: dict[Any, Schema | Exception] | None = None) -> None:
        self.schemas = schemas or {}
        self.asked: collections.Counter[SchemaId] = collections.Counter()

    def schema(self, schema_id: SchemaId) -> Schema:
        self.asked[schema_id] += 1
        found = self.schemas.get(schema_id)
        if isinstance(found, Exception):
            raise found
        if found is None:
            raise SchemaNotFoundError(f"Schema {schema_id} isn't in the registry.", schema_id=schema_id)
        return found


def registry(schemas: dict[Any, Schema | Exception] | None = None) -> Any:
    return cast(Registry, Schemas(schemas))


def prefixed(schema_id: int, data: bytes) -> bytes:
    return b"\x00" + schema_id.to_bytes(4, "big") + data


def headers(value: bytes, part: str = "value") -> RawHeaders:
    return [(f"__{part}_schema_id", value)]
