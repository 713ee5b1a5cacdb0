"""Collect everything that a schema refers to."""

from __future__ import annotations

import collections.abc as cabc
from typing import Final

from framework.errors import SchemaRegistryError
from framework.registry.answers import Reference, Stored

MAX_TEXT: Final = 64_000_000
"""Characters that everything a schema refers to may have."""

_Version = tuple[str, int]


def resolve(
    references: tuple[Reference, ...], fetch: cabc.Callable[[Reference], Stored]
) -> tuple[tuple[str, str], ...]:
    """Return name and text of all references, also nested ones: dependencies first, each name once.

    A cycle is a SchemaRegistryError, and so are two texts under one name, or more than MAX_TEXT characters.
    `fetch` is called once for each version of a subject.
    """
    texts: dict[str, str] = {}
    fetched: dict[_Version, Stored] = {}
    # The references that led to the current one, each with those that are still to be visited after it:
    # recursion would crash on a long chain.
    path: dict[_Version, Reference] = {}
    pending = [iter(references)]
    fetch = _limited(fetch)
    while pending:
        reference = next(pending[-1], None)
        if reference is None:
            pending.pop()
            if path:
                version, left = path.popitem()
                _add(texts, left.name, fetched[version].text)
            continue
        version = (reference.subject, reference.version)
        if version in path:
            raise SchemaRegistryError(_describe_cycle([*path, version]))
        if version in fetched:
            # All that it refers to has been added before.
            _add(texts, reference.name, fetched[version].text)
            continue
        fetched[version] = fetch(reference)
        path[version] = reference
        pending.append(iter(fetched[version].references))
    return tuple(texts.items())


def _add(texts: dict[str, str], name: str, text: str) -> None:
    if texts.setdefault(name, text) != text:
        raise SchemaRegistryError(
            f"The schema refers to two different schemas by the name {name!r}: register them under two names."
        )


def _limited(fetch: cabc.Callable[[Reference], Stored]) -> cabc.Callable[[Reference], Stored]:
    """Return the same, which fails once all that it has returned is too long."""
    length = 0

    def fetch_limited(reference: Reference) -> Stored:
        nonlocal length
        stored = fetch(reference)
        length += len(stored.text)
        if length > MAX_TEXT:
            raise SchemaRegistryError(
                f"The schema refers to schemas of more than {MAX_TEXT} characters in all: make them smaller."
            )
        return stored

    return fetch_limited


def _describe_cycle(path: list[_Version]) -> str:
    cycle = path[path.index(path[-1]) :]
    names = [f"{subject!r} version {version}" for subject, version in cycle]
    if len(names) > 6:
        names[3:-2] = ["..."]
    return f"The schema has references in a cycle: {' -> '.join(names)}. Register one of them without it."
