"""One Kafka message, read lazily."""

from __future__ import annotations

import collections.abc as cabc
import datetime
import enum
import itertools
from typing import Any, Generic, NamedTuple, NoReturn, TypeVar

import msgspec

from framework.deserializers import Decoders, Deserializers, Part, describe
from framework.errors import DeserializationError, MessageCleanedError
from framework.portable import portable
from framework.timestamps import from_milliseconds
from framework.types import NativeMessage, RawHeaders

P = TypeVar("P")


class _State(enum.Enum):
    # An enum, because its members stay themselves through pickle.
    UNREAD = enum.auto()
    BEING_READ = enum.auto()
    CLEANED = enum.auto()


_UNREAD, _BEING_READ, _CLEANED = _State.UNREAD, _State.BEING_READ, _State.CLEANED


class _Summary(NamedTuple):
    """What outlives clean()."""

    size: int
    is_tombstone: bool
    is_deserialized: bool


class Message(msgspec.Struct, Generic[P], eq=False, weakref=True):
    """A message of a topic: where it stands, its raw bytes, and its typed payload, key and headers.

    Payload, key and headers are deserialized on first access, each at most once, and only the part
    that is asked for. A failure raises `DeserializationError` each time, and the raw bytes stay
    reachable. A tombstone's payload is None, and so is a missing key.
    """

    # A Struct for its constructor in C: a class of Python's takes 100 to 200 ns more, a tenth of a scan.
    _native: NativeMessage
    _topic: str  # shared by all messages of a run
    _decoders: Decoders
    _payload: Any = _UNREAD
    _key: Any = _UNREAD
    _headers: Any = _UNREAD
    _left: Any = None  # its `_Summary`, once it is cleaned

    @property
    def topic(self) -> str:
        """The topic's name."""
        return self._topic

    @property
    def partition(self) -> int:
        """The partition's number."""
        partition = self._native.partition()
        return -1 if partition is None else partition

    @property
    def offset(self) -> int:
        """The offset in the partition."""
        offset = self._native.offset()
        return -1 if offset is None else offset

    @property
    def raw_timestamp(self) -> int | None:
        """Milliseconds since 1970 in UTC as Kafka has them, or None where it has none."""
        kind, milliseconds = self._native.timestamp()
        # -1 is how Kafka writes "none" into messages that come from before it had timestamps.
        return milliseconds if kind and milliseconds != -1 else None

    @property
    def timestamp(self) -> datetime.datetime | None:
        """An aware datetime in UTC; None where Kafka has none, or one that Python can't hold."""
        milliseconds = self.raw_timestamp
        return None if milliseconds is None else from_milliseconds(milliseconds)

    @property
    def raw_payload(self) -> bytes | None:
        """The payload's bytes; None is a tombstone."""
        if self._payload is _CLEANED:
            raise self._cleaned("payload")
        value: bytes | None = self._native.value()
        return value

    @property
    def raw_key(self) -> bytes | None:
        """The key's bytes, or None."""
        if self._key is _CLEANED:
            raise self._cleaned("key")
        key: bytes | None = self._native.key()
        return key

    @property
    def raw_headers(self) -> RawHeaders:
        """All (name, bytes or None) pairs, in order, repeats kept."""
        if self._headers is _CLEANED:
            raise self._cleaned("headers")
        return self._native.headers() or []

    @property
    def payload(self) -> P:
        """The payload as its topic declares it. None for a tombstone, whatever the type says."""
        payload = self._payload
        if payload is _UNREAD and (decode := self._decoders.decode) is not None:
            # What `_read` does, without its calls: this is once per message of most runs.
            raw = self._native.value()
            try:
                payload = self._payload = None if raw is None else decode(raw)
            except Exception as error:
                self._fail("payload", error)
        elif payload is _UNREAD or payload is _CLEANED or payload is _BEING_READ:
            payload = self._payload = self._read("payload", self._decoders.payload, self.raw_payload)
        return payload  # type: ignore[no-any-return]

    @property
    def key(self) -> Any:
        """The key as its topic declares it; None where there is none."""
        if self._key.__class__ is _State:
            self._key = self._read("key", self._decoders.key, self.raw_key)
        return self._key

    @property
    def headers(self) -> Any:
        """The headers as the topic declares them; by default a dict of text."""
        if self._headers.__class__ is _State:
            self._headers = self._read("headers", self._decoders.headers, self.raw_headers)
        return self._headers

    @property
    def size(self) -> int:
        """Bytes of key, payload, and header names and values; the same after `clean()`."""
        return int(self._left.size) if self._payload is _CLEANED else _size(self._native)

    @property
    def is_tombstone(self) -> bool:
        """Whether the payload is missing: in a compacted topic, "this key is gone"."""
        return bool(self._left.is_tombstone) if self._payload is _CLEANED else self._native.value() is None

    @property
    def is_deserialized(self) -> bool:
        """Whether the payload was asked for, and became a value; one that stays bytes is from the start."""
        if self._payload is _CLEANED:
            return bool(self._left.is_deserialized)
        return self._payload.__class__ is not _State or self._decoders.is_untouched

    @property
    def is_cleaned(self) -> bool:
        """Whether `clean()` was called."""
        return self._payload is _CLEANED

    def clean(self, *, metadata: bool = True) -> None:
        """Free the payload, and the key and headers as well unless `metadata=False`.

        Reading what was freed raises `MessageCleanedError`. Where the message stands, its size and
        its predicates stay, and it can still be marked. A second call does no harm.
        """
        self._left = _Summary(self.size, self.is_tombstone, self.is_deserialized)
        self._native.set_value(None)
        self._payload = _CLEANED
        if metadata:
            self._native.set_key(None)
            self._native.set_headers(None)
            self._key = self._headers = _CLEANED

    def __repr__(self) -> str:
        """Where it stands; never reads what may be gone."""
        return f"<Message {self}>"

    def __str__(self) -> str:
        """Topic, partition and offset: `flights-3@17`."""
        return f"{self._topic}-{self.partition}@{self.offset}"

    def __reduce__(self) -> tuple[Any, ...]:
        """What travels: raw bytes, the values that were read, and the deserializers that can be pickled."""
        values = (self._payload, self._key, self._headers)
        return _arrived, (self._native, self._topic, portable(self._decoders.declared), values, self._left)

    def _read(self, part: str, how: Part, raw: Any) -> Any:
        if raw is None:
            return None
        try:
            return self._whole(part, how) if how.takes_message else how.call(raw)
        except Exception as error:
            self._fail(part, error)

    def _whole(self, part: str, how: Part) -> Any:
        """Give the message itself to a deserializer, which may read every part of it but its own."""
        slot = f"_{part}"
        if getattr(self, slot) is _BEING_READ:
            raise RecursionError(f"it reads message.{part}, which is what it is to make")
        setattr(self, slot, _BEING_READ)
        try:
            return how.call(self)
        finally:
            setattr(self, slot, _UNREAD)

    def _fail(self, part: str, error: Exception) -> NoReturn:
        """Say which message and part it was, unless the error says so itself."""
        if isinstance(error, DeserializationError) and error.part == part:
            raise error
        given = describe(getattr(self._decoders.declared, part))
        raise DeserializationError(
            f"Can't read the {part} of {self} with {given}: {_reason(error)}. Its bytes are in raw_{part}.",
            topic=self._topic,
            partition=self.partition,
            offset=self.offset,
            part=part,
        ) from error

    def _cleaned(self, part: str) -> MessageCleanedError:
        was, it = ("were", "them") if part == "headers" else ("was", "it")
        return MessageCleanedError(
            f"The {part} of {self} {was} freed by clean(). Read {it} before"
            + (", or clean(metadata=False)." if part != "payload" else ".")
        )


def wrap(
    natives: cabc.Iterable[NativeMessage],
    topic: str,
    decoders: Decoders,
    payloads: cabc.Iterable[bytes | None] | None = None,
) -> cabc.Iterator[Message[Any]]:
    """`Message(native, topic, decoders)` of each, made when it is its turn, in C; `payloads` if known.

    One at a time: of a list of five hundred, Python's collector would look through all again and
    again, which took a fifth of the time of a scan.
    """
    values = itertools.repeat(_UNREAD) if payloads is None else payloads
    return map(Message, natives, itertools.repeat(topic), itertools.repeat(decoders), values)


def _arrived(
    native: NativeMessage, topic: str, declared: Deserializers, values: tuple[Any, Any, Any], left: Any
) -> Message[Any]:
    """A message that travelled."""
    return Message(native, topic, declared.compile(), *values, left)


def _size(native: NativeMessage) -> int:
    headers: RawHeaders = native.headers() or []
    return (
        len(native.key() or b"")
        + len(native.value() or b"")
        + sum(len(name.encode()) + len(value or b"") for name, value in headers)
    )


def _reason(error: Exception) -> str:
    """The heart of an exception in one line; pydantic's list of errors is cut to its first."""
    from pydantic_core import ValidationError

    if isinstance(error, ValidationError):
        first, *more = error.errors(include_url=False, include_input=False)
        where = ".".join(map(str, first["loc"]))
        return f"{where}: {first['msg']}".removeprefix(": ") + (f" (and {len(more)} more)" if more else "")
    words = " ".join(str(error).split()).rstrip(".")
    # A KeyError says only which key.
    return f"KeyError: {words}" if isinstance(error, KeyError) else words or type(error).__name__
