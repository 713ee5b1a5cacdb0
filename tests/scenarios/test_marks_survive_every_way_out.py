"""However a run is left, what was marked is committed when it is over, and nothing else."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import gc
import threading
from typing import Any, TypeAlias

import pytest
from confluent_kafka.admin import AdminClient

from framework import App, Message
from framework_iterator import Iterator
from tests import support
from tests.scenarios.marking import committed


class BodyError(Exception):
    """What a loop's body raises."""


class Marker:
    """Marks 0@2 and 1@1, whenever they come: the first is sent at once, the other waits for its turn."""

    def __init__(self, iterator: Iterator[Any]) -> None:
        self._iterator = iterator
        self._left = {(0, 2), (1, 1)}

    def __call__(self, message: Message[Any]) -> bool:
        """Whether both are marked."""
        if (place := (message.partition, message.offset)) in self._left:
            self._iterator.mark_as_consumed(message)
            self._left.remove(place)
        return not self._left


Mark: TypeAlias = cabc.Callable[[Message[Any]], bool]


def read_to_the_end(iterator: Iterator[Any], mark: Mark) -> None:
    for message in iterator:
        mark(message)


def stop(iterator: Iterator[Any], mark: Mark) -> None:
    for message in iterator:
        if mark(message):
            iterator.stop()


def stop_before_the_mark(iterator: Iterator[Any], mark: Mark) -> None:
    for message in iterator:
        if (message.partition, message.offset) == (0, 4):
            iterator.stop()
            iterator.mark_as_consumed(message)


def stop_from_another_thread(iterator: Iterator[Any], mark: Mark) -> None:
    for message in iterator:
        if mark(message):
            thread = threading.Thread(target=iterator.stop)
            thread.start()
            thread.join()


def stop_every_partition(iterator: Iterator[Any], mark: Mark) -> None:
    for message in iterator:
        if mark(message):
            for partition in range(3):
                iterator.stop_partition(message.topic, partition)


def break_out(iterator: Iterator[Any], mark: Mark) -> None:
    for message in iterator:
        if mark(message):
            break


def raise_in_the_body(iterator: Iterator[Any], mark: Mark) -> None:
    with pytest.raises(BodyError):
        for message in iterator:
            if mark(message):
                raise BodyError


def interrupt_the_body(iterator: Iterator[Any], mark: Mark) -> None:
    with pytest.raises(KeyboardInterrupt):
        for message in iterator:
            if mark(message):
                raise KeyboardInterrupt


def close_the_generator(iterator: Iterator[Any], mark: Mark) -> None:
    generator = iter(iterator)
    assert isinstance(generator, cabc.Generator)
    for message in generator:
        if mark(message):
            generator.close()


def throw_into_the_generator(iterator: Iterator[Any], mark: Mark) -> None:
    generator = iter(iterator)
    assert isinstance(generator, cabc.Generator)
    while not mark(next(generator)):
        pass
    with pytest.raises(BodyError):
        generator.throw(BodyError())


def drop_the_generator(iterator: Iterator[Any], mark: Mark) -> None:
    generator = iter(iterator)
    while not mark(next(generator)):
        pass
    del generator


def drop_a_cycle(iterator: Iterator[Any], mark: Mark) -> None:
    cycle: list[Any] = [iter(iterator)]
    cycle.append(cycle)
    while not mark(next(cycle[0])):
        pass
    del cycle
    gc.collect()


def close_the_iterator(iterator: Iterator[Any], mark: Mark) -> None:
    for message in iterator:
        if mark(message):
            iterator.close()


def leave_the_with_block(iterator: Iterator[Any], mark: Mark) -> None:
    with iterator:
        generator = iter(iterator)
        while not mark(next(generator)):
            pass
    assert list(generator) == []


def raise_in_the_with_block(iterator: Iterator[Any], mark: Mark) -> None:
    with pytest.raises(BodyError), iterator:
        generator = iter(iterator)
        while not mark(next(generator)):
            pass
        raise BodyError


def leave_another_generator(iterator: Iterator[Any], mark: Mark) -> None:
    def through() -> cabc.Generator[Message[Any]]:
        yield from iterator

    with contextlib.closing(through()) as messages:
        for message in messages:
            if mark(message):
                break


BOTH = {0: 3, 1: 2}
FOLLOWING = [
    (stop, BOTH),
    (stop_before_the_mark, {0: 5}),
    (stop_from_another_thread, BOTH),
    (stop_every_partition, BOTH),
    (break_out, BOTH),
    (raise_in_the_body, BOTH),
    (interrupt_the_body, BOTH),
    (close_the_generator, BOTH),
    (throw_into_the_generator, BOTH),
    (drop_the_generator, BOTH),
    (drop_a_cycle, BOTH),
    (close_the_iterator, BOTH),
    (leave_the_with_block, BOTH),
    (raise_in_the_with_block, BOTH),
    (leave_another_generator, BOTH),
]


@pytest.mark.parametrize(("leave", "expected"), [(read_to_the_end, BOTH), *FOLLOWING])
def test_a_finite_run_commits_what_was_marked_and_nothing_else(
    app: App,
    admin: AdminClient,
    topic: support.TopicFactory,
    leave: cabc.Callable[[Iterator[Any], Mark], None],
    expected: dict[int, int],
) -> None:
    name = topic(3, {number: ["a"] * 5 for number in range(3)})
    iterator: Iterator[Any] = Iterator(name, group_id=f"{name}-group")
    leave(iterator, Marker(iterator))
    found = {(name, partition): offset for partition, offset in expected.items()}
    assert committed(admin, f"{name}-group") == found


@pytest.mark.parametrize(("leave", "expected"), FOLLOWING)
def test_a_following_run_does_as_well(
    app: App,
    admin: AdminClient,
    topic: support.TopicFactory,
    leave: cabc.Callable[[Iterator[Any], Mark], None],
    expected: dict[int, int],
) -> None:
    name = topic(3, {number: ["a"] * 5 for number in range(3)})
    iterator: Iterator[Any] = Iterator(name, follow=True, group_id=f"{name}-group")
    leave(iterator, Marker(iterator))
    found = {(name, partition): offset for partition, offset in expected.items()}
    assert committed(admin, f"{name}-group") == found


def test_a_run_that_ends_at_its_limit_commits_the_mark_of_its_last_message(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a"] * 5)
    iterator: Iterator[Any] = Iterator(name, limit=2, group_id=f"{name}-group")
    for message in iterator:
        iterator.mark_as_consumed(message)
    assert committed(admin, f"{name}-group") == {(name, 0): 2}
