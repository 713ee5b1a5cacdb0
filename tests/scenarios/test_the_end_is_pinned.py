"""A run ends at the end as it was when it began: nothing past it is yielded, nothing below it is missed.

Producers go on writing at full speed meanwhile, and the last offsets below the end may be
transaction markers, aborted, or compacted away.
"""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import threading

from confluent_kafka import Producer

from framework import App
from framework_iterator import Iterator, Report
from tests import support
from tests.scenarios.reading import by_partition, shown
from tests.scenarios.ways import Read
from tests.support import SMALL, Record


@contextlib.contextmanager
def in_the_background(write: cabc.Callable[[], object]) -> cabc.Iterator[threading.Event]:
    """Call `write` in a thread, again and again until the block ends; the event says that it has begun."""
    begun, enough, failures = threading.Event(), threading.Event(), list[BaseException]()

    def loop() -> None:
        try:
            while not enough.is_set():
                write()
                begun.set()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield begun
    finally:
        enough.set()
        thread.join(support.LIMIT)
    assert failures == []


def finished(iterator: Iterator[object]) -> Report:
    assert iterator.report is not None
    assert iterator.report.ended == "end"
    return iterator.report


def test_a_producer_at_full_speed_neither_prolongs_a_run_nor_loses_it_a_message(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(3, {number: ["x"] * 5000 for number in range(3)})
    writer = support.make_producer(kafka)

    def write() -> None:
        for number in range(300):
            writer.produce(name, "more", partition=number % 3)
        writer.flush(support.LIMIT)

    with in_the_background(write) as begun:
        assert begun.wait(support.LIMIT)
        iterator = Iterator(name)
        offsets: dict[int, list[int]] = {0: [], 1: [], 2: []}
        for message in iterator:
            offsets[message.partition].append(message.offset)
        report = finished(iterator)
        with app.admin() as admin:
            support.wait_until(
                lambda: all(
                    each.stop is not None and each.stop < admin.watermarks(name)[name][each.partition].high
                    for each in report
                ),
                "a producer that goes on in each partition",
            )

    for partition in report.partitions:
        assert partition.stop is not None
        assert partition.stop > 5000
        assert offsets[partition.partition] == list(range(partition.stop))
        assert partition.position == partition.stop


def test_markers_at_the_end_of_a_partition_that_is_written_to_in_transactions(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(1, ["x"] * 2000)
    writer = support.make_producer(kafka, transactional_id=name)
    writer.init_transactions(support.LIMIT)
    turn = iter(range(1_000_000))

    def write() -> None:
        writer.begin_transaction()
        commit = next(turn) % 2 == 0
        writer.produce(name, "kept" if commit else "aborted", partition=0)
        if commit:
            writer.commit_transaction(support.LIMIT)
        else:
            writer.flush(support.LIMIT)
            writer.abort_transaction(support.LIMIT)

    with in_the_background(write) as begun:
        assert begun.wait(support.LIMIT)
        runs = [(iterator, list(iterator)) for iterator in [Iterator(name) for _ in range(20)]]

    everything = [message.offset() for message in support.read_all(kafka, name, isolation="read_committed")]
    for iterator, messages in runs:
        stop = finished(iterator).partitions[0].stop
        assert stop is not None
        assert {message.payload for message in messages} <= {"x", "kept"}
        assert [each.offset for each in messages] == [
            each for each in everything if each is not None and each < stop
        ]


def test_what_compaction_and_an_aborted_transaction_leave_at_the_end(
    app: App, kafka: str, topic: support.TopicFactory, read: Read
) -> None:
    name = topic(1, [Record("a", key="k"), Record("b", key="l"), Record("c", key="k")], **support.COMPACTED)
    assert support.compact(kafka, name) == [1, 2, 3]
    with support.transaction(kafka, commit=False) as aborted:
        support.produce(aborted, name, [Record("never", key="k"), Record("never", key="k")])
    iterator = Iterator(name)
    assert shown(read(iterator)) == "b@1 c@2 @3"
    assert finished(iterator).partitions[0].stop == 7


def test_a_busy_partition_that_ended_does_not_end_the_one_with_a_backlog(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(2, {0: ["x"] * 20, 1: ["y"] * 30_000})
    writer = support.make_producer(kafka)

    def write() -> None:
        # One at a time: each makes the reader see the end of partition 0 once more.
        writer.produce(name, "more", partition=0)
        writer.flush(support.LIMIT)

    with in_the_background(write) as begun:
        assert begun.wait(support.LIMIT)
        iterator = Iterator({name: {0: -10, 1: 0}})
        offsets = [message.offset for message in iterator if message.partition == 1]
        assert offsets == list(range(30_000))
        assert finished(iterator)[name, 0].messages == 10


def test_two_topics_with_equal_partition_numbers_end_each_at_its_own_end(
    app: App, topic: support.TopicFactory, producer: Producer
) -> None:
    short = topic(2, {0: ["a"], 1: ["b", "c"]})
    long = topic(2, {0: ["d", "e", "f"], 1: ["g"]})
    messages = list(Iterator([short, long]))
    assert by_partition(each for each in messages if each.topic == short) == "0: a@0 | 1: b@0 c@1"
    assert by_partition(each for each in messages if each.topic == long) == "0: d@0 e@1 f@2 | 1: g@0"


def test_what_compaction_takes_from_the_end_in_mid_run_is_neither_waited_for_nor_lost(
    app: App, kafka: str, topic: support.TopicFactory, producer: Producer, read: Read
) -> None:
    name = topic(1, **support.COMPACTED)
    for index in range(30):  # one by one: a broker sends whole batches
        support.produce(producer, name, [Record("x" * 3000, key=str(index))])
    iterator = Iterator(name, settings=SMALL)
    offsets = []
    for message in read(iterator):
        offsets.append(message.offset)
        if message.offset == 2:
            support.produce(producer, name, [Record("new", key=str(index)) for index in range(3, 30)])
            support.compact(kafka, name)
    assert offsets == list(range(len(offsets)))
    assert 3 <= len(offsets) < 20  # some were fetched before
    [partition] = finished(iterator).partitions
    assert (partition.stop, partition.position, partition.lost) == (30, 30, 0)


def test_a_transaction_that_is_open_as_a_run_begins_stays_outside_whatever_becomes_of_it(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    for commit in (True, False):
        name = topic(1, ["a", "b"])
        until_later, limited = Iterator(name, until=4), Iterator(name, limit=3)
        with support.transaction(kafka, commit=commit) as writer:
            support.produce(writer, name, ["c", "d"])
            assert shown(until_later) == shown(limited) == "a@0 b@1"
            assert shown(Iterator({name: -1})) == "b@1"
            assert shown(Iterator({name: "latest"})) == shown(Iterator({name: 3})) == ""
            begun = iter(iterator := Iterator(name))
            first = next(begun)
        assert shown([first, *begun]) == "a@0 b@1"
        for each in (until_later, limited, iterator):
            [partition] = finished(each).partitions
            assert (partition.stop, partition.position, partition.lost) == (2, 2, 0)
