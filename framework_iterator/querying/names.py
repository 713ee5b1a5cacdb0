"""The names that topics have as tables."""

from __future__ import annotations

import collections.abc as cabc
import itertools

from framework.shell_names import identifier


def table_names(topics: cabc.Iterable[str]) -> dict[str, str]:
    """Return the name of each topic's table.

    It is the topic's name as an identifier: `a-b` and `a.b` as `a_b`. SQL ignores case. A topic whose name
    is an identifier has it; another one whose table would have the same name has the next free one of
    `a_b_2`, `a_b_3`... The names depend only on those of the topics.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for topic in sorted(set(topics), key=lambda name: (identifier(name) != name, name)):
        base = identifier(topic)
        candidates = itertools.chain([base], (f"{base}_{number}" for number in itertools.count(2)))
        names[topic] = next(name for name in candidates if name.casefold() not in taken)
        taken.add(names[topic].casefold())
    return names


def quoted_names(names: cabc.Mapping[str, str]) -> dict[str, str]:
    """Return the topics whose own name is free as well, for `from "a-b"`, by that name."""
    taken = {name.casefold() for name in names.values()}
    free: dict[str, str] = {}
    for topic in sorted(names):
        if topic.casefold() not in taken:
            taken.add(topic.casefold())
            free[topic] = topic
    return free


def renamed(names: cabc.Mapping[str, str], wanted: cabc.Collection[str]) -> list[str]:
    """Return a sentence for each table with another name than expected, where a query names such a table.

    Args:
        names: The tables of topics.
        wanted: The tables that the query names, in small letters.
    """
    owners = {table.casefold(): topic for topic, table in names.items()}
    return [
        f"Topic '{topic}' is the table {table}, as {base} is the topic '{owners[base.casefold()]}'."
        for topic, table in sorted(names.items())
        if (base := identifier(topic)) != table and {base.casefold(), table.casefold()} & set(wanted)
    ]
