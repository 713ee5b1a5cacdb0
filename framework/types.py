"""Protocols and aliases that several modules share."""

from __future__ import annotations

import collections.abc as cabc
import enum
import uuid
from typing import Any, Final, NamedTuple, Protocol, Self

from typing_extensions import TypeVar

P = TypeVar("P")
"""The type of a payload."""
K = TypeVar("K", default=object, covariant=True)
"""The type of a key; object where none is declared. So `Topic[Flight]` is any topic of flights.

Not Any: an argument that contains Any is ambiguous for mypy, which then infers nothing from
`Iterator([flights])`.
"""
T = TypeVar("T")
U = TypeVar("U")
T_co = TypeVar("T_co", covariant=True)

RawHeaders = list[tuple[str, bytes | None]]
"""Header names and values, in the order and with the repeats of the message."""


class TopicPartition(NamedTuple):
    """One partition of a topic: equal to the plain pair, and `flights-3` as text."""

    topic: str
    partition: int

    def __str__(self) -> str:
        """Return `flights-3`."""
        return f"{self.topic}-{self.partition}"


class Uncopied:
    """A value that its copies share.

    Python copies as it pickles, and some parts of such a value are left out of a pickle.
    """

    __slots__ = ()

    def __copy__(self) -> Self:
        """Return itself."""
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        """Return itself."""
        return self


KafkaSettings = cabc.Mapping[str, Any]
"""librdkafka's own dotted keys and their values."""


class NotGiven(enum.Enum):
    """The type of NOT_GIVEN, the default of arguments where None has a meaning of its own."""

    NOT_GIVEN = enum.auto()

    def __repr__(self) -> str:
        """Return its name, as signatures show it."""
        return "NOT_GIVEN"


NOT_GIVEN: Final = NotGiven.NOT_GIVEN


class Deserializer(Protocol[T_co]):
    """An object that deserializes a part and needs the whole message: headers, key or topic."""

    def deserialize(self, message: Any, /) -> T_co:
        """Return the value; any exception becomes the cause of a DeserializationError."""
        ...


class Framed(Protocol[T_co]):
    """Reads the bytes of a part that name their schema, in themselves or in a header of the message."""

    def read(self, data: bytes, headers: RawHeaders | None, /) -> T_co:
        """Return the value; any exception becomes the cause of a DeserializationError."""
        ...

    def schema_id(self, data: bytes | None, headers: RawHeaders | None, /) -> int | uuid.UUID | None:
        """Return the id of the schema that the bytes name, or None."""
        ...


class FramedDeserializer(Protocol[T_co]):
    """What `framework.schemas` declares: it is bound to the schema registry of an app when a run starts."""

    def bind(self, part: str, registry: Any, /) -> Framed[T_co]:
        """Return what reads a part: "payload" or "key". The registry is None where the app has none."""
        ...


class Adapter(Protocol[T_co]):
    """What pydantic's TypeAdapter is: it validates JSON into a type."""

    def validate_json(self, data: bytes, /) -> T_co:
        """Return the value; any exception becomes the cause of a DeserializationError."""
        ...


Declared = type[T] | Adapter[T] | Deserializer[T] | FramedDeserializer[T] | cabc.Callable[[bytes], T]
"""What may be declared for a payload or key of type T; see `framework.Deserializers`."""


class Keyless(Protocol):
    """Matches only `Message[..., object]`, one without a declared key: a narrower `K` rejects object."""

    def _of_key(self, key: object, /) -> None: ...


class Located(Protocol):
    """A message as far as its place and time go: what decides how far a run has read."""

    def topic(self) -> str: ...  # noqa: D102
    def partition(self) -> int: ...  # noqa: D102
    def offset(self) -> int: ...  # noqa: D102
    def timestamp(self) -> tuple[int, int]: ...  # noqa: D102


class NativeMessage(Located, Protocol):
    """The part of a delivered `confluent_kafka.Message` that a Message reads.

    Confluent's own types allow None for topic, partition and offset, which a delivered message has: native
    messages are cast to this once, where they are fetched.
    """

    def __len__(self) -> int:
        """The size of the value in bytes."""
        ...

    def value(self) -> Any: ...  # noqa: D102
    def key(self) -> Any: ...  # noqa: D102
    def headers(self) -> Any: ...  # noqa: D102
    def set_value(self, value: Any, /) -> None: ...  # noqa: D102
    def set_key(self, key: Any, /) -> None: ...  # noqa: D102
    def set_headers(self, headers: Any, /) -> None: ...  # noqa: D102
