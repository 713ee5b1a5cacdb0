"""aiokafka, without a group, to the end as it was at the beginning."""

from __future__ import annotations

import asyncio

from aiokafka import AIOKafkaConsumer

from tests.benchmarks.contenders.program import Counts, run, warm


def scan(servers: str, topic: str) -> Counts:
    return asyncio.run(read(servers, topic))


def tail(servers: str, topic: str) -> Counts:
    return asyncio.run(read(servers, topic, last=10))


def first(servers: str, topic: str) -> Counts:
    return asyncio.run(read(servers, topic, limit=1))


async def read(servers: str, topic: str, last: int | None = None, limit: int | None = None) -> Counts:
    messages = size = 0
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=servers, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    async with consumer:
        places = consumer.assignment()
        lows, highs = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        remaining = 0
        for place in places:
            start = lows[place] if last is None else max(lows[place], highs[place] - last)
            consumer.seek(place, start)
            remaining += highs[place] - start
        remaining = remaining if limit is None else min(remaining, limit)
        async for message in consumer:
            messages += 1
            size += len(message.value)
            if messages == remaining:
                break
    return {"messages": messages, "bytes": size}


if __name__ == "__main__":
    run(
        {
            "scan": scan,
            "tail": tail,
            "tail_warm": warm(tail, 10),
            "first": first,
            "first_warm": warm(first, 10),
        }
    )
