"""The names that a shell has for an application and its topics."""

from __future__ import annotations

import builtins
import collections.abc as cabc
import itertools
import keyword
import re
from typing import Any, Final

from framework.routing import Routes
from framework.topic import Topic

# Python's, those that its interactive shell adds, and IPython's with its cache of inputs and outputs.
_PYTHONS: Final = frozenset(dir(builtins)) | {"copyright", "credits", "exit", "help", "license", "quit"}
_IPYTHONS: Final = frozenset(("In", "Out", "get_ipython"))
_UNDERSCORES: Final = re.compile(r"_{1,3}|_i{1,3}|_[ido]h|_i?[0-9]+|__\w+__")


class TopicsByName(cabc.Mapping[str, Topic[Any]]):
    """The declared topics of an application by the names that they have in Kafka, to be read only."""

    def __init__(self, routes: Routes) -> None:
        """Show these routes, also what is declared later."""
        self._routes = routes

    def __getitem__(self, name: str) -> Topic[Any]:
        """Return the topic of this name, or raise an UnknownTopicError that suggests close names."""
        return self._routes[name]

    def __iter__(self) -> cabc.Iterator[str]:
        """Iterate over the names, in the order of the declarations."""
        return (topic.name for topic in self._routes)

    def __len__(self) -> int:
        """Return how many topics are declared."""
        return len(self._routes)

    def __repr__(self) -> str:
        """Return it as a dict of the topics."""
        return repr(dict(self))


def with_topics(
    routes: Routes, others: cabc.Mapping[str, object], own: cabc.Mapping[str, object]
) -> dict[str, object]:
    """Return the names of a shell: `others`, `own`, and those of the topics, which hide nothing.

    A topic has its own name, or `identifier(name)`. Where that is Python's, among the others, or the name
    of another topic, it has the next free one of `list_`, `list_2`, `list_3`... The names depend only on
    the names of the topics and on those given.

    Args:
        routes: The topics.
        others: Names that `own` may hide.
        own: The names of the application.
    """
    names = {**others, **own}
    waiting: list[Topic[Any]] = []
    # A topic has the first right to its own spelling.
    for topic in sorted(routes, key=lambda topic: (identifier(topic.name) != topic.name, topic.name)):
        name = identifier(topic.name)
        if is_pythons(name) or names.get(name, topic) is not topic:
            waiting.append(topic)
        else:
            names[name] = topic
    for topic in waiting:
        base = identifier(topic.name)
        first = [] if isinstance(names.get(base), Topic) else [f"{base}_"]
        candidates = itertools.chain(first, (f"{base}_{number}" for number in itertools.count(2)))
        names[next(name for name in candidates if name not in names and not is_pythons(name))] = topic
    return names


def renamed(routes: Routes, names: cabc.Mapping[str, object]) -> dict[str, str]:
    """Return the names of the topics that have another one than a reader expects, by what they are called."""
    return {
        topic.name: name
        for name, topic in sorted(names.items())
        if isinstance(topic, Topic) and topic in routes and name != identifier(topic.name)
        if names.get(identifier(topic.name)) is not topic
    }


def identifier(name: str) -> str:
    """Return the name of a topic as an identifier of Python: `a-b` as `a_b`, `7days` as `_7days`."""
    name = re.sub(r"\W", "_", name)
    return f"_{name}" if name[0].isdigit() else name


def is_pythons(name: str) -> bool:
    """Whether Python or its shells give this name a meaning."""
    return (
        name in _PYTHONS
        or name in _IPYTHONS
        or keyword.iskeyword(name)
        or _UNDERSCORES.fullmatch(name) is not None
    )
