"""How scenarios write what was read: `"a@0 b@1"`, and over several partitions `"0: a@0 b@1 | 2: c@0"`."""

from __future__ import annotations

import collections
import collections.abc as cabc
import logging
from typing import Any

import pytest

from framework import Message
from framework_iterator import Iterator, Report


def shown(messages: cabc.Iterable[Message[Any]]) -> str:
    """Payloads and offsets, in the order they came."""
    return " ".join(f"{'-' if each.is_tombstone else each.payload}@{each.offset}" for each in messages)


def by_partition(messages: cabc.Iterable[Message[Any]]) -> str:
    """The same for each partition, in the order of its number."""
    found: dict[int, list[Message[Any]]] = collections.defaultdict(list)
    for message in messages:
        found[message.partition].append(message)
    return " | ".join(f"{partition}: {shown(found[partition])}" for partition in sorted(found))


def notes_in(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What runs have said about themselves; librdkafka warns of requests that a busy broker answers late."""
    return [each for each in caplog.records if each.name == "framework_iterator.notes"]


def report_of(iterator: Iterator[Any, Any]) -> Report:
    """The report of the latest run, which must have begun."""
    assert iterator.report is not None
    return iterator.report
