"""What `where` raises reaches the user after the messages before it, and leaves as the loop's body would."""

from __future__ import annotations

import traceback
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from framework import App, DeserializationError
from framework.types import TopicPartition
from framework_iterator import Iterator
from tests import support
from tests.held import all_is_as, counts
from tests.scenarios.marking import committed
from tests.scenarios.ordering import ALL_ORDERS, Order
from tests.scenarios.reading import report_of, shown


class PredicateError(Exception):
    """What a predicate raises."""


def refuse_c(message: Any) -> bool:
    if message.payload == "c":
        raise PredicateError("c is no letter")
    return True


@ALL_ORDERS
def test_it_comes_after_what_passed_before_it(
    app: App, topic: support.TopicFactory, order: Order | None
) -> None:
    iterator = Iterator(topic(1, ["a", "b", "c", "d", "e"]), where=refuse_c, order=order)
    given = []
    with pytest.raises(PredicateError, match=r"^c is no letter$") as caught:
        for message in iterator:
            given.append(message)
    assert shown(given) == ("e@4 d@3" if order == "newest" else "a@0 b@1")
    lines = "".join(traceback.format_exception(caught.value))
    assert 'raise PredicateError("c is no letter")' in lines
    report = report_of(iterator)
    assert (report.ended, report.error, report.messages, report.filtered) == ("closed", None, 2, 0)
    [partition] = report
    assert (partition.start, partition.position) == ((3, 5) if order == "newest" else (0, 2))


@ALL_ORDERS
def test_batches_before_it_are_whole(app: App, topic: support.TopicFactory, order: Order | None) -> None:
    iterator = Iterator(topic(1, ["a", "b", "c", "d", "e"]), where=refuse_c, order=order)
    given: list[Any] = []
    with pytest.raises(PredicateError):
        for batch in iterator.batches(size=10):
            given += batch
    assert shown(given) == ("e@4 d@3" if order == "newest" else "a@0 b@1")
    assert (report_of(iterator).ended, report_of(iterator).messages) == ("closed", 2)


@ALL_ORDERS
def test_a_loop_that_ends_before_it_never_sees_it(
    app: App, topic: support.TopicFactory, order: Order | None
) -> None:
    name = topic(1, ["a", "b", "c", "d", "e"])
    limited = Iterator(name, where=refuse_c, limit=2, order=order)
    assert shown(limited) == ("e@4 d@3" if order == "newest" else "a@0 b@1")
    assert report_of(limited).ended == "limit"
    stopped = Iterator(name, where=refuse_c, order=order)
    given = []
    for message in stopped:
        given.append(message)
        if len(given) == 2:
            stopped.stop()
    assert (len(given), report_of(stopped).ended) == (2, "stopped")


def test_marks_are_committed_and_nothing_is_left_behind(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a", "b", "c", "d"])
    iterator = Iterator(name, where=refuse_c, group_id=name)
    iterator.plan()  # loads what is loaded once
    before = counts()
    with pytest.raises(PredicateError):
        for message in iterator:
            iterator.mark_as_consumed(message)
    assert committed(admin, name) == {TopicPartition(name, 0): 2}
    assert all_is_as(before)
    assert shown(Iterator(name)) == "a@0 b@1 c@2 d@3"


def test_the_run_can_be_resumed_at_that_message(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["a", "x", "c", "d"])
    iterator = Iterator(name, where=lambda message: message.payload != "x" and refuse_c(message))
    with pytest.raises(PredicateError):
        list(iterator)
    assert report_of(iterator).positions == {name: {0: 2}}
    assert shown(Iterator(name, resume=report_of(iterator).positions)) == "c@2 d@3"


def test_a_payload_that_cannot_be_read_is_such_an_error(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["1", "2", "x", "3"])
    app.topic(name, payload=int)
    iterator = Iterator(name, where=lambda message: message.payload > 0)
    given = []
    with pytest.raises(DeserializationError):
        for message in iterator:
            given.append(message.payload)
    assert given == [1, 2]
    assert (report_of(iterator).ended, report_of(iterator).error) == ("closed", None)


def test_one_that_ends_an_iteration_is_no_quiet_end(app: App, topic: support.TopicFactory) -> None:
    letters = iter("ab")
    iterator = Iterator(topic(1, ["a", "b", "c"]), where=lambda message: message.payload == next(letters))
    given = []
    with pytest.raises(RuntimeError) as caught:
        for message in iterator:
            given.append(message)
    assert shown(given) == "a@0 b@1"
    assert isinstance(caught.value.__cause__, StopIteration)
    assert report_of(iterator).ended == "closed"


def test_ctrl_c_in_a_predicate_ends_the_run_at_once(app: App, topic: support.TopicFactory) -> None:
    def interrupted(message: Any) -> bool:
        if message.payload == "c":
            raise KeyboardInterrupt
        return True

    iterator = Iterator(topic(1, ["a", "b", "c", "d"]), where=interrupted)
    iterator.plan()
    before = counts()
    with pytest.raises(KeyboardInterrupt):
        list(iterator)
    assert all_is_as(before)
    report = report_of(iterator)
    assert (report.ended, report.error, report.gaps) == ("closed", None, 0)
    assert report.messages == report.partitions[0].position
