"""The declaration of how the parts of a topic's messages are deserialized."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from framework.deserializers.checks import check
from framework.deserializers.compiled import CompiledDeserializers, compile_declared
from framework.deserializers.ready import default_headers, json, text_or_bytes
from framework.deserializers.recognized import framed_or_json
from framework.registry import Registry
from framework.types import NOT_GIVEN


@dataclasses.dataclass(frozen=True, slots=True)
class Deserializers:
    """The declared deserializers of a topic, or the defaults of an app.

    Each part takes one of:

    - A pydantic model, dataclass, NamedTuple, TypedDict or msgspec Struct class, `dict`, `list`, `bool`, or
      a typing form such as `list[Flight]`: JSON is validated into that type. Before Python 3.12, TypedDict
      is the one of typing_extensions.
    - `str` or `bytes`: UTF-8 text, or the bytes unchanged.
    - `int`, `UUID`, `Decimal`, `date`, an Enum class, and others whose values are one text: the text, with
      the quotes of JSON or without.
    - `avro()`, `protobuf()` or `json_schema()` of `framework.schemas`, for a payload or key that was
      written with a schema registry.
    - Another callable, which gets the bytes; for headers, the list of (name, bytes) pairs.
    - An object with `deserialize(message)`, which gets the message.

    Args:
        payload: How payloads are deserialized; by default any JSON, and in an app with a schema registry
            also what is framed, by its own schema.
        key: How keys are deserialized; by default UTF-8 text, or bytes where they aren't.
        headers: How headers are deserialized; by default a dict of text, or bytes where they aren't.
    """

    payload: Any = NOT_GIVEN
    key: Any = NOT_GIVEN
    headers: Any = NOT_GIVEN

    def __post_init__(self) -> None:
        """Raise a RoutingError for what can't deserialize its part."""
        check("payload", self.payload)
        check("key", self.key)
        check("headers", self.headers)

    def over(self, defaults: Deserializers) -> Deserializers:
        """Return these deserializers, with those of `defaults` for each part that wasn't given."""
        return Deserializers(
            payload=defaults.payload if self.payload is NOT_GIVEN else self.payload,
            key=defaults.key if self.key is NOT_GIVEN else self.key,
            headers=defaults.headers if self.headers is NOT_GIVEN else self.headers,
        )

    def compile(self, registry: Registry | None = None) -> CompiledDeserializers:
        """Return deserializers that are ready to run.

        A type that can't be built is a RoutingError; a declaration that needs the registry, where there is
        none, a ConfigError.
        """
        full = self.over(_DEFAULTS if registry is None else _DEFAULTS_WITH_REGISTRY)
        return compile_declared(full.payload, full.key, full.headers, registry)


_DEFAULTS: Final = Deserializers(payload=json, key=text_or_bytes, headers=default_headers)
"""Used for a part that neither the topic nor the app declares."""
_DEFAULTS_WITH_REGISTRY: Final = dataclasses.replace(_DEFAULTS, payload=framed_or_json)
