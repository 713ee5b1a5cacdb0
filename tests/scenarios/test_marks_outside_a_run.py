"""Only a message of the live run can be marked; what clean() freed of it isn't missed."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from framework import App
from framework_iterator import Iterator, NotIteratingError
from tests import support
from tests.scenarios.marking import committed


@pytest.mark.parametrize("blocking", [False, True])
def test_a_mark_before_and_after_the_run_is_refused(
    app: App, admin: AdminClient, topic: support.TopicFactory, blocking: bool
) -> None:
    name = topic(1, ["a", "b"])
    sentence = f"<Iterator {name}> has no live run: call this from within the loop."
    [message, _] = Iterator(name)
    iterator: Iterator[Any] = Iterator(name, group_id=f"{name}-group")
    with pytest.raises(NotIteratingError) as before:
        iterator.mark_as_consumed(message, blocking=blocking)
    for _ in iterator:
        break
    with pytest.raises(NotIteratingError) as after:
        iterator.mark_as_consumed(message, blocking=blocking)
    assert (str(before.value), str(after.value)) == (sentence, sentence)
    assert committed(admin, f"{name}-group") == {}


@pytest.mark.parametrize("blocking", [False, True])
def test_a_message_of_another_topic_or_partition_is_refused_and_the_run_goes_on(
    app: App, admin: AdminClient, topic: support.TopicFactory, blocking: bool
) -> None:
    name, other = topic(2, {0: ["a"], 1: ["b"]}), topic(1, ["c"])
    [foreign], [elsewhere] = Iterator(other), Iterator({name: [1]})
    iterator: Iterator[Any] = Iterator({name: [0]}, group_id=f"{name}-group")
    sentences = []
    for message in iterator:
        for each in (foreign, elsewhere):
            with pytest.raises(NotIteratingError) as caught:
                iterator.mark_as_consumed(each, blocking=blocking)
            sentences.append(str(caught.value))
        iterator.mark_as_consumed(message)
    assert sentences == [
        f"{other}-0@0 isn't of this run, so it can't be marked here.",
        f"{name}-1@0 isn't of this run, so it can't be marked here.",
    ]
    assert committed(admin, f"{name}-group") == {(name, 0): 1}


@pytest.mark.parametrize("metadata", [True, False])
def test_a_cleaned_message_can_be_marked(
    app: App, admin: AdminClient, topic: support.TopicFactory, metadata: bool
) -> None:
    name = topic(1, ["a", "b"])
    iterator: Iterator[Any] = Iterator(name, group_id=f"{name}-group")
    for message in iterator:
        message.clean(metadata=metadata)
        iterator.mark_as_consumed(message)
    assert committed(admin, f"{name}-group") == {(name, 0): 2}


def test_a_message_that_cannot_be_read_and_a_tombstone_can_be_marked(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(2, {0: [b"\xff"], 1: ["a", None]})
    iterator: Iterator[Any] = Iterator(name, group_id=f"{name}-group")
    for message in iterator:
        iterator.mark_as_consumed(message)
    assert committed(admin, f"{name}-group") == {(name, 0): 1, (name, 1): 2}
