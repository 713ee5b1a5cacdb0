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
            f"snapshot() with {others[0]} is refused: leave {others[0]} out, and filter the dictionary."
        )
    if len(recipe.topics.topics) > 1:
        raise InvalidOptionError(f"snapshot() is of one topic, and {recipe.names} are several: take one.")


def snapshot(batches: cabc.Iterable[Batch[P, Any]]) -> dict[Any, Message[P, Any]]:
    """Return the latest message of each key, without tombstones; each partition comes in its order."""
    latest: dict[TopicPartition, dict[bytes | None, NativeMessage]] = {}
    batch = None
    for batch in batches:
        natives = batch.natives
        for key, start, end in slices_of(natives, None):
            # In C: of equal keys, the last one stays.
            part = natives[start:end]
            latest.setdefault(key, {}).update(zip(map(type(part[0]).key, part), part, strict=True))
    return {} if batch is None else _by_key(batch.of(_across_partitions(latest)))


def _across_partitions(
    latest: cabc.Mapping[TopicPartition, cabc.Mapping[bytes | None, NativeMessage]],
) -> list[NativeMessage]:
    """Return the later message of each key: that with the later timestamp, or in the higher partition."""
    merged: dict[bytes | None, NativeMessage] = {}
    for _, messages in sorted(latest.items()):
        for key, message in messages.items():
            if key not in merged or message.timestamp()[1] >= merged[key].timestamp()[1]:
                merged[key] = message
    merged.pop(None, None)
    return list(merged.values())


def _by_key(messages: cabc.Iterable[Message[P, Any]]) -> dict[Any, Message[P, Any]]:
    """Return the messages by their keys; different bytes may be the same key."""
    state: dict[Any, Message[P, Any]] = {}
    for message in messages:
        key = message.key
        try:
            known = state.get(key)
        except TypeError as error:
            raise InvalidOptionError(
                f"{message}: its key {key!r} can't be a key of a dictionary ({error}). Declare key=bytes."
            ) from error
        if known is None or _is_later(message, known):
            state[key] = message
    return {key: message for key, message in state.items() if not message.is_tombstone}


def _is_later(message: Message[Any], other: Message[Any]) -> bool:
    if message.partition == other.partition:
        return message.offset > other.offset
    return (_time(message), message.partition) > (_time(other), other.partition)


def _time(message: Message[Any]) -> int:
    return -1 if message.raw_timestamp is None else message.raw_timestamp
