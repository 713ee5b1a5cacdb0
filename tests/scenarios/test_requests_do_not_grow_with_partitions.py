"""A plan costs the same few requests for one partition and for five hundred."""

from __future__ import annotations

import collections
import datetime
import logging
import re

import pytest
from confluent_kafka.admin import AdminClient

from framework import App
from framework_iterator import Iterator, Start
from tests import support
from tests.held import is_quiet
from tests.scenarios.marking import committed

LOOK_UPS = {"Metadata", "ListOffsets", "OffsetFetch"}
YEAR = datetime.timedelta(days=365)
EVERY_KIND: list[Start] = [0, -5, "latest", YEAR, datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC), True]


@pytest.fixture(autouse=True)
def _no_retries(monkeypatch: pytest.MonkeyPatch, admin: AdminClient) -> None:
    """On a busy machine a request may take longer than its first try; and the first group is slow to ask."""
    monkeypatch.setattr("framework.clients._FIRST_SLICE", support.LIMIT)
    assert committed(admin, "framework-iterator") == {}


def requests(iterator: Iterator[object], caplog: pytest.LogCaptureFixture) -> dict[str, int]:
    """What librdkafka logs of the requests it sends while a plan is made."""
    caplog.clear()
    with caplog.at_level(logging.DEBUG, "framework.librdkafka"):
        iterator.plan()
        support.wait_until(is_quiet, "the last lines of a client")
    sent = (re.search(r"Sent (\w+)Request", record.getMessage()) for record in caplog.records)
    counted = collections.Counter(found[1] for found in sent if found and found[1] in LOOK_UPS)
    caplog.clear()
    # With ours go a few that librdkafka sends by itself whenever it connects, and repeats.
    assert 1 <= counted.pop("Metadata") <= 20
    return dict(counted)


def test_five_hundred_partitions_are_resolved_with_as_many_requests_as_one(
    app: App, topic: support.TopicFactory, caplog: pytest.LogCaptureFixture
) -> None:
    protocol = {"debug": "protocol"}
    one, many = topic(1), topic(500)
    assert len(Iterator(many).plan()) == 500
    for name in (one, many):
        plain: Iterator[object] = Iterator(name, settings=protocol)
        assert requests(plain, caplog) == {"ListOffsets": 2}
        two_moments: Iterator[object] = Iterator({name: 2 * YEAR}, until=YEAR, settings=protocol)
        assert requests(two_moments, caplog) == {"ListOffsets": 4}
    starts = {number: EVERY_KIND[number % len(EVERY_KIND)] for number in range(500)}
    mixed: Iterator[object] = Iterator({many: starts}, until=YEAR, settings=protocol)
    assert requests(mixed, caplog) == {"ListOffsets": 4, "OffsetFetch": 1}


def test_several_topics_are_resolved_with_as_many_requests_as_one(
    app: App, topic: support.TopicFactory, caplog: pytest.LogCaptureFixture
) -> None:
    names = [topic(2) for _ in range(5)]
    several: Iterator[object] = Iterator(names, settings={"debug": "protocol"})
    assert requests(several, caplog) == {"ListOffsets": 2}
