"""However a loop over batches is left, marks are committed, the report is exact, and no client stays."""

from __future__ import annotations

import collections.abc as cabc
import gc
import signal
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from framework import App
from framework_iterator import AlreadyIteratingError, Batch, Ended, Iterator
from tests import support
from tests.held import all_is_as, counts
from tests.scenarios.marking import committed
from tests.scenarios.programs import output_of, running, wait_until_it_sleeps
from tests.scenarios.reading import report_of, shown


class BodyError(Exception):
    """What a loop's body raises."""


class SecondBatch:
    """Marks each batch; true for the second one."""

    def __init__(self, iterator: Iterator[Any]) -> None:
        self._iterator = iterator
        self._given = 0

    def __call__(self, batch: Batch[Any]) -> bool:
        self._iterator.mark_as_consumed(batch)
        self._given += 1
        return self._given == 2


def break_out(iterator: Iterator[Any], is_second: SecondBatch) -> None:
    for batch in iterator.batches(size=3):
        if is_second(batch):
            break


def raise_in_the_body(iterator: Iterator[Any], is_second: SecondBatch) -> None:
    with pytest.raises(BodyError):
        for batch in iterator.batches(size=3):
            if is_second(batch):
                raise BodyError


def interrupt_the_body(iterator: Iterator[Any], is_second: SecondBatch) -> None:
    with pytest.raises(KeyboardInterrupt):
        for batch in iterator.batches(size=3):
            if is_second(batch):
                raise KeyboardInterrupt


def close_the_generator(iterator: Iterator[Any], is_second: SecondBatch) -> None:
    batches = iterator.batches(size=3)
    assert isinstance(batches, cabc.Generator)
    for batch in batches:
        if is_second(batch):
            batches.close()


def throw_into_the_generator(iterator: Iterator[Any], is_second: SecondBatch) -> None:
    batches = iterator.batches(size=3)
    assert isinstance(batches, cabc.Generator)
    while not is_second(next(batches)):
        pass
    with pytest.raises(BodyError):
        batches.throw(BodyError())


def drop_the_generator(iterator: Iterator[Any], is_second: SecondBatch) -> None:
    batches = iterator.batches(size=3)
    while not is_second(next(batches)):
        pass
    del batches


def drop_a_cycle(iterator: Iterator[Any], is_second: SecondBatch) -> None:
    cycle: list[Any] = [iterator.batches(size=3)]
    cycle.append(cycle)
    while not is_second(next(cycle[0])):
        pass
    del cycle
    gc.collect()


def close_the_iterator(iterator: Iterator[Any], is_second: SecondBatch) -> None:
    for batch in iterator.batches(size=3):
        if is_second(batch):
            iterator.close()


def leave_the_with_block(iterator: Iterator[Any], is_second: SecondBatch) -> None:
    with iterator:
        batches = iterator.batches(size=3)
        while not is_second(next(batches)):
            pass
    assert list(batches) == []


def stop(iterator: Iterator[Any], is_second: SecondBatch) -> None:
    for batch in iterator.batches(size=3):
        if is_second(batch):
            iterator.stop()


WAYS_OUT = [
    (break_out, "closed"),
    (raise_in_the_body, "closed"),
    (interrupt_the_body, "closed"),
    (close_the_generator, "closed"),
    (throw_into_the_generator, "closed"),
    (drop_the_generator, "closed"),
    (drop_a_cycle, "closed"),
    (close_the_iterator, "closed"),
    (leave_the_with_block, "closed"),
    (stop, "stopped"),
]


@pytest.mark.parametrize(("leave", "ended"), WAYS_OUT)
def test_after_the_second_batch_of_a_run(
    app: App,
    admin: AdminClient,
    topic: support.TopicFactory,
    leave: cabc.Callable[[Iterator[Any], SecondBatch], None],
    ended: Ended,
) -> None:
    name = topic(1, ["x"] * 20)
    iterator: Iterator[Any] = Iterator(name, group_id=f"{name}-group")
    iterator.plan()  # loads what is loaded once
    before = counts()
    leave(iterator, SecondBatch(iterator))
    assert all_is_as(before)
    [partition] = report_of(iterator)
    assert (partition.messages, partition.position, partition.ended) == (6, 6, ended)
    assert report_of(iterator).positions == {name: {0: 6}}
    assert committed(admin, f"{name}-group") == {(name, 0): 6}


@pytest.mark.parametrize("follow", [False, True], ids=["finite", "following"])
def test_ctrl_c_in_the_body(
    kafka: str, admin: AdminClient, topic: support.TopicFactory, follow: bool
) -> None:
    body = f"""
iterator = Iterator(topic, follow={follow}, group_id=topic)
try:
    for batch in iterator.batches(size=100):
        iterator.mark_as_consumed(batch)
        if batch[-1].offset == 299:
            signal.raise_signal(signal.SIGINT)
finally:
    join_threads()
    say(iterator.report.ended, iterator.report.positions, threading.active_count())
"""
    name = topic(1, ["x"] * 1000)
    with running(body, kafka, name) as program:
        assert program.end() == -signal.SIGINT
        assert program.lines() == [f"closed {{'{name}': {{0: 300}}}} 1"]
        assert program.stderr().endswith("\nKeyboardInterrupt\n")
    assert committed(admin, name) == {(name, 0): 300}


def test_ctrl_c_in_an_idle_follow(kafka: str, admin: AdminClient, topic: support.TopicFactory) -> None:
    body = """
iterator = Iterator(topic, follow=True, group_id=topic, max_wait=20.0)  # the time for the last commit
try:
    for batch in iterator.batches(size=10):
        iterator.mark_as_consumed(batch)
        say("read", len(batch))
finally:
    join_threads()
    say(iterator.report.ended, iterator.report.messages, threading.active_count())
"""
    name = topic(1, ["x"] * 10)
    with running(body, kafka, name) as program:
        program.until("read 10")
        wait_until_it_sleeps(program)
        program.process.send_signal(signal.SIGINT)
        assert program.end() == -signal.SIGINT
        assert program.lines() == ["closed 10 1"]
        assert program.stderr().count("Traceback") == 1
    assert committed(admin, name) == {(name, 0): 10}


def test_a_process_that_ends_with_a_batch_in_its_hands_commits_and_ends_at_once(
    kafka: str, admin: AdminClient, topic: support.TopicFactory
) -> None:
    body = """
iterator = Iterator(topic, group_id=topic, follow=True)
batches = iterator.batches(size=7)
iterator.mark_as_consumed(next(batches))
"""
    name = topic(1, ["x"] * 100)
    assert output_of(body, kafka, name) == []
    assert committed(admin, name) == {(name, 0): 7}


def test_a_fork_in_mid_run_leaves_the_batches_to_the_parent(kafka: str, topic: support.TopicFactory) -> None:
    body = """
iterator = Iterator(topic)
given, child = [], None
try:
    for batch in iterator.batches(size=100):
        given.append(batch.offsets[0])
        if len(given) == 3 and (child := os.fork()) == 0:
            mine = os.getpid()
except NotIteratingError as error:
    say("child:", *given, str(error).replace(str(mine), "PID"))
    say("child:", sum(map(len, iterator.batches(size=300))), iterator.report.ended)
    sys.exit()
_, status = os.waitpid(child, 0)
say("parent:", *given, iterator.report.ended, status)
"""
    name = topic(1, ["x"] * 500)
    assert output_of(body, kafka, name) == [
        "child: 0 100 200 This run belongs to the process that forked this one. Start a new one.",
        "child: 500 end",
        "parent: 0 100 200 300 400 end 0",
    ]


def test_one_run_at_a_time_of_messages_or_of_batches(app: App, topic: support.TopicFactory) -> None:
    name = topic(1, ["a", "b", "c"])
    iterator = Iterator(name)
    batches = iterator.batches(size=2)
    early = iter(iterator)  # begins with its first message
    assert shown(next(batches)) == "a@0 b@1"
    for begin in (lambda: next(iter(iterator)), lambda: next(iterator.batches()), lambda: next(early)):
        with pytest.raises(AlreadyIteratingError) as caught:
            begin()
        assert str(caught.value) == (
            f"<Iterator {name}> has a live run. End it first, or make a second Iterator."
        )
    assert [shown(batch) for batch in batches] == ["c@2"]
    messages = iter(iterator)
    next(messages)
    with pytest.raises(AlreadyIteratingError):
        next(iterator.batches())
    assert shown(messages) == "b@1 c@2"
