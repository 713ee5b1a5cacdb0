"""Messages that are given together: a sequence of messages, and their parts as columns."""

from __future__ import annotations

import collections.abc as cabc
import datetime
import itertools
import operator
from typing import Any, Generic, overload

from framework import Message
from framework.deserializers import CompiledDeserializers
from framework.message_factory import wrap
from framework.timestamps import from_milliseconds
from framework.types import K, NativeMessage, P, RawHeaders

ByTopic = cabc.Mapping[str, CompiledDeserializers]


class Batch(cabc.Sequence["Message[P, K]"], Generic[P, K]):
    """A sequence of messages, of one topic or several, in the order in which a loop would give them.

        for batch in Iterator("flights").batches(size=500):
            insert(batch.keys, batch.payloads)

    Accessing any message makes them all, once: `batch[3] is batch[3]`. Columns are lists with a value for
    each message, made on each access: `topics`, `partitions`, `offsets`,
    `timestamps`, `keys`, `payloads` and `headers`; and without deserializing, `raw_keys`, `raw_payloads`,
    `raw_headers` and `raw_timestamps`. A column raises the `DeserializationError` of the first message
    that it can't read.
    """

    __slots__ = ("_deserializers", "_made", "_natives")

    def __init__(
        self,
        natives: list[NativeMessage],
        deserializers: ByTopic,
        made: list[Message[P, K]] | None = None,
    ) -> None:
        """Batches are made by a run; use `Iterator.batches`."""
        self._natives = natives
        self._deserializers = deserializers
        self._made = made

    @overload
    def __getitem__(self, index: int) -> Message[P, K]: ...
    @overload
    def __getitem__(self, index: slice) -> Batch[P, K]: ...
    def __getitem__(self, index: int | slice) -> Message[P, K] | Batch[P, K]:
        """Return one message, or a part of the batch."""
        if isinstance(index, slice):
            # With the same message objects: `clean()` on one in the part frees it in the batch.
            return Batch(self._natives[index], self._deserializers, self._messages[index])
        return self._messages[index]

    def __len__(self) -> int:
        """How many messages it has."""
        return len(self._natives)

    def __iter__(self) -> cabc.Iterator[Message[P, K]]:
        """Its messages, in order."""
        return iter(self._messages)

    def __repr__(self) -> str:
        """`<Batch of 1000 messages: flights-0@17 to flights-3@200>`."""
        if not self._natives:
            return "<Batch of 0 messages>"
        what = "1 message" if len(self) == 1 else f"{len(self)} messages"
        first, last = (
            f"{native.topic()}-{native.partition()}@{native.offset()}"
            for native in (self._natives[0], self._natives[-1])
        )
        return f"<Batch of {what}: {first}>" if len(self) == 1 else f"<Batch of {what}: {first} to {last}>"

    @property
    def topics(self) -> list[str]:
        """The topic of each message."""
        return self._column("topic")

    @property
    def partitions(self) -> list[int]:
        """The partition of each message."""
        return self._column("partition")

    @property
    def offsets(self) -> list[int]:
        """The offset of each message."""
        return self._column("offset")

    @property
    def raw_timestamps(self) -> list[int | None]:
        """The timestamp of each message in milliseconds since 1970, or None."""
        # -1 stands for none in messages from before Kafka had timestamps.
        pairs = self._each("timestamp")  # not a list: Python reuses one tuple for all
        return [milliseconds if kind and milliseconds != -1 else None for kind, milliseconds in pairs]

    @property
    def timestamps(self) -> list[datetime.datetime | None]:
        """The timestamp of each message as an aware datetime in UTC, or None."""
        return [None if each is None else from_milliseconds(each) for each in self.raw_timestamps]

    @property
    def keys(self) -> list[K | None]:
        """The key of each message, as its topic declares it; None where there is none."""
        return [message.key for message in self._messages]

    @property
    def payloads(self) -> list[P]:
        """The payload of each message, as its topic declares it; None for a tombstone."""
        return [message.payload for message in self._messages]

    @property
    def headers(self) -> list[Any]:
        """The headers of each message, as its topic declares them."""
        return [message.headers for message in self._messages]

    @property
    def raw_keys(self) -> list[bytes | None]:
        """The bytes of each key, or None."""
        if self._made is not None:  # one of them may have been cleaned
            return [message.raw_key for message in self._made]
        return self._column("key")

    @property
    def raw_payloads(self) -> list[bytes | None]:
        """The bytes of each payload; None for a tombstone."""
        if self._made is not None:
            return [message.raw_payload for message in self._made]
        return self._column("value")

    @property
    def raw_headers(self) -> list[RawHeaders]:
        """The headers of each message: (name, bytes or None) pairs, in order."""
        if self._made is not None:
            return [message.raw_headers for message in self._made]
        return [headers or [] for headers in self._column("headers")]

    @property
    def has_headers(self) -> bool:
        """Whether any of the messages has headers."""
        return any(self._each("headers") if self._made is None else self.raw_headers)

    @property
    def is_raw(self) -> bool:
        """Whether every payload stays bytes: reading one never fails."""
        return all(each.is_untouched for each in self._deserializers.values())

    @property
    def natives(self) -> list[NativeMessage]:
        """The client's messages, for this package."""
        return self._natives

    def of(self, natives: list[NativeMessage]) -> Batch[P, K]:
        """Return a batch of other messages of the same topics."""
        return Batch(natives, self._deserializers)

    @property
    def is_of_one_topic(self) -> bool:
        """Whether all messages are of the only topic that the run reads."""
        return len(self._deserializers) == 1

    @property
    def is_unmade(self) -> bool:
        """Whether no message of it was made yet: nothing was deserialized or cleaned."""
        return self._made is None

    @property
    def only_deserializers(self) -> CompiledDeserializers | None:
        """Those of the only topic that the run reads; None where it reads several."""
        return next(iter(self._deserializers.values())) if self.is_of_one_topic else None

    def take(self, indexes: cabc.Iterable[int]) -> Batch[P, K]:
        """Return a batch of some of the messages; those that were made stay the same objects."""
        indexes = list(indexes)
        made = None if self._made is None else [self._made[index] for index in indexes]
        return Batch([self._natives[index] for index in indexes], self._deserializers, made)

    def one_by_one(self) -> cabc.Iterator[Message[P, K]]:
        """Return its messages, each made when its time comes, and not kept, unless they were made already."""
        return one_by_one(self._natives, self._deserializers) if self._made is None else iter(self._made)

    def of_made(self, made: cabc.Mapping[int, Message[P, K]]) -> Batch[P, K]:
        """Return a batch of these messages, which stand at these indexes."""
        return Batch([self._natives[index] for index in made], self._deserializers, list(made.values()))

    def by_topic(self) -> cabc.Iterator[tuple[str, Batch[P, K]]]:
        """Yield the messages in slices of one topic each, with its name."""
        start = 0
        for topic, slice_ in itertools.groupby(self._natives, operator.methodcaller("topic")):
            natives = list(slice_)
            stop = start + len(natives)
            made = None if self._made is None else self._made[start:stop]
            yield topic, Batch(natives, {topic: self._deserializers[topic]}, made)
            start = stop

    def __add__(self, other: Batch[P, K]) -> Batch[P, K]:
        """Return a batch of the messages of both, which stay the same objects."""
        made = None if self._made is None and other._made is None else self._messages + other._messages
        return Batch(self._natives + other._natives, self._deserializers, made)

    def _column(self, method: str) -> list[Any]:
        """Return what a method of the native messages gives, called in C: a fifth of the time of a loop."""
        return list(self._each(method))

    def _each(self, method: str) -> cabc.Iterator[Any]:
        natives = self._natives
        return map(getattr(type(natives[0]), method), natives) if natives else iter(())

    @property
    def _messages(self) -> list[Message[P, K]]:
        if self._made is None:
            self._made = list(one_by_one(self._natives, self._deserializers))
        return self._made


def one_by_one(natives: list[NativeMessage], deserializers: ByTopic) -> cabc.Iterator[Message[Any, Any]]:
    """Return the messages, each made when its time comes.

    A loop takes them from here, not from a batch: a list of five hundred would be traversed by Python's
    garbage collector again and again, which takes a fifth of the time of a scan.
    """
    if len(deserializers) == 1:
        # One topic: nothing to look up per message.
        [(topic, compiled)] = deserializers.items()
        return wrap(natives, topic, compiled)
    by_topic = itertools.groupby(natives, operator.methodcaller("topic"))
    return itertools.chain.from_iterable(
        wrap(list(slice_), topic, deserializers[topic]) for topic, slice_ in by_topic
    )
