"""Explain bytes that name a schema of a schema registry and were not decoded, or that may be a number."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, Final, Literal

from framework import DeserializationError, Deserializers, Message
from framework.deserializers import auto, json
from framework.errors import (
    MissingExtraError,
    RegistryAuthError,
    RegistryUnavailableError,
    SchemaRegistryError,
)
from framework.message_parts import reason_of
from framework.models import is_json_type, is_model
from framework.registry import Registry, SchemaId
from framework.schemas.declared import Avro
from framework.schemas.framing import HEADERS, has_prefix, parse_header, schema_id_in_header, schema_id_of
from framework.types import NOT_GIVEN

Part = Literal["key", "payload"]
_DEFAULTS: Final = Deserializers()
_NUMBERS: Final = {4: "int32", 8: "int64"}
_SCHEMA_HEADERS: Final = frozenset(HEADERS.values())


class Framing:
    """What the command line knows of the schema registry.

    Args:
        registry: The schema registry, or None.
        declared: What is declared for each topic, with the app's defaults.
    """

    def __init__(
        self, registry: Registry | None = None, declared: cabc.Mapping[str, Deserializers] | None = None
    ) -> None:
        """No bytes were explained yet."""
        self._registry = registry
        self._declared = declared or {}
        self._readers: dict[Part, cabc.Callable[[Any, Any], Any]] = {}

    def hint(self, message: Message[Any], part: Part) -> tuple[str, ...] | None:
        """Return what to do about a part that was not read, though its bytes name a schema; else None.

        It is said in full first, then in fewer and fewer words. The first bytes of a key are a hint only
        where schemas are in use: keys of int64 begin alike.
        """
        declared, headers = self._declaration(message, part), message.raw_headers
        schema_id = schema_id_in_header(headers, part)
        if schema_id is None and (
            declared is auto or (self._is_framed_key(message) if part == "key" else _is_json(declared))
        ):
            schema_id = schema_id_of(raw_of(message, part), headers, part)
        if schema_id is None or (advice := self._advice(part, declared)) is None:
            return None
        return _in_fewer_words(schema_id, *advice, self.guess(message, part))

    def explain(self, message: Message[Any], part: Part) -> str | None:
        """Return why the registry's schema didn't decode bytes; None where that isn't so.

        It asks for nothing where a deserializer other than `auto` has left them as bytes: of what `auto`
        can't decode, the reason is unknown.
        """
        if self._registry is None or self._declaration(message, part) is not auto:
            return None
        raw, headers = raw_of(message, part), message.raw_headers
        if schema_id_of(raw, headers, part) is None:
            return None
        try:
            self._reader(part, self._registry)(raw, headers)
        except (RegistryUnavailableError, RegistryAuthError):
            raise  # as `auto` does: no other message would be decoded either
        except (ValueError, SchemaRegistryError, MissingExtraError) as error:
            return reason_of(error)
        return None  # its schema says that the value is bytes

    def guess(self, message: Message[Any], part: Part) -> str:
        """Return the beginning of a reason, where framed bytes may be an int64 instead; else nothing."""
        is_named = schema_id_in_header(message.raw_headers, part) is not None
        return "" if is_named or _as_number(message, part) != "int64" else f"8 bytes: --{part}-as int64, or "

    def number_option(self, message: Message[Any], part: Part) -> str | None:
        """Return the option for a part that nobody declared and that may be a number; else None."""
        declared = self._declaration(message, part)
        is_undeclared = declared is auto or (part == "key" and declared is NOT_GIVEN)
        name = _as_number(message, part) if is_undeclared else None
        if name is None:
            return None
        if part == "key" and self._may_be_framed(message):
            advice = self._advice(part, declared)
            return f"--key-as {name}, or {advice[1].removeprefix('add ')}?" if advice else f"--key-as {name}?"
        return f"--{part}-as {name}?"

    def _is_framed_key(self, message: Message[Any]) -> bool:
        """Whether a key that nobody declared is framed, rather than a number of 8 bytes, or other bytes."""
        return _as_number(message, "key") is None and self._may_be_framed(message)

    def _may_be_framed(self, message: Message[Any]) -> bool:
        """Whether a key that nobody declared begins with an id, and schemas are in use here.

        The ids of a registry begin with 1, so their first byte is 0; that of a random UUID seldom is.
        """
        raw = raw_of(message, "key")
        if self._declaration(message, "key") is not NOT_GIVEN or raw[:2] != b"\0\0" or not has_prefix(raw):
            return False
        return self._registry is not None or message.schema_id is not None

    def _declaration(self, message: Message[Any], part: Part) -> Any:
        return getattr(self._declared.get(message.topic, _DEFAULTS), part)

    def _advice(self, part: Part, declared: Any) -> tuple[str, str] | None:
        """Return what to do in full and in short, so that a framed part is decoded; None if nothing helps."""
        option = f"--{part}-as auto"
        if declared is auto or isinstance(declared, Avro) or (part == "payload" and declared is NOT_GIVEN):
            return ("add -r URL", "add -r URL") if self._registry is None else None
        if not _is_json(declared):
            return None
        if self._registry is None:
            return f"add -r URL {option}", f"add -r URL {option}"
        if declared is NOT_GIVEN:  # a key
            return f"add {option}", f"add {option}"
        return f"declare avro(), protobuf() or json_schema(), or add {option}", f"add {option}"

    def _reader(self, part: Part, registry: Registry) -> cabc.Callable[[Any, Any], Any]:
        if part not in self._readers:
            from framework.deserializers.recognized import framed_or_json

            self._readers[part] = framed_or_json.bind(part, registry).read
        return self._readers[part]


def raw_of(message: Message[Any], part: Part) -> bytes:
    """Return the bytes of a part; nothing at all where it is missing."""
    return (message.raw_key if part == "key" else message.raw_payload) or b""


def own_reason(error: DeserializationError) -> str:
    """Return the text of an error up to the deserializer's reason.

    What follows is advice to programs; the command line has options instead.
    """
    text = str(error)
    if isinstance(error.__cause__, Exception):
        before, reason, _ = text.partition(f": {reason_of(error.__cause__)}")
        if reason:
            return before + reason
    return text.removesuffix(f" Its bytes are in raw_{error.part}.")


def schema_header(name: str, value: bytes | None) -> str | None:
    """Return the id or the GUID in a header that names a schema; None for any other header."""
    if value is None or name not in _SCHEMA_HEADERS:
        return None
    try:
        return str(parse_header(name, value)[0])
    except ValueError:
        return None


def with_schema_ids(headers: Any, message: Message[Any]) -> Any:
    """Return deserialized headers, with the id or the GUID as text in those that name a schema."""
    if headers.__class__ is not dict or _SCHEMA_HEADERS.isdisjoint(headers):
        return headers
    found = {name: schema_header(name, value) for name, value in message.raw_headers}
    named = {
        name: found[name]
        for name in _SCHEMA_HEADERS.intersection(headers)
        if isinstance(headers[name], str | bytes) and found.get(name) is not None
    }
    return headers | named


def _is_json(declared: Any) -> bool:
    """Whether it is JSON, a model, or what is read if nothing is declared."""
    return declared is NOT_GIVEN or declared is json or is_model(declared) or is_json_type(declared)


def _as_number(message: Message[Any], part: Part) -> str | None:
    """Return the deserializer of the number that the bytes may be, or None: most begin with a zero."""
    raw = raw_of(message, part)
    return _NUMBERS.get(len(raw)) if raw.startswith(b"\0") else None


def _in_fewer_words(schema_id: SchemaId, advice: str, short: str, guess: str) -> tuple[str, ...]:
    """Return a hint in full, then in fewer and fewer words; each of them says what to do."""
    whole = f"{guess}Schema Registry framing, schema {schema_id}: {advice}"
    if guess:
        return whole, f"{guess}schema {schema_id}: {short}", f"{guess.removeprefix('8 bytes: ')}{short}"
    shorter = [
        f"Schema Registry framing, schema {schema_id}: {short}",
        f"Schema Registry, schema {schema_id}: {short}",
        f"schema {schema_id}: {short}",
        f"Schema Registry: {short}",  # shorter, where the id is a GUID
        short,
    ]
    return tuple(dict.fromkeys([whole, *shorter]))
