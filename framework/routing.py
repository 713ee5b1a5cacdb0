"""Topics as an application declares them, and the collection of them."""

from __future__ import annotations

import collections.abc as cabc
import re
import sys
from typing import Any, Generic, TypedDict, TypeVar, Unpack, overload

from framework.deserializers import Deserializers
from framework.errors import RoutingError, UnknownTopicError
from framework.suggest import did_you_mean
from framework.types import NOT_GIVEN, Deserializer, NotGiven

P = TypeVar("P")


class TopicOptions(TypedDict, total=False):
    """What a declaration may say besides the topic's name and payload."""

    key: object
    headers: object
    active: bool


class Topic(Generic[P]):
    """A declared topic: its name, whether it is active, and how its messages become values.

    A frozen value; `P` is the type of its messages' payload.
    """

    __slots__ = ("_active", "_declared_at", "_deserializers", "_name")

    @overload
    def __init__(self, name: str, *, payload: type[P], **options: Unpack[TopicOptions]) -> None: ...
    @overload
    def __init__(self, name: str, *, payload: Deserializer[P], **options: Unpack[TopicOptions]) -> None: ...
    @overload
    def __init__(
        self, name: str, *, payload: cabc.Callable[[bytes], P], **options: Unpack[TopicOptions]
    ) -> None: ...
    @overload
    def __init__(
        self: Topic[Any], name: str, *, payload: NotGiven = ..., **options: Unpack[TopicOptions]
    ) -> None: ...
    def __init__(
        self,
        name: str,
        *,
        payload: object = NOT_GIVEN,
        key: object = NOT_GIVEN,
        headers: object = NOT_GIVEN,
        active: bool = True,
    ) -> None:
        """Check and keep a declaration; see `Deserializers` for what each part may be."""
        self._name = check_topic_name(name)
        self._active = active
        self._deserializers = Deserializers(payload=payload, key=key, headers=headers)
        self._declared_at = caller()

    @property
    def name(self) -> str:
        """The topic's name in Kafka."""
        return self._name

    @property
    def active(self) -> bool:
        """Whether the application consumes it; an inactive topic is known, and read by hand only."""
        return self._active

    @property
    def deserializers(self) -> Deserializers:
        """What was declared for its parts, without any defaults."""
        return self._deserializers

    @property
    def declared_at(self) -> str:
        """File and line of the declaration, for error messages."""
        return self._declared_at

    def __eq__(self, other: object) -> bool:
        """Same name, state and deserializers."""
        if not isinstance(other, Topic):
            return NotImplemented
        mine = (self._name, self._active, self._deserializers)
        return mine == (other._name, other._active, other._deserializers)

    def __hash__(self) -> int:
        """By name: a deserializer may be an object that can't be hashed."""
        return hash(self._name)

    def __repr__(self) -> str:
        """`<Topic flights>`, or `<Topic weather inactive>`."""
        return f"<Topic {self._name}{'' if self._active else ' inactive'}>"


class Routes:
    """An application's topics, in the order of their declaration.

    Look-ups see inactive topics too. Defaults are looked up when a topic is read, so the order of
    declarations doesn't matter.
    """

    def __init__(self, defaults: Deserializers | None = None) -> None:
        """Start empty."""
        if not isinstance(defaults, Deserializers | None):
            raise RoutingError(
                f"defaults={defaults!r} can't work: give framework.Deserializers(payload=..., key=...)."
            )
        self.defaults = defaults or Deserializers()
        self._topics: dict[str, Topic[Any]] = {}

    def add(self, topic: Topic[P]) -> Topic[P]:
        """Take a topic in and give it back; a name is declared once."""
        if not isinstance(topic, Topic):
            raise RoutingError(
                f"{topic!r} can't be declared: give a framework.Topic({topic!r}, payload=...)."
            )
        if (first := self.find(topic.name)) is not None:
            raise RoutingError(f"Topic '{topic.name}' is declared already, at {first.declared_at}.")
        self._topics[topic.name] = topic
        return topic

    def find(self, name: str) -> Topic[Any] | None:
        """The topic, or None."""
        return self._topics.get(name)

    def find_or_default(self, name: str) -> Topic[Any]:
        """The topic, or an undeclared one that has all the defaults; nothing is added."""
        return self._topics.get(name) or Topic(name)

    def deserializers(self, topic: Topic[Any]) -> Deserializers:
        """Part by part: the topic's own, else the app's default, else ours."""
        return topic.deserializers.over(self.defaults)

    @property
    def active(self) -> list[Topic[Any]]:
        """The active topics, in order."""
        return [topic for topic in self._topics.values() if topic.active]

    def __getitem__(self, name: str) -> Topic[Any]:
        """The topic, or an UnknownTopicError that suggests close names."""
        try:
            return self._topics[name]
        except KeyError:
            way_out = did_you_mean(str(name), self._topics) or f" Declare it: app.topic('{name}')."
            raise UnknownTopicError(f"Topic '{name}' isn't declared.{way_out}") from None

    def __contains__(self, topic: object) -> bool:
        """Whether a name, or this very topic, is declared."""
        if isinstance(topic, Topic):
            return self._topics.get(topic.name) == topic
        return topic in self._topics

    def __len__(self) -> int:
        """How many topics are declared."""
        return len(self._topics)

    def __iter__(self) -> cabc.Iterator[Topic[Any]]:
        """The topics, in order."""
        return iter(self._topics.values())

    def __repr__(self) -> str:
        """`<Routes flights, weather>`."""
        return f"<Routes {', '.join(self._topics) or 'empty'}>"


def check_topic_name(name: str) -> str:
    """The name, where it is one that Kafka takes; else a RoutingError.

    Kafka's own rule (`org.apache.kafka.common.internals.Topic`): letters, digits, `.`, `_` and `-`,
    at most 249 of them, and neither `.` nor `..`.
    """
    if not isinstance(name, str):
        raise RoutingError(f"A topic's name is text, not {name!r}.")
    if name in {".", ".."} or not re.fullmatch(r"[a-zA-Z0-9._-]{1,249}", name):
        raise RoutingError(
            f"Topic name {name!r} can't be: Kafka takes 1 to 249 letters, digits, '.', '_' and '-', "
            "but neither '.' nor '..'."
        )
    return name


def caller() -> str:
    """The first place outside this package, where the declaration stands."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == "framework":
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
