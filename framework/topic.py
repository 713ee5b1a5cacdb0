"""A topic as an application declares it."""

from __future__ import annotations

import re
import sys
from typing import Any, Generic, Literal, TypedDict, Unpack, overload

from framework.config import check_flag
from framework.deserializers import Deserializers
from framework.errors import RoutingError
from framework.partitioners import Partitioner, check_partitioner
from framework.types import NOT_GIVEN, Declared, K, NotGiven, P, T, U


class TopicOptions(TypedDict, total=False):
    """The options of a topic that don't decide its type."""

    headers: object
    active: bool
    partitioner: Partitioner | None


class Topic(Generic[P, K]):
    """A declared topic: its name, its state, and how its messages are deserialized. It is immutable.

    `P` is the type of its payloads, `K` the type of its keys; `K` is object where no key is declared.

    Args:
        name: The name in Kafka.
        payload: How payloads are deserialized; see `Deserializers`. By default as the app's defaults say.
        key: How keys are deserialized.
        headers: How headers are deserialized.
        active: Whether the application consumes the topic. An inactive one is read only where it is named.
        tombstones: Whether messages without a payload are expected, so that the type of a payload is
            `P | None`. It changes nothing at run time: the payload of a tombstone is always None.
        partitioner: How its producers choose the partition of a key: "murmur2", the default of Kafka's Java
            client, "crc32", that of librdkafka, or "fnv1a". Then `Iterator(key=...)` reads one partition.
    """

    __slots__ = ("_active", "_declared_at", "_deserializers", "_name", "_partitioner", "_tombstones")

    @overload
    def __init__(
        self: Topic[T], name: str, *, payload: Declared[T], key: NotGiven = ...,
        tombstones: Literal[False] = ..., **options: Unpack[TopicOptions],
    ) -> None: ...  # fmt: skip
    @overload
    def __init__(
        self: Topic[T, U], name: str, *, payload: Declared[T], key: Declared[U],
        tombstones: Literal[False] = ..., **options: Unpack[TopicOptions],
    ) -> None: ...  # fmt: skip
    @overload
    def __init__(
        self: Topic[T | None], name: str, *, payload: Declared[T], key: NotGiven = ...,
        tombstones: bool, **options: Unpack[TopicOptions],
    ) -> None: ...  # fmt: skip
    @overload
    def __init__(
        self: Topic[T | None, U], name: str, *, payload: Declared[T], key: Declared[U],
        tombstones: bool, **options: Unpack[TopicOptions],
    ) -> None: ...  # fmt: skip
    @overload
    def __init__(
        self: Topic[Any], name: str, *, payload: NotGiven = ..., key: NotGiven = ...,
        tombstones: bool = ..., **options: Unpack[TopicOptions],
    ) -> None: ...  # fmt: skip
    @overload
    def __init__(
        self: Topic[Any, U], name: str, *, payload: NotGiven = ..., key: Declared[U],
        tombstones: bool = ..., **options: Unpack[TopicOptions],
    ) -> None: ...  # fmt: skip
    def __init__(
        self,
        name: str,
        *,
        payload: object = NOT_GIVEN,
        key: object = NOT_GIVEN,
        headers: object = NOT_GIVEN,
        active: bool = True,
        tombstones: bool = False,
        partitioner: Partitioner | None = None,
    ) -> None:
        """Check and keep a declaration."""
        self._name = check_topic_name(name)
        self._partitioner: Partitioner | None = check_partitioner(partitioner)
        self._active = check_flag("active", active, RoutingError)
        self._tombstones = check_flag("tombstones", tombstones, RoutingError)
        self._deserializers = Deserializers(payload=payload, key=key, headers=headers)
        self._declared_at = caller()

    @property
    def name(self) -> str:
        """The name in Kafka."""
        return self._name

    @property
    def active(self) -> bool:
        """Whether the application consumes it; an inactive topic is read only where it is named."""
        return self._active

    @property
    def tombstones(self) -> bool:
        """Whether messages without a payload are expected, as in a compacted topic."""
        return self._tombstones

    @property
    def partitioner(self) -> Partitioner | None:
        """How its producers choose the partition of a key; None where that isn't declared."""
        return self._partitioner

    @property
    def deserializers(self) -> Deserializers:
        """What was declared for its parts, without defaults."""
        return self._deserializers

    @property
    def declared_at(self) -> str:
        """File and line of the declaration, for error messages."""
        return self._declared_at

    def __eq__(self, other: object) -> bool:
        """Whether everything that was declared is equal."""
        if not isinstance(other, Topic):
            return NotImplemented
        return self._declaration() == other._declaration()

    def __hash__(self) -> int:
        """Hash the name only: a deserializer may be an object without a hash."""
        return hash(self._name)

    def __repr__(self) -> str:
        """Return `<Topic flights>`, or `<Topic weather inactive>`."""
        return f"<Topic {self._name}{'' if self._active else ' inactive'}>"

    def _declaration(self) -> tuple[object, ...]:
        return self._name, self._active, self._tombstones, self._partitioner, self._deserializers


def check_topic_name(name: str) -> str:
    """Return the name, or raise a RoutingError if Kafka would refuse it.

    The rule is Kafka's (`org.apache.kafka.common.internals.Topic`): 1 to 249 letters, digits, `.`, `_`
    and `-`, but neither `.` nor `..`.
    """
    if not isinstance(name, str):
        raise RoutingError(f"Topic name {name!r} is invalid: expected a str.")
    if name in {".", ".."} or not re.fullmatch(r"[a-zA-Z0-9._-]{1,249}", name):
        raise RoutingError(
            f"Topic name {name!r} is invalid: Kafka takes 1 to 249 letters, digits, '.', '_' and '-', "
            "but neither '.' nor '..'."
        )
    return name


def caller() -> str:
    """Return file and line of the innermost call from outside this package."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == "framework":
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
