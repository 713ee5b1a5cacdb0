"""What the broker refuses is a CommitError, on every way out that can raise one; else it is logged."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import logging
import sys
from typing import Any

import pytest
from confluent_kafka import KafkaError
from confluent_kafka.admin import AdminClient

from framework import App, CommitError
from framework_iterator import Ended, Iterator
from tests import support
from tests.scenarios.marking import committed, live_member


class BodyError(Exception):
    """What a loop's body raises."""


@pytest.fixture(autouse=True)
def unraisable(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What Python could only print."""
    found: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", found.append)
    return found


def read_to_the_end(iterator: Iterator[Any]) -> None:
    for message in iterator:
        iterator.mark_as_consumed(message)


def stop(iterator: Iterator[Any]) -> None:
    for message in iterator:
        iterator.mark_as_consumed(message)
        iterator.stop()


def leave_the_with_block(iterator: Iterator[Any]) -> None:
    with iterator:
        generator = iter(iterator)
        iterator.mark_as_consumed(next(generator))


def break_in_the_with_block(iterator: Iterator[Any]) -> None:
    with iterator:
        for message in iterator:
            iterator.mark_as_consumed(message)
            break


def break_and_close(iterator: Iterator[Any]) -> None:
    for message in iterator:
        iterator.mark_as_consumed(message)
        break
    iterator.close()


def close_the_generator(iterator: Iterator[Any]) -> None:
    generator = iter(iterator)
    assert isinstance(generator, cabc.Generator)
    iterator.mark_as_consumed(next(generator))
    generator.close()


def close_the_iterator(iterator: Iterator[Any]) -> None:
    for message in iterator:
        iterator.mark_as_consumed(message)
        iterator.close()


def leave_another_generator(iterator: Iterator[Any]) -> None:
    def through() -> cabc.Generator[Any]:
        yield from iterator

    with contextlib.closing(through()) as messages:
        for message in messages:
            iterator.mark_as_consumed(message)
            break


@pytest.mark.parametrize(
    ("leave", "ended"),
    [
        (read_to_the_end, Ended.END),
        (stop, Ended.STOPPED),
        (leave_the_with_block, Ended.CLOSED),
        (break_in_the_with_block, Ended.CLOSED),
        (break_and_close, Ended.CLOSED),
        (close_the_generator, Ended.CLOSED),
        (close_the_iterator, Ended.CLOSED),
        (leave_another_generator, Ended.CLOSED),
    ],
)
def test_where_it_can_be_caught_it_is_raised_and_stands_in_the_report(
    app: App,
    kafka: str,
    admin: AdminClient,
    topic: support.TopicFactory,
    leave: cabc.Callable[[Iterator[Any]], None],
    ended: Ended,
) -> None:
    name = topic(1, ["a", "b", "c"])
    iterator: Iterator[Any] = Iterator(name, group_id=f"{name}-group")
    with live_member(kafka, f"{name}-group", name), pytest.raises(CommitError) as caught:
        leave(iterator)
    assert str(caught.value) == (
        f"The marks were not committed for group '{name}-group': it has live members, "
        "and only they may commit. Stop them, or pass another group_id."
    )
    assert (caught.value.code, caught.value.name) == (KafkaError.UNKNOWN_MEMBER_ID, "UNKNOWN_MEMBER_ID")
    report = iterator.report
    assert report is not None
    assert (report.ended, report.error) == (ended, caught.value)
    assert committed(admin, f"{name}-group") == {}


def break_out(iterator: Iterator[Any]) -> None:
    for message in iterator:
        iterator.mark_as_consumed(message)
        break


def drop_the_generator(iterator: Iterator[Any]) -> None:
    generator = iter(iterator)
    iterator.mark_as_consumed(next(generator))
    del generator


def raise_in_the_body(iterator: Iterator[Any]) -> None:
    with pytest.raises(BodyError):
        for message in iterator:
            iterator.mark_as_consumed(message)
            raise BodyError


def raise_in_the_with_block(iterator: Iterator[Any]) -> None:
    with pytest.raises(BodyError), iterator:
        generator = iter(iterator)
        iterator.mark_as_consumed(next(generator))
        raise BodyError


@pytest.mark.parametrize("leave", [break_out, drop_the_generator, raise_in_the_body, raise_in_the_with_block])
def test_where_nobody_can_catch_it_or_another_error_is_on_its_way_it_is_logged(
    app: App,
    kafka: str,
    topic: support.TopicFactory,
    caplog: pytest.LogCaptureFixture,
    unraisable: list[Any],
    leave: cabc.Callable[[Iterator[Any]], None],
) -> None:
    name = topic(1, ["a", "b", "c"])
    iterator: Iterator[Any] = Iterator(name, group_id=f"{name}-group")
    with live_member(kafka, f"{name}-group", name):
        leave(iterator)
    sentence = (
        f"The marks were not committed for group '{name}-group': it has live members, "
        "and only they may commit. Stop them, or pass another group_id."
    )
    logged = [(each.name, each.getMessage()) for each in caplog.records if each.levelno >= logging.ERROR]
    # The client library logs an error where a request takes long.
    ours = [(name, text) for name, text in logged if name != "framework.librdkafka"]
    assert ours == [("framework_iterator.session", sentence)]
    assert unraisable == []
    assert iterator.report is not None
    assert iterator.report.ended == Ended.CLOSED
    assert isinstance(iterator.report.error, CommitError)
    assert str(iterator.report.error) == sentence


def test_an_error_thrown_into_the_run_is_not_replaced(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a", "b"])
    iterator: Iterator[Any] = Iterator(name, group_id=f"{name}-group")
    error = BodyError()
    with live_member(kafka, f"{name}-group", name):
        generator = iter(iterator)
        assert isinstance(generator, cabc.Generator)
        iterator.mark_as_consumed(next(generator))
        with pytest.raises(BodyError):
            generator.throw(error)
    assert iterator.report is not None
    assert iterator.report.ended == Ended.CLOSED  # as after an exception in the loop's body
    assert isinstance(iterator.report.error, CommitError)


def test_a_blocking_mark_raises_and_the_run_goes_on_and_commits_when_the_member_has_left(
    app: App, kafka: str, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a", "b", "c"])
    group, seen = f"{name}-group", ""
    iterator: Iterator[Any] = Iterator(name, group_id=group)
    for message in iterator:
        seen += message.payload
        if message.offset == 1:
            with live_member(kafka, group, name), pytest.raises(CommitError, match="has live members"):
                iterator.mark_as_consumed(message, blocking=True)
    assert seen == "abc"
    assert committed(admin, group) == {(name, 0): 2}


def test_a_mark_that_was_refused_in_the_background_is_sent_again_at_the_end(
    app: App, kafka: str, admin: AdminClient, topic: support.TopicFactory
) -> None:
    # The member is there for the commit in the background, and gone before the end.
    name = topic(1, ["a", "b"])
    group, idle = f"{name}-group", 0
    iterator: Iterator[Any, None] = Iterator(
        name, follow=True, yield_none=True, max_wait=0.05, group_id=group
    )
    with contextlib.ExitStack() as stack:
        stack.enter_context(live_member(kafka, group, name))
        for message in iterator:
            if message is not None:
                iterator.mark_as_consumed(message)
            else:
                idle += 1
            if idle == 5:
                stack.close()
                break
    assert committed(admin, group) == {(name, 0): 2}


def test_a_mark_that_was_refused_in_the_background_is_sent_again_while_the_run_goes_on(
    app: App, kafka: str, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a", "b"])
    group, idle = f"{name}-group", 0
    iterator: Iterator[Any, None] = Iterator(
        name, follow=True, yield_none=True, max_wait=0.05, group_id=group
    )
    with contextlib.ExitStack() as stack:
        stack.enter_context(live_member(kafka, group, name))
        for message in iterator:
            if message is not None:
                iterator.mark_as_consumed(message)
                continue
            idle += 1
            if idle == 5:
                stack.close()
            if committed(admin, group) == {(name, 0): 2}:
                break
            assert idle < 200
    assert idle >= 5  # not while the member was there


def test_without_marks_a_group_with_live_members_can_be_read_with(
    app: App, kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a", "b"])
    with live_member(kafka, f"{name}-group", name):
        assert [message.offset for message in Iterator({name: True}, group_id=f"{name}-group")] == [0, 1]
