"""Offsets without a message neither end a batch early, nor hold one up, nor count in its size."""

from __future__ import annotations

from confluent_kafka import Producer

from framework import App
from framework_iterator import Iterator
from tests import support
from tests.scenarios.batching import flat, in_broker, places, sizes
from tests.scenarios.reading import report_of, shown
from tests.scenarios.ways import Read
from tests.support import Record


def test_what_compaction_removed(app: App, kafka: str, topic: support.TopicFactory, read: Read) -> None:
    name = topic(1, [Record(f"{each}", key=f"{each % 7}") for each in range(100)], **support.COMPACTED)
    left = support.compact(kafka, name)
    iterator = Iterator(name, max_wait=support.LIMIT)
    batches = list(read(iterator.batches(size=3)))
    assert [message.offset for message in flat(batches)] == left
    assert sizes(batches) == [3, 3, 2]  # seven keys, and the message that began a new segment
    [partition] = report_of(iterator)
    assert (partition.messages, partition.gaps, partition.position, partition.ended) == (8, 93, 101, "end")


def test_aborted_transactions_and_markers_also_at_the_end(
    app: App, kafka: str, topic: support.TopicFactory, read: Read
) -> None:
    name = topic(2, {0: ["a"]})
    for text, commit in [("b", True), ("no", False), ("c", True), ("no", False)]:
        with support.transaction(kafka, commit=commit) as writer:
            support.produce(writer, name, [text] * 2)
    iterator = Iterator(name, max_wait=support.LIMIT)
    batches = list(read(iterator.batches(size=2)))
    assert [shown(batch) for batch in batches] == ["a@0 b@1", "b@2 c@7", "c@8"]
    assert (report_of(iterator)[name, 0].gaps, report_of(iterator)[name, 0].position) == (8, 13)
    assert places(flat(batches)) == in_broker(kafka, name)


def test_a_partition_with_nothing_but_markers_beside_one_with_messages(
    app: App, kafka: str, topic: support.TopicFactory, read: Read
) -> None:
    name = topic(2, {1: ["x"] * 30})
    for _ in range(5):
        with support.transaction(kafka, commit=False) as writer:
            support.produce(writer, name, ["no"] * 10, partition=0)
    iterator = Iterator(name, max_wait=support.LIMIT)
    assert sizes(read(iterator.batches(size=20))) == [20, 10]
    report = report_of(iterator)
    assert [(each.messages, each.gaps, each.position) for each in report] == [(0, 55, 55), (30, 0, 30)]


def test_an_open_transaction_ends_the_last_batch_in_front_of_it(
    app: App, kafka: str, topic: support.TopicFactory, producer: Producer, read: Read
) -> None:
    name = topic(1, ["a", "b", "c"])
    with support.transaction(kafka) as writer:
        support.produce(writer, name, ["open"])
        support.produce(producer, name, ["behind"])
        iterator = Iterator(name, max_wait=support.LIMIT)
        assert [shown(batch) for batch in read(iterator.batches(size=2))] == ["a@0 b@1", "c@2"]
        assert report_of(iterator).positions == {name: {0: 3}}
    assert [shown(batch) for batch in read(iterator.batches(size=4))] == ["a@0 b@1 c@2 open@3", "behind@4"]


def test_read_uncommitted_batches_hold_what_was_aborted(
    app: App, kafka: str, topic: support.TopicFactory, read: Read
) -> None:
    name = topic(1, ["a"])
    with support.transaction(kafka, commit=False) as writer:
        support.produce(writer, name, ["no", "no"])
    iterator = Iterator(name, settings={"isolation.level": "read_uncommitted"})
    assert [shown(batch) for batch in read(iterator.batches(size=2))] == ["a@0 no@1", "no@2"]
    assert report_of(iterator).gaps == 1
