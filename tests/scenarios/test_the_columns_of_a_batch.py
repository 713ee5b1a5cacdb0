"""A batch is a sequence of its messages, and its columns have a value for each of them, missing ones too."""

from __future__ import annotations

import datetime as dt
import pickle

import pytest

from framework import App, DeserializationError, MessageCleanedError
from framework_iterator import Batch, Iterator
from tests import support
from tests.scenarios.reading import shown
from tests.support import Record

MOMENT = dt.datetime(2013, 1, 1, 12, 30, 0, 250_000, dt.UTC)
RECORDS = [
    Record("a", key="k", headers=[("h", b"1"), ("h", b"2"), ("none", None)], timestamp=MOMENT),
    Record(None, key="k", timestamp=MOMENT),  # a tombstone
    Record("c", headers=[("bytes", b"\xff")], timestamp=MOMENT),  # no key
    Record("", key=b"\xff", timestamp=MOMENT),
]


def test_each_column_of_real_messages(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, RECORDS)
    [batch] = Iterator(name, max_wait=support.LIMIT).batches()
    assert batch.topics == [name] * 4
    assert (batch.partitions, batch.offsets) == ([0] * 4, [0, 1, 2, 3])
    assert batch.timestamps == [MOMENT] * 4
    assert batch.raw_timestamps == [1_357_043_400_250] * 4
    assert batch.payloads == ["a", None, "c", ""]
    assert batch.raw_payloads == [b"a", None, b"c", b""]
    assert batch.keys == ["k", "k", None, b"\xff"]
    assert batch.raw_keys == [b"k", b"k", None, b"\xff"]
    assert batch.headers == [{"h": "2", "none": None}, {}, {"bytes": b"\xff"}, {}]
    assert batch.raw_headers == [[("h", b"1"), ("h", b"2"), ("none", None)], [], [("bytes", b"\xff")], []]


def test_each_column_is_that_of_its_messages_over_several_topics(
    app: App, topic: support.TopicFactory
) -> None:
    names = [topic(2, {0: RECORDS, 1: RECORDS[:2]}) for _ in range(2)]
    app.topic(names[1], payload=bytes, key=bytes, headers=bytes)
    [batch] = Iterator(names, max_wait=support.LIMIT).batches()
    assert len(batch) == 12
    for column, part in [
        (batch.topics, "topic"), (batch.partitions, "partition"), (batch.offsets, "offset"),
        (batch.timestamps, "timestamp"), (batch.raw_timestamps, "raw_timestamp"),
        (batch.keys, "key"), (batch.raw_keys, "raw_key"), (batch.payloads, "payload"),
        (batch.raw_payloads, "raw_payload"), (batch.headers, "headers"), (batch.raw_headers, "raw_headers"),
    ]:  # fmt: skip
        assert column == [getattr(message, part) for message in batch]


def test_it_is_a_sequence(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["a", "b", "c", "d"])
    [batch] = Iterator(name, max_wait=support.LIMIT).batches()
    assert (len(batch), shown(batch), shown(reversed(batch))) == (4, "a@0 b@1 c@2 d@3", "d@3 c@2 b@1 a@0")
    assert (batch[1].payload, batch[-1].payload) == ("b", "d")
    assert batch[1] is batch[1]
    assert batch[2] in batch
    assert isinstance(batch[1:3], Batch)
    assert (batch[1:3].payloads, batch[1:3][0] is batch[1]) == (["b", "c"], True)
    with pytest.raises(IndexError):
        batch[4]
    assert repr(batch) == f"<Batch of 4 messages: {name}-0@0 to {name}-0@3>"
    assert repr(batch[:1]) == f"<Batch of 1 message: {name}-0@0>"


def test_a_column_raises_what_the_first_message_raises_that_cant_be_read(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a", b"\xff", b"\xfe", "d"])
    [batch] = Iterator(name, max_wait=support.LIMIT).batches()
    with pytest.raises(DeserializationError) as caught:
        _ = batch.payloads
    assert str(caught.value) == (
        f"Can't read the payload of {name}-0@1 with str: 'utf-8' codec can't decode byte 0xff in position 0: "
        "invalid start byte. Its bytes are in raw_payload."
    )
    assert batch.raw_payloads == [b"a", b"\xff", b"\xfe", b"d"]
    assert [batch[0].payload, batch[3].payload] == ["a", "d"]


def test_a_cleaned_message_says_so_also_in_the_columns(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["a", "b"])
    [batch] = Iterator(name, max_wait=support.LIMIT).batches()
    batch[0].clean()
    for column in ("payloads", "raw_payloads"):
        with pytest.raises(MessageCleanedError) as caught:
            getattr(batch, column)
        assert str(caught.value) == (f"The payload of {name}-0@0 was freed by clean(). Read it before.")
    assert (batch.offsets, batch[1].payload) == ([0, 1], "b")


def test_its_messages_pickle_and_outlive_their_run(app: App, topic: support.TopicFactory) -> None:
    [batch] = Iterator(topic(1, RECORDS), max_wait=support.LIMIT).batches()
    copies = pickle.loads(pickle.dumps(list(batch)))
    assert [str(each) for each in copies] == [str(each) for each in batch]
    assert [each.payload for each in copies] == batch.payloads == ["a", None, "c", ""]
    assert [each.raw_headers for each in copies] == batch.raw_headers
    assert [each.timestamp for each in copies] == batch.timestamps
