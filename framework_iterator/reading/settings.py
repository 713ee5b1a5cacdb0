"""The librdkafka settings of a run: ours, then the app's, then the caller's, key by key. Pure."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from framework import ConfigError
from framework.config import is_true, merge, without
from framework.config_checks import check_statistics, merge_checked
from framework.types import KafkaSettings

_OURS: Final = {
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "allow.auto.create.topics": False,
    "check.crcs": True,
    # The wait before the second connection, which delays every first request; its maximum is unchanged.
    "reconnect.backoff.ms": 10,
    # With the default of a second, a reader that empties the queue quickly has to wait for it.
    "fetch.queue.backoff.ms": 5,
    # A third of the default: as fast, with 75 MB instead of 130.
    "queued.min.messages": 30_000,
}
# How long the broker delays an empty fetch, and so the report of the end of a partition. Following keeps
# the default of half a second, to spare the broker.
_FINITE: Final = {"fetch.wait.max.ms": 10}
# Partitions are read in turns, so little of each is fetched ahead: what isn't needed is discarded. A new turn
# waits for the fetch under way: with 1 ms instead of 10, small turns take a quarter of the time. What waits
# for its turn isn't fetched, so the broker is spared. A broker sends compressed messages by their compressed
# size: with a quarter of the default for each partition, a topic that gzip made a tenth is read from its end
# in half of the time.
_IN_TURNS: Final = {
    "queued.min.messages": 10_000,
    "fetch.wait.max.ms": 1,
    "max.partition.fetch.bytes": 262_144,
}

# Settings of the app's consumers. Here they would commit, create topics, or skip messages.
_IGNORED_OF_THE_APP: Final = frozenset(
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
_REFUSED: Final = {
    "enable.auto.commit": "marks are committed, nothing else; use mark_as_consumed()",
    "enable.auto.offset.store": "only marks are stored; use mark_as_consumed()",
    "allow.auto.create.topics": "reading creates no topics",
}


@dataclasses.dataclass(frozen=True)
class ReadSettings:
    """How a run reads.

    Args:
        kafka: librdkafka's settings.
        group_id: The group that marks are committed for.
        follow: Whether a run reads on after the end.
        reset: Where to start when the group has committed nothing.
    """

    kafka: dict[str, Any] = dataclasses.field(repr=False)  # it contains passwords
    group_id: str
    follow: bool
    reset: str

    @property
    def is_read_committed(self) -> bool:
        """Whether messages of open and aborted transactions are left out: librdkafka's default."""
        return bool(self.kafka.get("isolation.level", "read_committed").lower() == "read_committed")


def read_settings(
    app: KafkaSettings,
    settings: KafkaSettings | None,
    *,
    group_id: str | None = None,
    follow: bool = False,
    in_turns: bool = False,
) -> ReadSettings:
    """Merge the layers; a setting that would break a promise of the Iterator is a ConfigError.

    Args:
        app: The app's.
        settings: The caller's.
        group_id: The group of marks.
        follow: Whether the run reads on after the end.
        in_turns: Whether the run reads a little of one partition, then of another.
    """
    app, given = merge(app), merge_checked({}, settings)
    for key, why in _REFUSED.items():
        if is_true(given.get(key, False)):
            raise ConfigError(f"settings={{{key!r}: {given[key]!r}}} is refused: {why}.")
    follow = follow or not is_true(given.get("enable.partition.eof", True))
    default = f"{merge(app, given).get('client.id', 'framework')}-iterator"
    group = _check_group(given.get("group.id", default) if group_id is None else group_id)
    reset = merge(app, given).get("auto.offset.reset", "earliest").lower()  # "error" gives no start
    ours = merge(_OURS, {} if follow else _FINITE, _IN_TURNS if in_turns else {})
    kafka = merge(ours, without(app, _IGNORED_OF_THE_APP), given)
    check_statistics(kafka)  # here, as a run has statistics of its own
    # Any other value skips removed messages silently; with this one, an event reports them. Ends of
    # partitions are reported when following, too: a moment that passes pins one.
    kafka |= {"group.id": group, "enable.partition.eof": True, "auto.offset.reset": "error"}
    return ReadSettings(kafka, group, follow, reset)


def _check_group(group: object) -> str:
    if not isinstance(group, str) or not group.strip():
        raise ConfigError(f"group_id={group!r} is invalid: expected the name of a group, or None.")
    return group
