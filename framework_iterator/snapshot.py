"""The latest message of each key."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, Final, TypeVar

from framework import Message
from framework.types import NativeMessage, TopicPartition
from framework_iterator.batch import Batch
from framework_iterator.errors import InvalidOptionError
from framework_iterator.progress.slices import slices_of
from framework_iterator.recipe import Recipe

KeyT = TypeVar("KeyT")
P = TypeVar("P")

_Latest = dict[TopicPartition, dict[bytes | None, NativeMessage]]
"""The last message of each key in each partition, by the bytes of the key."""

SNAPSHOT_SIZE: Final = 500
"""Messages per batch: one fetch."""


def check_snapshot(recipe: Recipe) -> None:
    """Raise InvalidOptionError for options that a snapshot can't have."""
    others = [name for name in recipe.filters.names if name != "key"]
    options = {
        "follow": recipe.settings.follow,
        "limit": recipe.limit is not None,
        "order": recipe.order is not None,
        'errors="skip"': recipe.filters.skip_unreadable,
    }
    others += [name for name, is_given in options.items() if is_given]
    if others:
        raise InvalidOptionError(
            f"snapshot() with {others[0]} is refused: it is of all messages. Filter or sort the dictionary."
        )
    if len(recipe.topics.topics) > 1:
        raise InvalidOptionError(f"snapshot() is of one topic, and {recipe.names} are several: take one.")


def snapshot(batches: cabc.Iterable[Batch[P, Any]]) -> dict[Any, Message[P, Any]]:
    """Return the latest message of each key, without tombstones; each partition comes in its order."""
    latest: _Latest = {}
    batch = None
    for batch in batches:
        natives = batch.natives
        for key, start, end in slices_of(natives, None):
            # In C: of equal keys, the last one stays.
            part = natives[start:end]
            latest.setdefault(key, {}).update(zip(map(type(part[0]).key, part), part, strict=True))
    if batch is None:
        return {}
    state: dict[Any, Message[P, Any]] = {}
    for key, found in _by_key(batch.of(_across_partitions(latest))).items():
        message = found[0] if len(found) == 1 else batch.of([_latest_of(found, latest)])[0]
        if not message.is_tombstone:
            state[key] = message
    return state


def _across_partitions(latest: _Latest) -> list[NativeMessage]:
    """Return the later message of the same bytes: with the later timestamp, or in the higher partition."""
    merged: dict[bytes | None, NativeMessage] = {}
    for _, messages in sorted(latest.items()):
        for key, message in messages.items():
            if key not in merged or message.timestamp()[1] >= merged[key].timestamp()[1]:
                merged[key] = message
    merged.pop(None, None)
    return list(merged.values())


def _by_key(messages: cabc.Iterable[Message[P, Any]]) -> dict[Any, list[Message[P, Any]]]:
    """Return the messages of each key: several where its bytes differ, as those of 1 and 1.0 in JSON."""
    found: dict[Any, list[Message[P, Any]]] = {}
    for message in messages:
        key = message.key
        try:
            found.setdefault(key, []).append(message)
        except TypeError as error:
            raise InvalidOptionError(
                f"{message}: its key {key!r} can't be a key of a dictionary ({error}). Declare key=bytes."
            ) from error
    return found


def _latest_of(equal: cabc.Iterable[Message[Any]], latest: _Latest) -> NativeMessage:
    """Return the latest message of equal keys of different bytes, within each partition first."""
    keys = [message.raw_key for message in equal]
    of_partitions = [
        max(own, key=lambda native: native.offset())
        for messages in latest.values()
        if (own := [messages[key] for key in keys if key in messages])
    ]
    return max(of_partitions, key=lambda native: (native.timestamp()[1], native.partition()))
