"""One Kafka message, read lazily."""

from __future__ import annotations

import datetime
import enum
import pickle
from typing import Any, Generic, NamedTuple, TypeVar

from framework.deserializers import Decoders, Deserializers, Part, describe
from framework.errors import DeserializationError, MessageCleanedError
from framework.types import NativeMessage, RawHeaders

P = TypeVar("P")

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


class _State(enum.Enum):
    # An enum, because its members stay themselves through pickle.
    UNREAD = enum.auto()
    CLEANED = enum.auto()


_UNREAD, _CLEANED = _State.UNREAD, _State.CLEANED


class _Remains(NamedTuple):
    """What outlives clean()."""

    size: int
    is_tombstone: bool
    is_deserialized: bool


class Message(Generic[P]):
    """A message of a topic: where it stands, its raw bytes, and its typed payload, key and headers.

    Payload, key and headers are deserialized on first access, each at most once, and only the part
    that is asked for. A failure raises `DeserializationError` each time, and the raw bytes stay
    reachable. A tombstone's payload is None, and so is a missing key.
    """

    __slots__ = ("__weakref__", "_decoders", "_headers", "_key", "_left", "_native", "_payload", "_topic")

    _left: _Remains

    def __init__(self, native: NativeMessage, topic: str, decoders: Decoders) -> None:
        """Wrap a native message; `topic` is shared by all messages of a run, for speed."""
        self._native = native
        self._topic = topic
        self._decoders = decoders
        self._payload: Any = _UNREAD
        self._key: Any = _UNREAD
        self._headers: Any = _UNREAD

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
        """An aware datetime in UTC; None where Kafka has none, or one past the year 9999."""
        milliseconds = self.raw_timestamp
        if milliseconds is None:
            return None
        try:
            return EPOCH + datetime.timedelta(milliseconds=milliseconds)
        except OverflowError:
            # Producers that write micro- or nanoseconds; the number stays in raw_timestamp.
            return None

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
        if self._payload.__class__ is _State:
            self._payload = self._read("payload", self._decoders.payload, self.raw_payload)
        return self._payload  # type: ignore[no-any-return]

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
        return self._remains().size

    @property
    def is_tombstone(self) -> bool:
        """Whether the payload is missing: in a compacted topic, "this key is gone"."""
        return self._remains().is_tombstone

    @property
    def is_deserialized(self) -> bool:
        """Whether the payload was asked for, and became a value."""
        return self._remains().is_deserialized

    @property
    def is_cleaned(self) -> bool:
        """Whether `clean()` was called."""
        return self._payload is _CLEANED

    def clean(self, *, metadata: bool = True) -> None:
        """Free the payload, and the key and headers as well unless `metadata=False`.

        Reading what was freed raises `MessageCleanedError`. Where the message stands, its size and
        its predicates stay, and it can still be marked. A second call does no harm.
        """
        self._left = self._remains()
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
        """Travel with the raw bytes, the values that were read, and the deserializers that can travel."""
        left = getattr(self, "_left", None)
        declared = _portable(self._decoders.declared)
        values = (self._payload, self._key, self._headers)
        return _unpickle, (self._native, self._topic, declared, values, left)

    def _remains(self) -> _Remains:
        try:
            return self._left
        except AttributeError:
            native = self._native
            return _Remains(
                size=_size(native),
                is_tombstone=native.value() is None,
                is_deserialized=self._payload is not _UNREAD,
            )

    def _read(self, part: str, how: Part, raw: Any) -> Any:
        if raw is None:
            return None
        try:
            return how.call(self if how.takes_message else raw)
        except Exception as error:
            given = describe(getattr(self._decoders.declared, part))
            raise DeserializationError(
                f"Can't read the {part} of {self} with {given}: {_reason(error)}. "
                f"Its bytes are in raw_{part}.",
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


class _Missing:
    """Stands in for a deserializer that could not travel with a pickled message."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def deserialize(self, _message: object) -> Any:
        """Say what to do instead."""
        raise TypeError(
            "the deserializer was a lambda or a local function, which can't be pickled; "
            "read the part before pickling, or declare a function of a module"
        )


def _portable(declared: Deserializers) -> Deserializers:
    """The deserializers, with a stand-in for each that can't be pickled."""
    parts = {name: getattr(declared, name) for name in ("payload", "key", "headers")}
    return Deserializers(
        **{name: part if _pickles(part) else _Missing(describe(part)) for name, part in parts.items()}
    )


def _pickles(given: object) -> bool:
    try:
        pickle.dumps(given)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True


def _unpickle(
    native: NativeMessage,
    topic: str,
    declared: Deserializers,
    values: tuple[Any, Any, Any],
    left: _Remains | None,
) -> Message[Any]:
    message: Message[Any] = Message(native, topic, declared.compile())
    message._payload, message._key, message._headers = values
    if left is not None:
        message._left = left
    return message
