"""Iterator, by `async for`."""

from __future__ import annotations

import asyncio
import collections.abc as cabc
import contextlib
import time
from typing import Any, TypeAlias

import uvloop

from framework import Message, Topic
from framework_iterator import Iterator
from tests.benchmarks.contenders.iterator import application
from tests.benchmarks.contenders.program import Counts, Task, run

AsyncTask: TypeAlias = cabc.Callable[[str, str], cabc.Coroutine[Any, Any, Counts]]

EVERY = 0.002
"""Seconds between two wakings of the task whose delays are measured."""


async def scan(servers: str, topic: str) -> Counts:
    messages = size = 0
    async for message in Iterator(Topic(topic, payload=bytes), app=application(servers)):
        messages += 1
        size += len(message.payload)
    return {"messages": messages, "bytes": size}


async def scan_batches(servers: str, topic: str) -> Counts:
    messages = size = 0
    async for batch in Iterator(Topic(topic, payload=bytes), app=application(servers)).batches():
        messages += len(batch)
        for payload in batch.raw_payloads:
            size += len(payload or b"")
    return {"messages": messages, "bytes": size}


async def scan_json(servers: str, topic: str) -> Counts:
    messages = distance = 0
    async for message in Iterator(topic, app=application(servers)):
        messages += 1
        distance += message.payload["distance"]
    return {"messages": messages, "distance": distance}


async def filtered(servers: str, topic: str) -> Counts:
    messages = 0

    def count(message: Message[Any]) -> bool:
        nonlocal messages
        messages += 1
        return not message.payload

    async for _ in Iterator(topic, app=application(servers), where=count):
        pass
    return {"messages": messages}


async def broker_away(_servers: str, topic: str) -> Counts:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1.0):
            async for _ in Iterator(topic, app=application("127.0.0.1:1")):
                pass
    return {"messages": 0}


def by(run: cabc.Callable[[cabc.Coroutine[Any, Any, Counts]], Counts], task: AsyncTask) -> Task:
    return lambda servers, topic: run(task(servers, topic))


def delay(task: AsyncTask) -> Task:
    """The longest delay of another task, in seconds, while this one reads."""

    async def main(servers: str, topic: str) -> Counts:
        delays = [0.0]

        async def wake() -> None:
            while True:
                begun = time.perf_counter()
                await asyncio.sleep(EVERY)
                delays.append(time.perf_counter() - begun - EVERY)

        waking = asyncio.create_task(wake())
        counts = await task(servers, topic)
        waking.cancel()
        return {**counts, "seconds": max(delays)}

    return by(asyncio.run, main)


if __name__ == "__main__":
    run(
        {
            "scan": by(asyncio.run, scan),
            "scan_uvloop": by(uvloop.run, scan),
            "scan_batches": by(asyncio.run, scan_batches),
            "scan_json": by(asyncio.run, scan_json),
            "delay": delay(scan),
            "delay_batches": delay(scan_batches),
            "delay_json": delay(scan_json),
            "delay_filtered": delay(filtered),
            "delay_broker_away": delay(broker_away),
        }
    )
