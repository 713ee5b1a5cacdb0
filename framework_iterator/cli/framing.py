"""Explain bytes that name a schema of a schema registry and were not decoded."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, Final, Literal

from framework import Message
from framework.errors import ENDS_RUN
from framework.message_parts import reason_of
from framework.registry import Registry
from framework.schemas.framing import schema_id_of

Part = Literal["key", "payload"]
_HINT: Final = "Schema Registry framing, schema {}: add --registry URL"


class Framing:
    """What the command line knows of the schema registry.

    Args:
        registry: The schema registry, or None.
        recognized: The topics and parts whose deserializer is `auto`: what it can't decode, it leaves as
            bytes, without the reason.
    """

    def __init__(
        self, registry: Registry | None = None, recognized: cabc.Collection[tuple[str, str]] = ()
    ) -> None:
        """No bytes were explained yet."""
        self._registry = registry
        self._recognized = frozenset(recognized)
        self._readers: dict[Part, cabc.Callable[[Any, Any], Any]] = {}

    def hint(self, message: Message[Any], part: Part) -> str | None:
        """Return what to do where the bytes name a schema and no registry is known; else None."""
        if self._registry is not None:
            return None
        schema_id = schema_id_of(_raw(message, part), message.raw_headers, part)
        if schema_id is None:
            return None
        return _HINT.format(schema_id)

    def explain(self, message: Message[Any], part: Part) -> str | None:
        """Return why the registry's schema didn't decode bytes; None where that isn't so.

        It asks for nothing where a deserializer other than `auto` has left them as bytes.
        """
        if self._registry is None or (message.topic, part) not in self._recognized:
            return None
        raw, headers = _raw(message, part), message.raw_headers
        if schema_id_of(raw, headers, part) is None:
            return None
        try:
            self._reader(part, self._registry)(raw, headers)
        except ENDS_RUN:
            raise
        except Exception as error:
            return reason_of(error)
        return None  # its schema says that the value is bytes

    def _reader(self, part: Part, registry: Registry) -> cabc.Callable[[Any, Any], Any]:
        if part not in self._readers:
            from framework.deserializers.recognized import framed_or_json

            self._readers[part] = framed_or_json.bind(part, registry).read
        return self._readers[part]


def shortened(hint: str) -> tuple[str, str]:
    """Return a hint in fewer words, and in as few as possible; both say what to do."""
    start, schema = hint.split(" framing, ")
    return f"{start}, {schema}", schema


def _raw(message: Message[Any], part: Part) -> bytes | None:
    return message.raw_key if part == "key" else message.raw_payload
