"""Where the partition of a key isn't among those that are named, nothing is read, and a warning says why."""

from __future__ import annotations

import pytest

from framework import App
from framework.partitioners import partition_of
from framework_iterator import Iterator
from tests import support


def test_a_key_that_none_of_the_named_partitions_can_have(
    app: App, topic: support.TopicFactory, caplog: pytest.LogCaptureFixture
) -> None:
    name = topic(2, {0: ["a"], 1: ["b"]})
    declared = app.topic(name, payload=str, key=str, partitioner="crc32")
    other = 1 - (partition_of("crc32", b"C-42", 2) or 0)

    assert list(Iterator({declared: [other]}, key="C-42")) == []
    assert [record.getMessage() for record in caplog.records] == [
        "Nothing is read: by the partitioner of the topic, none of the named partitions can have the key."
    ]
