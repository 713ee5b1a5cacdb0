"""While `async for` reads, the event loop runs other tasks, and these may stop, mark and report."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient

from framework import App, DeserializationError, TopicNotFoundError
from framework.types import TopicPartition
from framework_iterator import (
    AlreadyIteratingError,
    InvalidOptionError,
    Iterator,
    IteratorError,
    NotIteratingError,
)
from tests import support
from tests.scenarios.marking import committed
from tests.scenarios.reading import by_partition, report_of, shown
from tests.scenarios.waiting import Fetches


def test_others_run_while_a_slow_body_reads_what_has_arrived(app: App, topic: support.TopicFactory) -> None:
    iterator: Iterator[Any] = Iterator(topic(1, ["x"] * 400))
    given = others = 0

    async def count_others() -> None:
        nonlocal others
        while given < 400:
            others += 1
            await asyncio.sleep(0)

    async def read() -> None:
        nonlocal given
        async for _ in iterator:
            given += 1
            until = time.perf_counter() + 0.001
            while time.perf_counter() < until:
                pass

    async def main() -> None:
        await asyncio.gather(read(), count_others())

    asyncio.run(main())
    assert given == 400
    assert others > 40  # one fetch brings them all


def test_another_task_stops_a_partition_and_marks_while_the_next_message_is_awaited(
    app: App, admin: AdminClient, topic: support.TopicFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = topic(2, {0: ["a", "b"], 1: ["c"]})
    iterator: Iterator[Any] = Iterator(name, follow=True, group_id=f"{name}-group")
    fetches = Fetches(monkeypatch)
    writer = support.make_producer(app.kafka["bootstrap.servers"])
    given: list[Any] = []

    async def read() -> None:
        async for message in iterator:
            given.append(message)

    async def main() -> None:
        task = asyncio.create_task(read())
        await asyncio.to_thread(support.wait_until, lambda: len(given) == 3, "three messages")
        await asyncio.to_thread(fetches.until_idle)
        iterator.stop_partition(name, 0)
        iterator.mark_as_consumed(given[-1])
        await iterator.amark_as_consumed(next(each for each in given if each.payload == "a"))
        found = await asyncio.to_thread(committed, admin, f"{name}-group")
        assert found[TopicPartition(name, 0)] == 1
        await asyncio.to_thread(support.fill, writer, name, {0: ["late"], 1: ["d"]})
        await asyncio.to_thread(support.wait_until, lambda: len(given) == 4, "a message of partition 1")
        iterator.stop()
        await task

    asyncio.run(main())
    assert by_partition(given) == "0: a@0 b@1 | 1: c@0 d@1"
    assert [each.ended for each in report_of(iterator)] == ["stopped", "stopped"]


def test_a_worker_thread_marks_what_it_was_given(
    app: App, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(1, [str(number) for number in range(50)])
    iterator: Iterator[Any] = Iterator(name, group_id=f"{name}-group")

    async def main() -> None:
        async for message in iterator:
            if message.offset % 10 == 9:
                await asyncio.to_thread(iterator.mark_as_consumed, message, blocking=message.offset == 29)

    asyncio.run(main())
    assert committed(admin, f"{name}-group") == {(name, 0): 50}


def test_what_would_block_the_event_loop_is_refused_and_names_what_to_await(
    app: App, topic: support.TopicFactory
) -> None:
    iterator: Iterator[Any] = Iterator(topic(1, ["a", "b"]))

    async def main() -> list[str]:
        refused = []
        async for message in iterator:
            with pytest.raises(InvalidOptionError) as caught:
                iterator.mark_as_consumed(message, blocking=True)
            refused.append(str(caught.value))
            with pytest.raises(InvalidOptionError) as caught:
                iterator.close()
            refused.append(str(caught.value))
            iterator.stop()
        return refused

    assert asyncio.run(main()) == [
        "mark_as_consumed(blocking=True) would block the event loop: await amark_as_consumed(message).",
        "close() would block the event loop: await aclose(), or read in `async with iterator:`.",
    ]


def test_a_mark_is_awaited_only_of_a_run_that_async_for_reads(app: App, topic: support.TopicFactory) -> None:
    iterator: Iterator[Any] = Iterator(topic(1, ["a"]))

    async def main() -> None:
        with pytest.raises(NotIteratingError, match="has no live run"):
            await iterator.amark_as_consumed(None)  # type: ignore[arg-type]
        for message in iterator:
            with pytest.raises(NotIteratingError) as caught:
                await iterator.amark_as_consumed(message)
            assert str(caught.value) == (
                "The live run isn't read with `async for`: call mark_as_consumed(message, blocking=True)."
            )

    asyncio.run(main())


def test_a_plan_a_first_message_and_a_snapshot_are_awaited(app: App, topic: support.TopicFactory) -> None:
    rows = [support.Record(str(number), key=f"k{number % 2}") for number in range(4)]
    iterator: Iterator[Any] = Iterator(topic(1, rows))

    async def main() -> tuple[int, str, dict[object, str]]:
        first = await iterator.afirst()
        assert first is not None
        latest = await iterator.asnapshot()
        return (
            (await iterator.aplan()).count,
            first.payload,
            {key: each.payload for key, each in latest.items()},
        )

    assert asyncio.run(main()) == (4, "0", {"k0": "2", "k1": "3"})
    assert report_of(iterator).ended == "end"


def test_a_second_run_is_refused_while_one_is_read(app: App, topic: support.TopicFactory) -> None:
    iterator: Iterator[Any] = Iterator(topic(1, ["a", "b"]))

    async def main() -> str:
        async for _ in iterator:
            with pytest.raises(AlreadyIteratingError):
                await iterator.afirst()
        return str(report_of(iterator).ended)

    assert asyncio.run(main()) == "end"


def test_without_an_event_loop_of_asyncio_it_says_what_to_use(app: App) -> None:
    with pytest.raises(IteratorError) as caught:
        anext(aiter(Iterator("orders"))).send(None)  # type: ignore[attr-defined]
    assert str(caught.value) == (
        "No asyncio event loop runs here: start the coroutine with asyncio.run() or uvloop.run(). "
        "In trio, read with a plain `for` in trio.to_thread.run_sync()."
    )


def test_predicates_run_in_the_thread_of_the_run_and_see_context_variables(
    app: App, topic: support.TopicFactory
) -> None:
    tenant = contextvars.ContextVar("tenant", default="nobody")
    seen: set[tuple[str, str]] = set()

    def where(_: object) -> bool:
        seen.add((tenant.get(), threading.current_thread().name))
        return True

    async def main() -> None:
        tenant.set("ada")
        async for _ in Iterator(topic(1, ["a"]), where=where):
            pass

    asyncio.run(main())
    assert seen == {("ada", "framework-iterator-run")}


@pytest.mark.parametrize("raised", [ZeroDivisionError, StopIteration])
def test_what_a_predicate_raises_arrives_at_the_loop_after_what_passed(
    app: App, topic: support.TopicFactory, raised: type[Exception]
) -> None:
    iterator: Iterator[Any] = Iterator(topic(1, ["a", "b", "c"]), where=lambda message: passes(message))
    given = []

    def passes(message: Any) -> bool:
        if message.payload == "c":
            raise raised
        return True

    async def main() -> None:
        async for message in iterator:
            given.append(message)

    with pytest.raises(RuntimeError if raised is StopIteration else raised):
        asyncio.run(main())
    assert shown(given) == "a@0 b@1"
    assert report_of(iterator).messages == 2


def test_a_cancelled_first_message_ends_its_run(
    app: App, topic: support.TopicFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    iterator: Iterator[Any] = Iterator(topic(1), follow=True)
    fetches = Fetches(monkeypatch)

    async def main() -> None:
        task = asyncio.create_task(iterator.afirst())
        await asyncio.to_thread(fetches.until_idle)
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(main())
    assert report_of(iterator).ended == "closed"


def test_what_cannot_be_read_and_what_does_not_exist_raises_in_the_loop(
    app: App, topic: support.TopicFactory
) -> None:
    async def payloads(name: str) -> list[Any]:
        return [message.payload async for message in Iterator(name)]

    with pytest.raises(DeserializationError):
        asyncio.run(payloads(topic(1, [b"\xff"])))
    with pytest.raises(TopicNotFoundError):
        asyncio.run(payloads(support.topic_name("missing")))
