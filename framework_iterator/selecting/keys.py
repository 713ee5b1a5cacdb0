"""The messages of one key: by its bytes where they are known, else by comparing keys. Pure."""

from __future__ import annotations

import collections.abc as cabc
import re
import uuid
from typing import Any, ClassVar, Final

from framework import DeserializationError, Message
from framework.deserializers import ready
from framework_iterator.batch import Batch
from framework_iterator.errors import InvalidOptionError
from framework_iterator.progress.delivery import Fate

_INT_BYTES: Final[dict[Any, int]] = {ready.int32: 4, ready.int64: 8}
_TEXT: Final = frozenset({str, ready.text, ready.text_or_bytes})
_BYTES: Final = frozenset({bytes, ready.raw, ready.untouched})


class KeyText(str):
    """A key as text, as it is written on a command line: read as each topic declares its keys."""

    __slots__ = ()


def encodings(topic: str, declared: Any, key: object) -> frozenset[bytes | None] | None:
    """Return all bytes that stand for a key in a topic; None where only comparing keys can tell.

    Args:
        topic: The topic's name, for messages.
        declared: How its keys are deserialized.
        key: The wanted key; None is a message without one. A value that no key of the topic can equal is an
            InvalidOptionError.
    """
    if key is None:
        return frozenset([None])
    if _is_one_of(declared, _BYTES):
        return frozenset([_text_or_bytes(topic, key, "bytes")])
    if _is_one_of(declared, _TEXT):
        return frozenset([_text_or_bytes(topic, key, "text")])
    if _is_one_of(declared, _INT_BYTES):
        return frozenset([_int(topic, key, _INT_BYTES[declared])])
    if declared is ready.uuid:
        _uuid(topic, key)  # only checked: the same UUID may be written in many ways
    return None


def comparable(topic: str, declared: Any, key: object) -> object:
    """Return what the keys of a topic are compared with, where their bytes aren't known."""
    return _uuid(topic, key) if declared is ready.uuid else key


def partition_keys(topic: str, declared: Any, key: object) -> frozenset[bytes | None] | None:
    """Return the bytes with which producers choose the partition of a key; None where that isn't known.

    Kafka's UUIDSerializer writes a UUID in small letters. Others write capital letters, or its 16 bytes.
    """
    if declared is ready.uuid and key is not None:
        found = _uuid(topic, key)
        return frozenset([str(found).encode(), str(found).upper().encode(), found.bytes])
    return encodings(topic, declared, key)


def _is_one_of(declared: Any, known: cabc.Collection[Any]) -> bool:
    try:
        return declared in known
    except TypeError:  # it has no hash, and so is none of them
        return False


def _text_or_bytes(topic: str, key: object, what: str) -> bytes:
    if isinstance(key, bytes):
        return key
    if isinstance(key, str):
        try:
            return key.encode(errors="surrogateescape" if isinstance(key, KeyText) else "strict")
        except UnicodeEncodeError as error:
            raise InvalidOptionError(f"key={key!r} is invalid: it isn't UTF-8 ({error.reason}).") from error
    raise _never(topic, key, what, f"pass {str(key)!r}")


def _int(topic: str, key: object, size: int) -> bytes:
    number = int(key) if isinstance(key, KeyText) and re.fullmatch("[+-]?[0-9]{1,20}", key) else key
    if isinstance(number, int) and not isinstance(number, bool):
        try:
            return number.to_bytes(size, "big", signed=True)
        except OverflowError:
            pass
    raise _never(topic, key, f"integers of {size} bytes", f"pass an int that fits {size * 8} bits")


def _uuid(topic: str, key: object) -> uuid.UUID:
    try:
        return key if isinstance(key, uuid.UUID) else uuid.UUID(str(key))
    except ValueError:
        raise _never(topic, key, "UUIDs", "pass a uuid.UUID") from None


def _never(topic: str, key: object, what: str, fix: str) -> InvalidOptionError:
    return InvalidOptionError(f"key={key!r} is no key of '{topic}', whose keys are {what}: {fix}.")


class KeyBytes:
    """Removes messages with other bytes as their key; topics that it doesn't know pass.

    Args:
        wanted: The bytes that stand for the key, by topic.
    """

    fate: ClassVar[Fate] = Fate.FILTERED

    def __init__(self, wanted: cabc.Mapping[str, frozenset[bytes | None]]) -> None:
        """Use these bytes."""
        self._wanted = wanted
        self._only = next(iter(wanted.values())) if len(wanted) == 1 else None

    def passing(self, batch: Batch[Any]) -> cabc.Sequence[int]:
        """Return the indexes of the messages that pass."""
        keys = batch.raw_keys
        if batch.is_of_one_topic and (wanted := self._only) is not None:
            if wanted.isdisjoint(keys):
                return ()
            return [index for index, key in enumerate(keys) if key in wanted]
        return [
            index
            for index, (topic, key) in enumerate(zip(batch.topics, keys, strict=True))
            if (known := self._wanted.get(topic)) is None or key in known
        ]


class KeyEquals:
    """Removes messages whose key is another: for keys that only their deserializer can tell.

    A key that can't be deserialized is another one.

    Args:
        key: The wanted key.
        topics: The topics whose keys are compared; others pass.
    """

    fate: ClassVar[Fate] = Fate.FILTERED

    def __init__(self, key: object, topics: cabc.Collection[str]) -> None:
        """Compare with this key."""
        self._key = key
        self._topics = frozenset(topics)
        self.first: str | None = None
        """Why the first key that can't be read was taken for another one."""

    def passes(self, message: Message[Any]) -> bool:
        """Return whether the key is the wanted one."""
        if message.topic not in self._topics:
            return True
        try:
            return bool(message.key == self._key)
        except DeserializationError as error:
            if self.first is None:
                self.first = str(error)  # the text alone: its traceback would hold the batch
            return False
