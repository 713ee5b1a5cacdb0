"""The declared topics of an application."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any

from framework.deserializers import CompiledDeserializers, Deserializers, describe
from framework.errors import ConfigError, RoutingError, UnknownTopicError
from framework.registry import Registry
from framework.suggest import did_you_mean
from framework.topic import Topic
from framework.types import K, P


class Routes:
    """The declared topics of an application, in the order of their declaration.

    Lookups find inactive topics, too. They import the modules of `App(include=...)` first, which may
    declare more topics. Defaults are applied when a topic is read, so they may be set after it is declared.

    Args:
        defaults: The deserializers of parts that a topic doesn't declare.
        before_lookup: Called before each lookup.
    """

    def __init__(
        self, defaults: Deserializers | None = None, before_lookup: cabc.Callable[[], object] | None = None
    ) -> None:
        """Start without topics."""
        if not isinstance(defaults, Deserializers | None):
            raise RoutingError(
                f"defaults={defaults!r} is invalid: expected framework.Deserializers(payload=..., key=...)."
            )
        self.defaults = defaults or Deserializers()
        self._before_lookup = before_lookup
        self._topics: dict[str, Topic[Any]] = {}

    def add(self, topic: Topic[P, K]) -> Topic[P, K]:
        """Add a topic and return it; a RoutingError if its name is declared already."""
        if not isinstance(topic, Topic):
            raise RoutingError(
                f"{topic!r} is not a topic: pass framework.Topic({topic!r}, payload=...) instead."
            )
        # Declarations import nothing: an included module makes some of them.
        if (first := self._topics.get(topic.name)) is not None:
            raise RoutingError(f"Topic '{topic.name}' is declared already, at {first.declared_at}.")
        self._topics[topic.name] = topic
        return topic

    def add_all(self, topics: object) -> None:
        """Add each of some topics; see `add`."""
        if isinstance(topics, str | Topic) or not isinstance(topics, cabc.Iterable):
            shown = f"Topic({topics!r})" if isinstance(topics, str) else "Topic('flights')"
            raise RoutingError(f"topics={topics!r} is invalid: expected a list of Topics, such as [{shown}].")
        for topic in topics:
            self.add(topic)

    def find(self, name: str) -> Topic[Any] | None:
        """Return the topic of this name, or None."""
        return self._all().get(name)

    def find_or_default(self, name: str) -> Topic[Any]:
        """Return the topic of this name, or an undeclared one with all the defaults, which isn't added."""
        return self._all().get(name) or Topic(name)

    def deserializers(self, topic: Topic[Any]) -> Deserializers:
        """Return the deserializers of a topic, with the app's default for each part it doesn't declare."""
        return topic.deserializers.over(self.defaults)

    def compile(self, topic: Topic[Any], registry: Registry | None) -> CompiledDeserializers:
        """Return the same, ready to run; an error about the registry names the topic."""
        try:
            return self.deserializers(topic).compile(registry)
        except ConfigError as error:
            raise ConfigError(f"Topic '{topic.name}': {error}") from error

    @property
    def active(self) -> list[Topic[Any]]:
        """The active topics, in order."""
        return [topic for topic in self._all().values() if topic.active]

    def __getitem__(self, name: str) -> Topic[Any]:
        """Return the topic of this name, or raise an UnknownTopicError that suggests close names."""
        topics = self._all()
        try:
            return topics[name]
        except KeyError:
            way_out = did_you_mean(str(name), topics) or f" Declare it: app.topic('{name}')."
            raise UnknownTopicError(f"Topic '{name}' isn't declared.{way_out}") from None

    def __contains__(self, topic: object) -> bool:
        """Whether a topic of this name, or an equal topic, is declared."""
        topics = self._all()
        return topics.get(topic.name) == topic if isinstance(topic, Topic) else topic in topics

    def __len__(self) -> int:
        """Return how many topics are declared."""
        return len(self._all())

    def __iter__(self) -> cabc.Iterator[Topic[Any]]:
        """Iterate over the topics, in order."""
        return iter(self._all().values())

    def __repr__(self) -> str:
        """Return `<Routes flights, weather>`; it imports nothing."""
        return f"<Routes {', '.join(self._topics) or 'empty'}>"

    def _repr_html_(self) -> str:
        """A table with a line for each topic, for a notebook; a part that isn't declared is `default`."""
        from framework.html import table_html

        parts = ("payload", "key", "headers")
        rows = []
        for topic in self:
            given = [getattr(topic.deserializers, part) for part in parts]
            rows.append((topic.name, "active" if topic.active else "inactive", *map(describe, given)))
        return table_html(("topic", "state", *parts), rows)

    def _all(self) -> dict[str, Topic[Any]]:
        if self._before_lookup is not None:
            self._before_lookup()
        return self._topics
