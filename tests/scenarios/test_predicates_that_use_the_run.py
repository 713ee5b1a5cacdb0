"""A predicate may look at its run, stop it, stop partitions of it, and close it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from framework import App
from framework_iterator import AlreadyIteratingError, Iterator
from tests import support
from tests.held import all_is_as, counts
from tests.scenarios.ordering import ALL_ORDERS, EACH, Order, at
from tests.scenarios.reading import by_partition, report_of, shown
from tests.scenarios.test_every_offset_is_accounted_for import account


@ALL_ORDERS
def test_the_report_adds_up_inside_of_it(app: App, topic: support.TopicFactory, order: Order | None) -> None:
    name = topic(2, {number: at(*range(number, 600, 2)) for number in range(2)})
    seen: list[int] = []

    def look(message: Any) -> bool:
        account(report_of(iterator))
        seen.append(report_of(iterator).messages)
        return bool(message.offset % 3 == 0)

    iterator = Iterator(name, where=look, order=order)
    given = list(iterator)
    assert len(given) == report_of(iterator).messages == 200
    assert seen == sorted(seen)
    assert max(seen) <= 200


@ALL_ORDERS
def test_stop_ends_the_run_and_the_report_says_what_was_given(
    app: App, topic: support.TopicFactory, order: Order | None
) -> None:
    name = topic(1, ["x"] * 3000)

    def stop(message: Any) -> bool:
        if message.offset == 1500:
            iterator.stop()
        return True

    iterator = Iterator(name, where=stop, order=order)
    for give in (list, lambda each: [message for batch in each.batches(7) for message in batch]):
        given = give(iterator)
        report = report_of(iterator)
        assert (report.ended, report.messages, report.gaps) == ("stopped", len(given), 0)
        expected = list(range(3000))[:: -1 if order == "newest" else 1]
        assert [message.offset for message in given] == expected[: len(given)]
        assert len(given) <= 1500 + 1


@ALL_ORDERS
@pytest.mark.parametrize("size", [None, 1, 7, 1000])
def test_a_stopped_partition_gives_nothing_from_then_on(
    app: App, topic: support.TopicFactory, order: Order | None, size: int | None
) -> None:
    name = topic(2, {number: at(*range(number, 2000, 2)) for number in range(2)})
    given: list[Any] = []
    had: list[int] = []

    def stop(message: Any) -> bool:
        if (message.partition, message.offset) == (1, 500):
            iterator.stop_partition(name, 1)
            had.append(len(given))
        return True

    iterator = Iterator(name, where=stop, order=order)
    if size is None:
        for message in iterator:
            given.append(message)
    else:
        for batch in iterator.batches(size):
            given += batch
    [before] = had
    assert 1 not in {message.partition for message in given[before:]}
    assert [each.offset for each in given if each.partition == 0] == (
        list(range(999, -1, -1)) if order == "newest" else list(range(1000))
    )
    report = report_of(iterator)
    account(report)
    of_it = sum(each.partition == 1 for each in given)
    assert (report[name, 1].messages, report[name, 1].ended) == (of_it, "stopped")
    assert (report[name, 0].messages, report[name, 0].ended) == (1000, "end")


@ALL_ORDERS
@pytest.mark.parametrize("size", [None, 1000])
def test_close_ends_the_run(
    app: App, topic: support.TopicFactory, order: Order | None, size: int | None
) -> None:
    name = topic(1, ["x"] * 3000)

    def close(message: Any) -> bool:
        if message.offset == 25:
            iterator.close()
        return True

    iterator = Iterator(name, where=close, order=order)
    iterator.plan()
    before = counts()
    given = list(iterator) if size is None else [each for batch in iterator.batches(size) for each in batch]
    assert all_is_as(before)
    report = report_of(iterator)
    account(report)
    assert (report.ended, report.messages) == ("closed", len(given))


def test_a_predicate_cannot_iterate_its_own_run(app: App, topic: support.TopicFactory) -> None:
    iterator: Iterator[Any] = Iterator(topic(1, ["a"]), where=lambda _: list(iterator))
    with pytest.raises(AlreadyIteratingError):
        list(iterator)


def test_a_predicate_may_read_another_topic(app: App, topic: support.TopicFactory) -> None:
    wanted = topic(1, ["b", "c"])
    name = topic(1, ["a", "b", "c", "d"])
    iterator = Iterator(
        name, where=lambda message: any(each.payload == message.payload for each in Iterator(wanted))
    )
    assert shown(iterator) == "b@1 c@2"


def test_a_limit_of_one_over_batches_tests_no_message_twice(app: App, topic: support.TopicFactory) -> None:
    name = topic(2, {0: at(*range(1000)), 1: at(*range(1000, 2000))})
    tested: list[tuple[int, int]] = []

    def third(message: Any) -> bool:
        tested.append((message.partition, message.offset))
        return bool(message.offset % 3 == 2)

    for order, expected in zip(EACH, ["0: 2@2", "1: 1998@998"], strict=True):
        tested.clear()
        iterator = Iterator(name, where=third, limit=1, order=order, max_wait=support.LIMIT)
        [batch] = iterator.batches(size=1000)
        assert by_partition(batch) == expected
        assert len(tested) == len(set(tested))
        assert (report_of(iterator).ended, report_of(iterator).messages) == ("limit", 1)


def slow_third(message: Any) -> bool:
    """So slow that the messages of one fetch are tested in many parts."""
    time.sleep(0.001)
    return int(message.payload) % 3 == 0


@ALL_ORDERS
def test_a_partition_that_is_stopped_between_two_slow_tests_gives_nothing_more(
    app: App, topic: support.TopicFactory, order: Order | None
) -> None:
    name = topic(2, {number: at(*range(number, 1200, 2)) for number in range(2)})
    iterator = Iterator(name, where=slow_third, order=order)
    given, stopped = [], []
    for message in iterator:
        account(report_of(iterator))
        given.append(message)
        if len(given) == 40:
            iterator.stop_partition(name, 1)
            stopped.append(report_of(iterator)[name, 1])
    assert {message.partition for message in given[40:]} == {0}
    report = report_of(iterator)
    account(report)
    assert [report[name, 1]] == stopped
    assert (report[name, 0].messages, report[name, 0].ended) == (200, "end")


@pytest.mark.parametrize("order", [None, "time"], ids=["arrival", "time"])
def test_a_run_that_is_left_between_two_slow_tests_can_be_resumed(
    app: App, topic: support.TopicFactory, order: Order | None
) -> None:
    name = topic(2, {number: at(*range(number, 600, 2)) for number in range(2)})
    app.topic(name, payload=str)
    every_third = [number for number in range(600) if number % 3 == 0]
    positions = None
    given: list[int] = []
    for count in (1, 7, 30, 31, 1000):
        iterator = Iterator(name, where=slow_third, order=order, resume=positions)
        for number, message in enumerate(iterator, 1):
            given.append(int(message.payload))
            if number == count:
                break
        account(report_of(iterator))
        positions = report_of(iterator).positions
    assert sorted(given) == every_third
    if order == "time":
        assert given == every_third
