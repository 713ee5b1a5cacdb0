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
    state: dict[Any, Message[P, Any]] = {}
    if batch is not None:
        for _, by_bytes in sorted(latest.items()):
            by_bytes.pop(None, None)
            _update(state, _by_key(batch.of(list(by_bytes.values()))))
    return {key: message for key, message in state.items() if not message.is_tombstone}


def _update(state: dict[Any, Message[P, Any]], found: cabc.Mapping[Any, Message[P, Any]]) -> None:
    """Add the messages of a higher partition: of equal times, they are the later ones."""
    for key, message in found.items():
        if key not in state or _time(message) >= _time(state[key]):
            state[key] = message


def _by_key(messages: cabc.Iterable[Message[P, Any]]) -> dict[Any, Message[P, Any]]:
    """Return the latest message of each key of a partition; different bytes may be the same key."""
    found: dict[Any, Message[P, Any]] = {}
    for message in messages:
        key = message.key
        try:
            known = found.get(key)
        except TypeError as error:
            raise InvalidOptionError(
                f"{message}: its key {key!r} can't be a key of a dictionary ({error}). Declare key=bytes."
            ) from error
        if known is None or message.offset > known.offset:
            found[key] = message
    return found


def _time(message: Message[Any]) -> int:
    return -1 if message.raw_timestamp is None else message.raw_timestamp
