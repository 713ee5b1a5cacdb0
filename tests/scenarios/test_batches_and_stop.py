"""`stop()` ends a run after the current batch; a stopped partition gives nothing in any later one."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from confluent_kafka import Producer

from framework import App
from framework_iterator import Batch, Ended, Iterator, NotIteratingError
from tests import support
from tests.scenarios.batching import flat, places, sizes
from tests.scenarios.reading import report_of, shown
from tests.scenarios.waiting import beside
from tests.scenarios.ways import Read


def ended(iterator: Iterator[Any, Any]) -> dict[int, Ended | None]:
    return {each.partition: each.ended for each in report_of(iterator)}


def test_in_the_loop_the_current_batch_is_the_last(app: App, topic: support.TopicFactory, read: Read) -> None:
    iterator = Iterator(topic(1, ["x"] * 3000))
    given = []
    for batch in read(iterator.batches(size=100)):
        given.append(batch)
        if len(given) == 7:
            iterator.stop()
    assert sizes(given) == [100] * 7
    [partition] = report_of(iterator)
    assert (partition.messages, partition.position, partition.ended) == (700, 700, "stopped")
    assert report_of(iterator).ended == "stopped"


def test_from_another_thread_while_the_body_works(app: App, topic: support.TopicFactory, read: Read) -> None:
    iterator = Iterator(topic(1, ["x"] * 3000))
    reached, stopped = threading.Event(), threading.Event()

    def stop() -> None:
        assert reached.wait(support.LIMIT)
        iterator.stop()
        stopped.set()

    given: list[Batch[Any]] = []
    with beside(stop):
        for batch in read(iterator.batches(size=10)):
            given.append(batch)
            if len(given) == 33:
                reached.set()
                assert stopped.wait(support.LIMIT)
    assert places(flat(given)).popitem()[1] == list(range(330))
    assert (report_of(iterator).ended, report_of(iterator).messages) == ("stopped", 330)


def test_from_another_thread_an_idle_follow_ends(app: App, topic: support.TopicFactory, read: Read) -> None:
    iterator = Iterator(topic(1, ["a", "b"]), follow=True, max_wait=0.1)

    def stop() -> None:
        support.wait_until(lambda: iterator.report and iterator.report.messages == 2, "the first batch")
        iterator.stop()

    with beside(stop):
        assert [shown(batch) for batch in read(iterator.batches())] == ["a@0 b@1"]
    assert (report_of(iterator).ended, report_of(iterator).messages) == ("stopped", 2)


def test_while_a_batch_is_filled_what_it_has_is_not_given_and_not_counted(
    app: App, topic: support.TopicFactory, read: Read
) -> None:
    # It would wait for a minute: what it has may not be given after stop(), and is there for the next run.
    iterator = Iterator(topic(1, ["a", "b"]), follow=True, max_wait=60.0)

    def stop() -> None:
        support.wait_until(lambda: iterator.report is not None, "a run")
        iterator.stop()

    with beside(stop):
        assert list(read(iterator.batches())) == []
    report = report_of(iterator)
    assert (report.ended, report.messages, report.partitions[0].position) == ("stopped", 0, 0)


def test_a_partition_that_is_stopped_between_two_batches_gives_nothing_more(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(3, {number: ["x"] * 2000 for number in range(3)})
    iterator = Iterator(name)
    run = iterator.batches(size=150)
    first = next(run)
    had = first.partitions.count(1)
    iterator.stop_partition(name, 1)
    offsets = places(flat([first, *run]))
    assert (offsets[name, 0], offsets[name, 2]) == (list(range(2000)), list(range(2000)))
    assert offsets.get((name, 1), []) == list(range(had))
    report = report_of(iterator)
    assert (report[name, 1].messages, report[name, 1].position) == (had, had)
    assert (ended(iterator), report.ended) == ({0: "end", 1: "stopped", 2: "end"}, "end")


def test_the_current_partition_is_that_of_the_last_message_of_the_batch(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(4, {number: ["x"] * 1000 for number in range(4)})
    iterator = Iterator(name)
    last: list[tuple[int, int]] = []
    for batch in iterator.batches(size=60):
        last.append((batch[-1].partition, batch[-1].offset))
        iterator.stop_current_partition()
    # The last batch of a partition is the one that stopped it.
    assert sorted(partition for partition, _ in last) == [0, 1, 2, 3]
    assert {each.partition: each.position - 1 for each in report_of(iterator)} == dict(last)
    assert set(ended(iterator).values()) == {"stopped"}
    assert report_of(iterator).ended == "stopped"


def test_before_the_first_batch_there_is_no_current_partition(
    app: App, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(1)
    iterator = Iterator(name, follow=True, yield_none=True, max_wait=0.05)
    run = iterator.batches()
    assert next(run) is None
    with pytest.raises(NotIteratingError) as caught:
        iterator.stop_current_partition()
    assert str(caught.value) == "There is no current message, and so no current partition."
    iterator.stop()
    assert list(run) == []


def test_when_all_partitions_are_stopped_a_follow_is_over_at_once(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(2, {0: ["x"] * 500, 1: ["y"] * 500})
    iterator = Iterator(name, follow=True)
    given = []
    for batch in iterator.batches(size=10):
        given.append(batch)
        iterator.stop_partition(name, 0)
        iterator.stop_partition(name, 1)
    assert sizes(given) == [10]
    assert (report_of(iterator).ended, report_of(iterator).messages) == ("stopped", 10)
