"""What a schema registry stores: the text of a schema, with all that it refers to."""

from __future__ import annotations

import uuid
from typing import Final, NamedTuple

SchemaId = int | uuid.UUID
"""How messages name their schema: by the registry's number, or by GUID."""

IDS: Final = range(1, 1 << 31)
"""The ids that registries give. Confluent's takes any other for a path that doesn't exist."""


class Schema(NamedTuple):
    """A schema as the registry has it.

    Args:
        type: "AVRO", "PROTOBUF" or "JSON"; other types are handed on as they come, in capital letters.
        text: The text; for Protobuf it may be base64 of a descriptor.
        references: Name and text of every schema that this one refers to, also indirectly. Dependencies
            come first, and each name comes once.
    """

    type: str
    text: str
    references: tuple[tuple[str, str], ...] = ()
