"""The parts of a message (payload, key, headers): their state, their size, and errors about them."""

from __future__ import annotations

import codecs
import enum
import sys
from typing import Any, NamedTuple

from framework.deserializers import CompiledPart, describe
from framework.error_text import text_of, typed_text_of
from framework.errors import ENDS_RUN, DeserializationError, MessageCleanedError, SchemaRegistryError
from framework.types import NativeMessage, RawHeaders


class State(enum.Enum):
    """What is stored instead of the value of a part."""

    # An enum, because its members keep their identity when they are pickled.
    UNREAD = enum.auto()
    BEING_READ = enum.auto()
    CLEANED = enum.auto()


class Summary(NamedTuple):
    """What stays known of a message after `clean()`."""

    size: int
    is_tombstone: bool
    is_deserialized: bool


def size_of(native: NativeMessage) -> int:
    """Return the bytes of payload, key, and names and values of headers."""
    headers: RawHeaders = native.headers() or []
    return (
        len(native.key() or b"")
        + len(native.value() or b"")
        + sum(len(name.encode()) + len(value or b"") for name, value in headers)
    )


def raw_timestamp_of(native: NativeMessage) -> int | None:
    """Return the timestamp in milliseconds since 1970 in UTC; None where Kafka has none."""
    kind, milliseconds = native.timestamp()
    # -1 stands for none in messages from before Kafka had timestamps.
    return milliseconds if kind and milliseconds != -1 else None


def portable(value: Any, compiled: CompiledPart) -> Any:
    """Return the value of a part as it is pickled: unread, where only this process has its class."""
    if compiled.is_dynamic and hasattr(value, "DESCRIPTOR"):  # a Protobuf message
        return State.UNREAD
    return value


def read_behind_mark(compiled: CompiledPart, raw: Any, error: Exception) -> Any:
    """Return the value of JSON behind a byte order mark, which no parser takes; raise the error for all else.

    RFC 8259 allows to ignore it. Only what has failed is looked at: it costs other messages nothing.
    """
    if not compiled.is_json or not raw.startswith(codecs.BOM_UTF8):
        raise error
    return compiled.call(raw.removeprefix(codecs.BOM_UTF8))


def recover(message: Any, part: str, error: Exception) -> Any:
    """Read JSON behind a byte order mark; else raise an error that names message and part."""
    compiled = message._compiled
    try:
        return read_behind_mark(getattr(compiled, part), getattr(message, f"raw_{part}"), error)
    except Exception as reason:
        error = reason
    if isinstance(error, ENDS_RUN) or (isinstance(error, DeserializationError) and error.part == part):
        raise error
    raise unreadable(message, part, describe(getattr(compiled.declared, part)), error) from error


def unreadable(message: Any, part: str, deserializer: str, error: Exception) -> DeserializationError:
    """Return the error for a part of a message that its deserializer failed on."""
    reason = reason_of(error)
    if part == "payload" and reason and not isinstance(error, SchemaRegistryError):
        reason += _framing_of(message)
    end = "" if reason.endswith("?") else "."
    return DeserializationError(
        f"Can't read the {part} of {message} with {deserializer}: {reason}{end} Its bytes are in raw_{part}.",
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        part=part,
    )


def _framing_of(message: Any) -> str:
    """Return what to do about a payload that names a schema and was read as something else; else nothing."""
    if message._compiled.payload.takes_headers or message.schema_id is None:
        return ""
    return (
        f". It looks like Schema Registry framing, schema {message.schema_id}: pass "
        "App(schema_registry=...), and declare nothing, or avro(), protobuf() or json_schema()"
    )


def cleaned(message: Any, part: str) -> MessageCleanedError:
    """Return the error for reading a part of a message after `clean()`."""
    was, it = ("were", "them") if part == "headers" else ("was", "it")
    alternative = "" if part == "payload" else ", or clean(metadata=False)"
    return MessageCleanedError(
        f"The {part} of {message} {was} freed by clean(). Read {it} before{alternative}."
    )


def reason_of(error: Exception) -> str:
    """Return the text of an exception in one line; of pydantic's list of errors only the first."""
    # An error of this class exists only where its module was imported.
    pydantic_core: Any = sys.modules.get("pydantic_core")
    if pydantic_core is not None and isinstance(error, pydantic_core.ValidationError):
        details: Any = error
        first, *more = details.errors(include_url=False, include_input=False)
        where = ".".join(map(str, first["loc"]))
        return f"{where}: {first['msg']}".removeprefix(": ") + (f" (and {len(more)} more)" if more else "")
    # The text of a KeyError is only the key.
    text = typed_text_of(error) if isinstance(error, KeyError) else text_of(error)
    return text.rstrip(".") or type(error).__name__
