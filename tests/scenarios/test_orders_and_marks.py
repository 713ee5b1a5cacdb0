"""Marks work in time order, and with filters, as in any run; newest first, they are refused."""

from __future__ import annotations

import pytest
from confluent_kafka.admin import AdminClient

from framework import App
from framework.types import TopicPartition
from framework_iterator import InvalidOptionError, Iterator
from tests import support
from tests.scenarios.marking import committed
from tests.scenarios.ordering import at
from tests.scenarios.reading import report_of, shown


def test_in_time_order_the_next_run_starts_after_what_was_marked(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(2, {0: at(0, 10, 20), 1: at(5, 15, 25)})
    iterator = Iterator({name: True}, order="time", group_id=name)
    for message in iterator:
        iterator.mark_as_consumed(message)
        if message.payload == "10":
            break
    assert committed(admin, name) == {TopicPartition(name, 0): 2, TopicPartition(name, 1): 1}
    assert shown(Iterator({name: True}, order="time", group_id=name)) == "15@1 20@2 25@2"


def test_a_batch_in_time_order_is_marked_whole(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(2, {0: at(0, 10, 20), 1: at(5, 15, 25)})
    iterator = Iterator(name, order="time", group_id=name)
    for batch in iterator.batches(size=3):
        iterator.mark_as_consumed(batch, blocking=True)
        break
    assert committed(admin, name) == {TopicPartition(name, 0): 2, TopicPartition(name, 1): 1}


def test_marks_of_filtered_messages_count_what_lies_before_them(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a", "b", "a", "b"])
    iterator = Iterator(name, where=lambda message: message.payload == "b", group_id=name)
    for message in iterator:
        iterator.mark_as_consumed(message)
        break
    assert committed(admin, name) == {TopicPartition(name, 0): 2}
    assert shown(Iterator({name: True}, group_id=name)) == "a@2 b@3"


def test_newest_first_marks_are_refused_and_the_run_goes_on(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a", "b"])
    iterator = Iterator(name, order="newest", group_id=name)
    sentences = []
    for message in iterator:
        with pytest.raises(InvalidOptionError) as caught:
            iterator.mark_as_consumed(message)
        sentences.append(str(caught.value))
    assert sentences == 2 * [
        'Marks are refused with order="newest": they would skip the older messages, which come later.'
    ]
    assert (report_of(iterator).ended, report_of(iterator).messages) == ("end", 2)
    assert committed(admin, name) == {}


def test_newest_first_a_committed_offset_is_where_reading_ends(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["a", "b", "c", "d"])
    marking = Iterator(name, group_id=name)
    for message in marking:
        marking.mark_as_consumed(message, blocking=True)
        if message.payload == "b":
            break
    assert shown(Iterator({name: True}, group_id=name, order="newest")) == "d@3 c@2"
