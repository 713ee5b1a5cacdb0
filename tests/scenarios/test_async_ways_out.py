"""However an `async for` is left, its marks are committed, and no thread and no client is left."""

from __future__ import annotations

import asyncio
import collections.abc as cabc
import contextlib
import functools
import gc
from typing import Any, TypeAlias

import anyio
import pytest
import uvloop
from confluent_kafka.admin import AdminClient

from framework import App, Message
from framework.retry import Deadline
from framework_iterator import Batch, Iterator
from tests import support
from tests.clock import Clock
from tests.held import all_is_as, counts, threads
from tests.scenarios.marking import committed
from tests.scenarios.reading import report_of
from tests.scenarios.waiting import Fetches

Marked: TypeAlias = cabc.Callable[[Message[Any] | Batch[Any]], bool]
"""Marks what it is given; whether that was the third message."""


class BodyError(Exception):
    """What a loop's body raises."""


async def nothing() -> None:
    """Do nothing."""


async def forever(iterator: Iterator[Any], is_third: Marked) -> None:
    async for message in iterator:
        is_third(message)


async def read_to_the_limit(iterator: Iterator[Any], is_third: Marked) -> None:
    async for message in iterator:
        if is_third(message):
            iterator.stop_partition(message.topic, 0)


async def stop(iterator: Iterator[Any], is_third: Marked) -> None:
    async for message in iterator:
        if is_third(message):
            iterator.stop()


async def stop_from_a_thread(iterator: Iterator[Any], is_third: Marked) -> None:
    async for message in iterator:
        if is_third(message):
            await asyncio.to_thread(iterator.stop)


async def break_out(iterator: Iterator[Any], is_third: Marked) -> None:
    async for message in iterator:
        if is_third(message):
            break


async def break_out_of_batches(iterator: Iterator[Any], is_third: Marked) -> None:
    async for batch in iterator.batches(size=3):
        if is_third(batch):
            break


async def break_out_in_async_with(iterator: Iterator[Any], is_third: Marked) -> None:
    async with iterator:
        async for message in iterator:
            if is_third(message):
                break
    assert report_of(iterator).ended == "closed"


async def leave_async_with(iterator: Iterator[Any], is_third: Marked) -> None:
    async with iterator:
        run = aiter(iterator)
        while not is_third(await anext(run)):
            pass
    assert [message async for message in run] == []


async def raise_in_the_body(iterator: Iterator[Any], is_third: Marked) -> None:
    with contextlib.suppress(BodyError):
        async for message in iterator:
            if is_third(message):
                raise BodyError


async def close_in_the_loop(iterator: Iterator[Any], is_third: Marked) -> None:
    async for message in iterator:
        if is_third(message):
            await iterator.aclose()


async def close_the_generator(iterator: Iterator[Any], is_third: Marked) -> None:
    run = aiter(iterator)
    assert isinstance(run, cabc.AsyncGenerator)
    while not is_third(await anext(run)):
        pass
    await run.aclose()


async def drop_a_cycle(iterator: Iterator[Any], is_third: Marked) -> None:
    cycle: list[Any] = [aiter(iterator)]
    cycle.append(cycle)
    while not is_third(await anext(cycle[0])):
        pass
    del cycle
    gc.collect()


async def cancel_in_the_body(iterator: Iterator[Any], is_third: Marked) -> None:
    reached = asyncio.Event()

    async def read() -> None:
        async for message in iterator:
            if is_third(message):
                reached.set()
                await asyncio.Event().wait()

    task = asyncio.create_task(read())
    await reached.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def time_out_in_the_body(iterator: Iterator[Any], is_third: Marked) -> None:
    with contextlib.suppress(TimeoutError):
        async for message in iterator:
            if is_third(message):
                async with asyncio.timeout(0.01):
                    await asyncio.Event().wait()


async def cancel_by_anyio(iterator: Iterator[Any], is_third: Marked) -> None:
    with anyio.CancelScope() as scope:  # as Starlette's: it cancels again wherever the task waits
        async for message in iterator:
            if is_third(message):
                scope.cancel()


async def fail_beside_it(iterator: Iterator[Any], is_third: Marked) -> None:
    reached = asyncio.Event()

    async def read() -> None:
        async for message in iterator:
            if is_third(message):
                reached.set()

    async def fail() -> None:
        await reached.wait()
        raise BodyError

    with contextlib.suppress(BaseExceptionGroup):
        async with asyncio.TaskGroup() as group:
            group.create_task(read())
            group.create_task(fail())


WAYS_OUT = [
    (read_to_the_limit, "stopped"), (stop, "stopped"), (stop_from_a_thread, "stopped"),
    (break_out, "closed"), (break_out_of_batches, "closed"), (break_out_in_async_with, "closed"),
    (leave_async_with, "closed"), (raise_in_the_body, "closed"), (close_in_the_loop, "closed"),
    (close_the_generator, "closed"), (drop_a_cycle, "closed"), (cancel_in_the_body, "closed"),
    (time_out_in_the_body, "closed"), (fail_beside_it, "closed"),
    (cancel_by_anyio, "closed"),
]  # fmt: skip


@pytest.mark.parametrize(("leave", "ended"), WAYS_OUT)
@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_after_three_messages_of_a_run_that_follows(
    app: App,
    admin: AdminClient,
    topic: support.TopicFactory,
    leave: cabc.Callable[[Iterator[Any], Marked], cabc.Coroutine[Any, Any, None]],
    ended: str,
    run: cabc.Callable[[cabc.Coroutine[Any, Any, None]], None],
) -> None:
    name = topic(1, ["a"] * 3)
    # The last commit of a task that is cancelled gets as long as `max_wait`.
    iterator: Iterator[Any] = Iterator(name, follow=True, group_id=f"{name}-group", max_wait=support.LIMIT)

    def is_third(given: Message[Any] | Batch[Any]) -> bool:
        iterator.mark_as_consumed(given)
        return (given[-1] if isinstance(given, Batch) else given).offset == 2

    iterator.plan()  # loads what is loaded once, as does the first event loop
    run(nothing())
    before = counts()
    run(leave(iterator, is_third))
    assert all_is_as(before)
    assert (report_of(iterator).ended, report_of(iterator).messages) == (ended, 3)
    assert committed(admin, f"{name}-group") == {(name, 0): 3}


async def cancel(iterator: Iterator[Any], task: asyncio.Task[None]) -> None:
    task.cancel()


async def cancel_twice(iterator: Iterator[Any], task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()


async def close_from_another_task(iterator: Iterator[Any], task: asyncio.Task[None]) -> None:
    await iterator.aclose()


async def stop_from_another_task(iterator: Iterator[Any], task: asyncio.Task[None]) -> None:
    iterator.stop()


async def end_the_event_loop(iterator: Iterator[Any], task: asyncio.Task[None]) -> None:
    raise BodyError


@pytest.mark.parametrize(
    ("end", "ended"),
    [
        (cancel, "closed"),
        (cancel_twice, "closed"),
        (close_from_another_task, "closed"),
        (stop_from_another_task, "stopped"),
        (end_the_event_loop, "closed"),
    ],
)
def test_while_the_next_message_is_awaited(
    app: App,
    admin: AdminClient,
    topic: support.TopicFactory,
    monkeypatch: pytest.MonkeyPatch,
    end: cabc.Callable[[Iterator[Any], asyncio.Task[None]], cabc.Coroutine[Any, Any, None]],
    ended: str,
) -> None:
    name = topic(1, ["a"] * 3)
    iterator: Iterator[Any] = Iterator(name, follow=True, group_id=f"{name}-group", max_wait=support.LIMIT)
    iterator.plan()
    fetches, before = Fetches(monkeypatch), counts()

    def mark(message: Any) -> bool:
        iterator.mark_as_consumed(message)
        return False

    async def main() -> None:
        task = asyncio.create_task(forever(iterator, mark))
        await asyncio.to_thread(support.wait_until, lambda: iterator.report, "a run")
        await asyncio.to_thread(fetches.until_idle)
        await end(iterator, task)
        async with asyncio.timeout(support.LIMIT):
            await asyncio.wait([task])

    with contextlib.suppress(BodyError):
        asyncio.run(main())
    assert all_is_as(before)
    assert (report_of(iterator).ended, report_of(iterator).messages) == (ended, 3)
    assert committed(admin, f"{name}-group") == {(name, 0): 3}


def test_the_next_run_starts_after_the_marks_of_one_that_a_break_left(
    app: App, topic: support.TopicFactory
) -> None:
    name = topic(1, ["a", "b", "c"])
    iterator: Iterator[Any] = Iterator({name: True}, group_id=f"{name}-group")

    async def main() -> list[str]:
        given = []
        for _ in range(3):
            async for message in iterator:
                given.append(message.payload)
                iterator.mark_as_consumed(message)
                break
        return given

    assert asyncio.run(main()) == ["a", "b", "c"]


def test_a_generator_whose_event_loop_is_closed_is_closed_when_it_is_dropped(
    app: App, topic: support.TopicFactory
) -> None:
    iterator: Iterator[Any] = Iterator(topic(1, ["a"] * 3))
    iterator.plan()
    before = counts()

    async def read_one() -> tuple[cabc.AsyncIterator[Any], str]:
        run = aiter(iterator)
        return run, (await anext(run)).payload

    loop = asyncio.new_event_loop()
    run, payload = loop.run_until_complete(read_one())
    loop.close()
    del run
    assert all_is_as(before)
    assert payload == "a"
    assert report_of(iterator).ended == "closed"


async def read_messages(iterator: Iterator[Any]) -> None:
    async for _ in iterator:
        pass


@pytest.mark.parametrize(
    "call",
    [read_messages, Iterator.afirst, Iterator.asnapshot, Iterator.aplan],
    ids=["async for", "afirst", "asnapshot", "aplan"],
)
def test_while_a_broker_is_away_a_cancelled_task_ends_and_its_thread_with_the_request(
    app: App,
    monkeypatch: pytest.MonkeyPatch,
    call: cabc.Callable[[Iterator[Any]], cabc.Coroutine[Any, Any, Any]],
) -> None:
    clock = Clock()  # the request ends when the test says so
    monkeypatch.setattr("framework.clients.Deadline", functools.partial(Deadline, clock=clock))
    nobody = App(kafka={"bootstrap.servers": "127.0.0.1:1"}, broker_timeout=support.LIMIT)
    iterator: Iterator[Any] = Iterator("flights", app=nobody)
    before = counts()

    async def main() -> bool:
        task = asyncio.create_task(call(iterator))
        await asyncio.to_thread(support.wait_until, lambda: threads() > before[0] + 3, "a client")
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        return threads() > before[0] + 3

    assert asyncio.run(main())  # the request was still waiting then
    clock.now += support.LIMIT
    assert all_is_as(before)
