"""`mark_as_consumed(batch)` commits the offset after the last message of each partition that is in it."""

from __future__ import annotations

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from framework import App
from framework_iterator import Iterator, NotIteratingError
from tests import support
from tests.scenarios.batching import flat
from tests.scenarios.marking import committed
from tests.scenarios.reading import shown


@pytest.mark.parametrize("blocking", [False, True], ids=["in-the-background", "blocking"])
def test_of_several_partitions_and_topics(
    app: App, admin: AdminClient, topic: support.TopicFactory, blocking: bool
) -> None:
    left, right = topic(3, {0: ["a"] * 5, 2: ["b"] * 7}), topic(2, {1: ["c"] * 4})
    iterator = Iterator([left, right], group_id=f"{left}-group", max_wait=support.LIMIT)
    for batch in iterator.batches(size=100):
        assert len(batch) == 16
        iterator.mark_as_consumed(batch, blocking=blocking)
        if blocking:  # they are there before the next batch
            assert committed(admin, f"{left}-group") == {(left, 0): 5, (left, 2): 7, (right, 1): 4}
    assert committed(admin, f"{left}-group") == {(left, 0): 5, (left, 2): 7, (right, 1): 4}


def test_the_next_run_goes_on_after_the_batch(
    app: App, topic: support.TopicFactory, producer: Producer
) -> None:
    name = topic(2, {0: ["a", "b", "c"], 1: ["d", "e"]})
    group = f"{name}-group"
    iterator = Iterator({name: True}, group_id=group, max_wait=support.LIMIT)
    first = []
    for batch in iterator.batches(size=2):
        iterator.mark_as_consumed(batch)
        first += [str(message) for message in batch]
        if len(first) == 4:
            break
    rest = [str(each) for batch in Iterator({name: True}, group_id=group).batches() for each in batch]
    assert (len(first), len(rest)) == (4, 1)
    assert sorted(first + rest) == [f"{name}-0@0", f"{name}-0@1", f"{name}-0@2", f"{name}-1@0", f"{name}-1@1"]


def test_only_a_part_of_a_batch_or_one_of_its_messages(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a", "b", "c", "d"])
    iterator = Iterator(name, group_id=f"{name}-group")
    for batch in iterator.batches():
        iterator.mark_as_consumed(batch[:3], blocking=True)
        assert committed(admin, f"{name}-group") == {(name, 0): 3}
        iterator.mark_as_consumed(batch[0])
    assert committed(admin, f"{name}-group") == {(name, 0): 1}


def test_an_empty_part_marks_nothing(app: App, admin: AdminClient, topic: support.TopicFactory) -> None:
    name = topic(1, ["a"])
    iterator = Iterator(name, group_id=f"{name}-group")
    for batch in iterator.batches():
        iterator.mark_as_consumed(batch[5:], blocking=True)
    assert committed(admin, f"{name}-group") == {}


def test_a_cleaned_batch_can_be_marked(app: App, admin: AdminClient, topic: support.TopicFactory) -> None:
    name = topic(1, ["a", "b"])
    iterator = Iterator(name, group_id=f"{name}-group")
    for batch in iterator.batches():
        for message in batch:
            message.clean()
        iterator.mark_as_consumed(batch)
    assert committed(admin, f"{name}-group") == {(name, 0): 2}


def test_a_batch_of_another_topic_is_refused_and_nothing_of_it_is_marked(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name, other = topic(1, ["a"]), topic(1, ["b", "c"])
    [foreign] = Iterator([name, other], max_wait=support.LIMIT).batches()
    iterator = Iterator(name, group_id=f"{name}-group")
    next(batches := iterator.batches())
    with pytest.raises(NotIteratingError) as caught:
        iterator.mark_as_consumed(foreign)
    assert list(batches) == []
    assert str(caught.value) == f"{other}-0@1 isn't of this run, so it can't be marked here."
    assert committed(admin, f"{name}-group") == {}


def test_outside_a_run_it_is_an_error(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["a"])
    iterator = Iterator(name)
    [batch] = iterator.batches()
    assert shown(flat([batch])) == "a@0"
    with pytest.raises(NotIteratingError) as caught:
        iterator.mark_as_consumed(batch)
    assert str(caught.value) == f"<Iterator {name}> has no live run: call this from within the loop."
