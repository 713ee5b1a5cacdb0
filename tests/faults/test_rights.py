"""A missing right is an error that names the resource and the right; to read, no more than READ is needed."""

from __future__ import annotations

import pytest

from framework import AuthorizationError, CommitError, TopicNotFoundError
from framework_iterator import Iterator
from tests import support
from tests.faults.brokers import bounded
from tests.faults.doors import Doors
from tests.scenarios.reading import report_of, shown
from tests.support import SMALL


def test_a_topic_without_any_right(doors: Doors) -> None:
    name = doors.topic()
    for topics in (name, [name, doors.topic()]):
        with bounded(), pytest.raises(AuthorizationError) as caught:
            list(Iterator(topics, app=doors.by_password("reader")))
        assert f"Topic '{name}' can't be read" in str(caught.value)
        assert f"READ on topic '{name}'" in str(caught.value)
    doors.allow("reader", "READ", "TOPIC", name)
    assert shown(Iterator(name, app=doors.by_password("reader"))) == "a@0 b@1"


def test_describe_alone_plans_and_reads_nothing(doors: Doors) -> None:
    name = doors.topic()
    doors.allow("reader", "DESCRIBE", "TOPIC", name)
    iterator = Iterator(name, app=doors.by_password("reader"))
    assert iterator.plan().count == 2
    with bounded(), pytest.raises(AuthorizationError) as caught:
        list(iterator)
    assert name in str(caught.value)
    assert f"READ on topic '{name}'" in str(caught.value)
    assert (report_of(iterator).ended, report_of(iterator).error) == ("error", caught.value)
    doors.allow("reader", "READ", "TOPIC", name)
    assert shown(iterator) == "a@0 b@1"


def test_read_alone_is_enough_for_every_start_and_nothing_on_groups_is_needed(doors: Doors) -> None:
    name = doors.topic()
    doors.allow("reader", "READ", "TOPIC", name)
    app = doors.by_password("reader")
    assert shown(Iterator(name, app=app)) == "a@0 b@1"
    assert shown(Iterator({name: -1}, app=app)) == "b@1"
    assert shown(Iterator(name, app=app, follow=True, limit=2)) == "a@0 b@1"
    assert app.admin().topics()[name] == 1


def test_a_topic_that_is_not_there_is_told_only_to_those_who_may_know(doors: Doors) -> None:
    missing = "not-there"
    with bounded(), pytest.raises(AuthorizationError):
        list(Iterator(missing, app=doors.by_password("other")))
    doors.allow("other", "DESCRIBE", "TOPIC", missing)
    with bounded(), pytest.raises(TopicNotFoundError):
        list(Iterator(missing, app=doors.by_password("other")))
    there = doors.topic()
    doors.allow("other", "READ", "TOPIC", there)
    assert shown(Iterator(there, app=doors.by_password("other"))) == "a@0 b@1"


def test_marks_need_read_on_the_group(doors: Doors) -> None:
    name = doors.topic()
    doors.allow("reader", "READ", "TOPIC", name)
    iterator = Iterator(name, app=doors.by_password("reader"), group_id=f"{name}-group")
    messages = []
    with bounded(), pytest.raises(CommitError) as caught:
        for message in iterator:
            messages.append(message)
            iterator.mark_as_consumed(message)
    assert shown(messages) == "a@0 b@1"
    assert f"READ on group '{name}-group'" in str(caught.value)
    assert report_of(iterator).ended == "end"
    doors.allow("reader", "READ", "GROUP", f"{name}-group")
    for message in iterator:
        iterator.mark_as_consumed(message)
    assert Iterator({name: True}, app=doors.by_password("reader"), group_id=f"{name}-group").plan().count == 0


def test_to_begin_where_a_group_left_off_needs_describe_on_it(doors: Doors) -> None:
    name = doors.topic()
    doors.allow("reader", "READ", "TOPIC", name)
    iterator = Iterator({name: True}, app=doors.by_password("reader"), group_id=f"{name}-group")
    with bounded(), pytest.raises(AuthorizationError) as caught:
        list(iterator)
    assert f"DESCRIBE on group '{name}-group'" in str(caught.value)
    doors.allow("reader", "DESCRIBE", "GROUP", f"{name}-group")
    assert shown(iterator) == "a@0 b@1"


def test_a_right_that_is_taken_away_in_mid_run_ends_it(doors: Doors) -> None:
    name = doors.topic([])
    for _ in range(40):  # a batch each
        support.produce(doors.producer, name, ["x" * 3000])
    right = doors.allow("reader", "READ", "TOPIC", name)
    iterator = Iterator(name, app=doors.by_password("reader"), settings=SMALL)
    offsets = []
    with bounded(), pytest.raises(AuthorizationError, match=name):
        for message in iterator:
            offsets.append(message.offset)
            if message.offset == 5:
                doors.withdraw(right)
    assert offsets == list(range(len(offsets)))
    assert len(offsets) < 40
    doors.allow("reader", "READ", "TOPIC", name)
    assert len(list(iterator)) == 40


def test_topics_that_may_not_be_seen_are_not_listed(doors: Doors) -> None:
    seen, hidden = doors.topic(), doors.topic()
    doors.allow("other", "DESCRIBE", "TOPIC", seen)
    topics = doors.by_password("other").admin().topics()
    assert seen in topics
    assert hidden not in topics
