"""Which librdkafka settings a run reads with: ours, then the app's, then the caller's, key by key. Pure."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from framework import ConfigError
from framework.config import is_true, merge, without
from framework.types import KafkaSettings

_OURS: Final = {
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "allow.auto.create.topics": False,
    "check.crcs": True,
    "statistics.interval.ms": 0,
    # The wait before the second connection, which every first look-up would pay; its maximum stays.
    "reconnect.backoff.ms": 10,
    # With its default of a second, a reader that empties the queue quickly stands still.
    "fetch.queue.backoff.ms": 5,
    # A third of its default: as fast, with 75 MB instead of 130, however long the topic is.
    "queued.min.messages": 30_000,
}
# How long the broker holds an empty fetch back, and so how long the end of a partition takes to be told.
# Following leaves the broker in peace: its default is half a second.
_FINITE: Final = {"fetch.wait.max.ms": 10}

# They belong to the app's consumers. Here they would commit, create, or jump.
_NOT_THE_APPS: Final = frozenset(
    {
        "enable.auto.commit",
        "enable.auto.offset.store",
        "allow.auto.create.topics",
        "enable.partition.eof",
        "group.id",
        "group.instance.id",
        "auto.offset.reset",
    }
)
# librdkafka's own words for it; "error" begins nowhere.
_RESETS: Final = frozenset({"earliest", "smallest", "beginning", "latest", "largest", "end", "error"})
_REFUSED: Final = {
    "enable.auto.commit": "marks are committed, nothing else; use mark_as_consumed()",
    "enable.auto.offset.store": "only marks are stored; use mark_as_consumed()",
    "allow.auto.create.topics": "reading creates no topics",
}


@dataclasses.dataclass(frozen=True)
class ReadSettings:
    """How a run reads. `reset` is where it begins when a group has committed nothing."""

    kafka: dict[str, Any] = dataclasses.field(repr=False)  # it has passwords in it
    group_id: str
    follow: bool
    reset: str


def read_settings(
    app: KafkaSettings, settings: KafkaSettings | None, *, group_id: str | None = None, follow: bool = False
) -> ReadSettings:
    """Merge the layers; a setting that would break a promise is a ConfigError."""
    app, given = merge(app), merge(settings)
    for key, why in _REFUSED.items():
        if is_true(given.get(key, False)):
            raise ConfigError(f"settings={{{key!r}: {given[key]!r}}} is refused: {why}.")
    follow = follow or _is_follow(given.get("enable.partition.eof", True))
    default = f"{merge(app, given).get('client.id', 'framework')}-iterator"
    group = _check_group(given.get("group.id", default) if group_id is None else group_id)
    reset = _check_reset(given.get("auto.offset.reset", app.get("auto.offset.reset", "earliest")))
    kafka = merge(_OURS, {} if follow else _FINITE, without(app, _NOT_THE_APPS), given)
    # A silent jump is what any other value means in mid-run; with this one, it is an event to answer.
    # Ends of partitions are told when following, too: a moment that passes pins one.
    kafka |= {"group.id": group, "enable.partition.eof": True, "auto.offset.reset": "error"}
    return ReadSettings(kafka, group, follow, reset)


def _is_follow(partition_eof: object) -> bool:
    # librdkafka never sees the value, so a misspelt one must not pass for "read for ever".
    if not is_true(partition_eof) and str(partition_eof).lower() not in {"false", "f", "0"}:
        raise ConfigError(
            f"enable.partition.eof={partition_eof!r} can't be: give False to follow, or leave it out."
        )
    return not is_true(partition_eof)


def _check_group(group: object) -> str:
    if not isinstance(group, str) or not group:
        raise ConfigError(f"group_id={group!r} can't be: give a group's name, or leave it out.")
    return group


def _check_reset(reset: object) -> str:
    if not isinstance(reset, str) or reset.lower() not in _RESETS:
        raise ConfigError(f"auto.offset.reset={reset!r} can't be: give 'earliest', 'latest' or 'error'.")
    return reset.lower()
