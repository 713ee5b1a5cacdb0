"""A Kafka message, whose parts are deserialized when they are read."""

from __future__ import annotations

import collections.abc as cabc
import copy
import datetime
import uuid
from typing import TYPE_CHECKING, Any, Generic, NoReturn, Protocol, cast, overload

import msgspec

from framework.deserializers import CompiledDeserializers, CompiledPart
from framework.message_parts import (
    State,
    Summary,
    cleaned,
    portable,
    raw_timestamp_of,
    recover,
    size_of,
)
from framework.timestamps import from_milliseconds
from framework.types import K, Keyless, NativeMessage, P, RawHeaders, T

_UNREAD, _BEING_READ, _CLEANED = State.UNREAD, State.BEING_READ, State.CLEANED


class _OptionalKey(Protocol):
    """The type of `Message.key`: `K | None`, or Any where no key is declared."""

    @overload
    def __get__(self, message: None, owner: Any = ..., /) -> property: ...
    @overload
    def __get__(self, message: Keyless, owner: Any = ..., /) -> Any: ...
    @overload
    def __get__(self, message: Message[Any, T], owner: Any = ..., /) -> T | None: ...
    def __set__(self, message: Any, value: NoReturn, /) -> None: ...


def _optional_key(getter: cabc.Callable[[Any], Any]) -> _OptionalKey:
    return cast(_OptionalKey, property(getter))


class Message(msgspec.Struct, Generic[P, K], eq=False, weakref=True):
    """A message of a topic: its offset and timestamp, its raw bytes, and its payload, key and headers.

    `P` is the type of the payload, `K` the type of the key. Each part is deserialized when it is first
    read, and only then. A failure raises `DeserializationError` at each read, and the raw bytes stay
    readable. The payload of a tombstone is None, and so is a missing key.
    """

    # A Struct for its constructor in C: a class in Python takes 100 to 200 ns more, a tenth of a scan.
    _native: NativeMessage
    _topic: str  # shared by all messages of a run
    _compiled: CompiledDeserializers
    _payload: Any = _UNREAD
    _key: Any = _UNREAD
    _headers: Any = _UNREAD
    _summary: Any = None  # a `Summary` once it is cleaned

    if TYPE_CHECKING:  # see Keyless

        def _of_key(self, key: K, /) -> None: ...  # type: ignore[misc]

    @property
    def topic(self) -> str:
        """The name of the topic."""
        return self._topic

    @property
    def partition(self) -> int:
        """The number of the partition; -1 where there is none."""
        partition: int | None = self._native.partition()  # whatever its type says
        return -1 if partition is None else partition

    @property
    def offset(self) -> int:
        """The offset in the partition; -1 where there is none."""
        offset: int | None = self._native.offset()
        return -1 if offset is None else offset

    @property
    def raw_timestamp(self) -> int | None:
        """The timestamp as Kafka has it, in milliseconds since 1970 in UTC; None where it has none."""
        return raw_timestamp_of(self._native)

    @property
    def timestamp(self) -> datetime.datetime | None:
        """The timestamp as an aware datetime in UTC; None where there is none or its year is above 9999."""
        raw = self.raw_timestamp
        return None if raw is None else from_milliseconds(raw)

    @property
    def raw_payload(self) -> bytes | None:
        """The bytes of the payload; None for a tombstone."""
        if self._payload is _CLEANED:
            raise cleaned(self, "payload")
        value: bytes | None = self._native.value()
        return value

    @property
    def raw_key(self) -> bytes | None:
        """The bytes of the key; None where there is none."""
        if self._key is _CLEANED:
            raise cleaned(self, "key")
        key: bytes | None = self._native.key()
        return key

    @property
    def raw_headers(self) -> RawHeaders:
        """The headers as (name, bytes or None) pairs, in order and with repeated names."""
        if self._headers is _CLEANED:
            raise cleaned(self, "headers")
        return self._native.headers() or []

    @property
    def payload(self) -> P:
        """The payload, deserialized as its topic declares; None for a tombstone, whatever `P` is."""
        payload = self._payload
        if payload is _UNREAD and (payload_of := self._compiled.payload_of) is not None:
            # As `_read`, without its calls: most runs do this once per message.
            raw = self._native.value()
            try:
                payload = self._payload = None if raw is None else payload_of(raw)
            except Exception as error:
                payload = self._payload = recover(self, "payload", error)
        elif payload is _UNREAD and (framed := self._compiled.framed_payload_of) is not None:
            raw = self._native.value()
            try:
                payload = self._payload = None if raw is None else framed(raw, self._native.headers())
            except Exception as error:
                payload = self._payload = recover(self, "payload", error)
        elif payload is _UNREAD or payload is _CLEANED or payload is _BEING_READ:
            payload = self._payload = self._read("payload", self._compiled.payload, self.raw_payload)
        return payload  # type: ignore[no-any-return]

    @_optional_key
    def key(self) -> Any:
        """The key, deserialized as its topic declares; None where there is none."""
        if self._key.__class__ is State:
            self._key = self._read("key", self._compiled.key, self.raw_key)
        return self._key

    @property
    def headers(self) -> Any:
        """The headers, deserialized as the topic declares; by default a dict of text."""
        if self._headers.__class__ is State:
            self._headers = self._read("headers", self._compiled.headers, self.raw_headers)
        return self._headers

    @property
    def schema_id(self) -> int | uuid.UUID | None:
        """The schema that the payload was written with: an int or a GUID; None where it isn't framed.

        A header always tells it; the first five bytes do where the topic is JSON, `auto` or declared with
        `framework.schemas`. No registry is needed.
        """
        return self._compiled.schema_id_of(self.raw_payload, self._native.headers())

    @property
    def size(self) -> int:
        """The bytes of payload, key, and names and values of headers; the same after `clean()`."""
        return int(self._summary.size) if self._payload is _CLEANED else size_of(self._native)

    @property
    def is_tombstone(self) -> bool:
        """Whether there is no payload: in a compacted topic it says that the key was deleted."""
        return bool(self._summary.is_tombstone) if self._payload is _CLEANED else self._native.value() is None

    @property
    def is_deserialized(self) -> bool:
        """Whether the payload was deserialized; always True where payloads stay bytes."""
        if self._payload is _CLEANED:
            return bool(self._summary.is_deserialized)
        return self._payload.__class__ is not State or self._compiled.is_untouched

    @property
    def is_cleaned(self) -> bool:
        """Whether `clean()` was called."""
        return self._payload is _CLEANED

    def clean(self, *, metadata: bool = True) -> None:
        """Free the payload, and the key and headers as well unless `metadata=False`.

        Reading a freed part raises `MessageCleanedError`. Topic, partition, offset, timestamp, size and the
        predicates stay, and the message can still be marked. A second call has no effect.
        """
        self._summary = Summary(self.size, self.is_tombstone, self.is_deserialized)
        self._native.set_value(None)
        self._payload = _CLEANED
        if metadata:
            self._native.set_key(None)
            self._native.set_headers(None)
            self._key = self._headers = _CLEANED

    def __repr__(self) -> str:
        """Return `<Message flights-3@17>`, also after `clean()`."""
        return f"<Message {self}>"

    def __str__(self) -> str:
        """Return topic, partition and offset: `flights-3@17`."""
        return f"{self._topic}-{self.partition}@{self.offset}"

    def _repr_html_(self) -> str:
        """Return a table of its parts for a notebook; it reads them."""
        from framework.html import message_html

        return message_html(self)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the raw bytes, the values that were read, and the deserializers where they can be."""
        compiled = self._compiled
        payload, key = portable(self._payload, compiled.payload), portable(self._key, compiled.key)
        parts = (self._native, self._topic, compiled)
        if payload is key is self._headers is _UNREAD:
            return Message, parts  # to pickle the three states takes as long as the message
        return Message, (*parts, payload, key, self._headers, self._summary)

    def __copy__(self) -> Message[P, K]:
        """Return a message with the same values; `clean()` of one leaves the other as it is."""
        values = (self._payload, self._key, self._headers, self._summary)
        return Message(copy.copy(self._native), self._topic, self._compiled, *values)

    def _read(self, part: str, compiled: CompiledPart, raw: Any) -> Any:
        if raw is None:
            return None
        try:
            if compiled.takes_headers:
                return compiled.call(raw, self._native.headers())
            return self._read_with_message(part, compiled) if compiled.takes_message else compiled.call(raw)
        except Exception as error:
            return recover(self, part, error)

    def _read_with_message(self, part: str, compiled: CompiledPart) -> Any:
        """Call a deserializer that takes the message; it may read every part except its own."""
        slot = f"_{part}"
        if getattr(self, slot) is _BEING_READ:
            raise RecursionError(f"it reads message.{part}, which it has to return")
        setattr(self, slot, _BEING_READ)
        try:
            return compiled.call(self)
        finally:
            setattr(self, slot, _UNREAD)
