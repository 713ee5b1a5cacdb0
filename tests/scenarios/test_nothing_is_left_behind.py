"""However a run is left, the client is closed at once; and no topic, group or offset came of it."""

from __future__ import annotations

import collections.abc as cabc
import contextlib

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions
from confluent_kafka.admin import AdminClient

from framework import App, TopicNotFoundError
from framework_iterator import Ended, Iterator
from tests import support
from tests.held import all_is_as, counts
from tests.scenarios.reading import shown


class BodyError(Exception):
    """What a loop's body raises."""


def read_to_the_end(iterator: Iterator[object]) -> None:
    list(iterator)


def break_out(iterator: Iterator[object]) -> None:
    for _ in iterator:
        break


def raise_in_the_body(iterator: Iterator[object]) -> None:
    with pytest.raises(BodyError):
        for _ in iterator:
            raise BodyError


def close_the_generator(iterator: Iterator[object]) -> None:
    generator = iter(iterator)
    next(generator)
    assert isinstance(generator, cabc.Generator)
    generator.close()


def drop_the_generator(iterator: Iterator[object]) -> None:
    generator = iter(iterator)
    next(generator)
    del generator


def close_it_in_the_loop(iterator: Iterator[object]) -> None:
    for _ in iterator:
        iterator.close()


def leave_the_with_block(iterator: Iterator[object]) -> None:
    with iterator:
        generator = iter(iterator)
        next(generator)
    assert list(generator) == []


def reach_the_limit(iterator: Iterator[object]) -> None:
    generator = iter(iterator)
    for _ in range(7):
        next(generator)
    with pytest.raises(StopIteration):
        next(generator)


WAYS_OUT = [
    (read_to_the_end, None, Ended.END, 20),
    (break_out, None, Ended.CLOSED, 1),
    (raise_in_the_body, None, Ended.CLOSED, 1),
    (close_the_generator, None, Ended.CLOSED, 1),
    (drop_the_generator, None, Ended.CLOSED, 1),
    (leave_the_with_block, None, Ended.CLOSED, 1),
    (close_it_in_the_loop, None, Ended.CLOSED, 1),
    (reach_the_limit, 7, Ended.LIMIT, 7),
]


@pytest.mark.parametrize(("leave", "limit", "ended", "messages"), WAYS_OUT)
def test_every_way_out_closes_the_client_at_once_and_says_so_in_the_report(
    app: App,
    topic: support.TopicFactory,
    leave: cabc.Callable[[Iterator[object]], None],
    limit: int | None,
    ended: Ended,
    messages: int,
) -> None:
    iterator: Iterator[object] = Iterator(topic(2, {0: ["a"] * 10, 1: ["b"] * 10}), limit=limit)
    iterator.plan()  # loads what is loaded once
    before = counts()
    leave(iterator)
    assert all_is_as(before)
    assert iterator.report is not None
    assert (iterator.report.ended, iterator.report.messages) == (ended, messages)


@pytest.mark.parametrize("call", [Iterator.plan, Iterator.first], ids=["plan", "first"])
def test_plan_and_first_close_their_client(
    app: App, topic: support.TopicFactory, call: cabc.Callable[[Iterator[object]], object]
) -> None:
    iterator: Iterator[object] = Iterator(topic(1, ["a"]))
    iterator.plan()
    before = counts()
    call(iterator)
    assert all_is_as(before)


def test_a_failed_look_up_closes_its_client(app: App) -> None:
    iterator = Iterator(support.topic_name("missing"))
    with pytest.raises(TopicNotFoundError):
        iterator.plan()
    before = counts()
    with pytest.raises(TopicNotFoundError):
        list(iterator)
    assert all_is_as(before)


def test_reading_leaves_no_topic_no_group_and_no_offset(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(2, {0: ["a", "b"], 1: ["c"]})
    missing = support.topic_name("missing")
    group = f"{name}-group"

    def read_in_every_way() -> None:
        assert sorted(message.payload for message in Iterator(name, group_id=group)) == ["a", "b", "c"]
        assert shown(Iterator({name: {0: True}}, group_id=group)) == "a@0 b@1"
        break_out(Iterator(name, group_id=group))
        with contextlib.suppress(TopicNotFoundError):
            list(Iterator([name, missing], group_id=group))

    read_in_every_way()
    assert missing not in app.admin().topics()
    assert group not in {each.group_id for each in admin.list_consumer_groups().result().valid}
    offsets = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group].result()
    assert offsets.topic_partitions == []
