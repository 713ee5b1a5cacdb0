"""A search says what it will read, needs little memory, and waits while others are under way."""

from __future__ import annotations

import asyncio
import collections.abc as cabc
import os
import pathlib

import httpx
from confluent_kafka.admin import AdminClient

from framework_iterator.explorer.streams import Streams
from tests import support
from tests.command_line import CommandLine
from tests.explorer.server import Explorer, events, last

MEGABYTE = 1 << 20


def test_a_search_through_well_compressed_messages_needs_less_than_50_megabytes(
    kafka: str, admin: AdminClient, tmp_path: pathlib.Path
) -> None:
    topic = support.topic_name("explorer-memory")
    support.create_topic(admin, topic, 3)
    # Batches are always full: a slow machine's would be of any size, and how much a fetch brings as well.
    producer = support.make_producer(kafka, compression_type="gzip", linger_ms=60_000)
    for number in range(20_000):
        producer.produce(topic, b'"%s%4900d"' % (os.urandom(50).hex().encode(), number), partition=number % 3)
        producer.poll(0 if len(producer) < 10_000 else 0.1)
    assert producer.flush(support.LIMIT) == 0
    largest = {"message.max.bytes": 10_000_000}  # librdkafka refuses fetches below it
    tmp_path.joinpath("app.py").write_text(f"from framework import App\napp = App(kafka={largest})\n")
    try:
        with (
            Explorer(CommandLine(tmp_path), kafka) as explorer,
            httpx.Client(base_url=explorer.base, timeout=support.LIMIT) as client,
        ):
            client.get(explorer.address)
            before = explorer.peak
            name, end = last(client, f"/topics/{topic}/events?contains=nothing&order=oldest")
            assert (name, end["given"], end["read"]) == ("end", 0, 20_000)
            assert explorer.peak - before < 50 * MEGABYTE  # 70 where a fetch has 1 MB of a partition
    finally:
        support.delete_topics(admin, [topic])


def test_a_view_begins_with_its_plan(client: httpx.Client, flights: str) -> None:
    def plan(query: str) -> object:
        begun = events(client, f"/topics/{flights}/events?{query}")
        return next(event for event in begun if event[0] != "waiting")  # for views that tests have left

    assert plan("contains=JFK") == (
        "plan",
        {"offsets": 7, "rows": [["0", "0", "3", "3"], ["1", "0", "4", "4"]]},
    )
    assert plan("partition=1&from=2") == ("plan", {"offsets": 2, "rows": [["1", "0", "2", "2"]]})
    assert plan("order=oldest&from=0:1,1:4") == (
        "plan",
        {"offsets": 2, "rows": [["0", "1", "3", "2"], ["1", "4", "4", "0"]]},
    )


def test_a_search_waits_while_the_most_are_under_way_and_a_page_does_not() -> None:
    async def search() -> cabc.AsyncGenerator[str]:
        while True:
            yield "row"

    streams = Streams(under_way=1)

    async def run() -> list[str]:
        first, second, page = (
            streams.in_turn(search(), is_search=is_search, waiting="waiting")
            for is_search in (True, True, False)
        )
        seen = [await anext(first), await anext(second), await anext(page)]
        next_one = asyncio.ensure_future(anext(second))
        await first.aclose()  # its page was left
        return [*seen, await next_one]

    assert asyncio.run(run()) == ["row", "waiting", "row", "row"]


def test_a_page_without_a_broker_says_so_soon_and_can_be_loaded_again(tmp_path: pathlib.Path) -> None:
    tmp_path.joinpath("app.py").write_text("from framework import App\napp = App()\n")
    with (
        Explorer(CommandLine(tmp_path), "127.0.0.1:1", "--timeout", "0.3") as explorer,
        httpx.Client(base_url=explorer.base, timeout=support.LIMIT, follow_redirects=True) as client,
    ):
        pages = [client.get(explorer.address), client.get("/topics/flights/partitions")]
        name, problem = last(client, "/topics/flights/events")
    for page in pages:
        assert page.status_code == 502
        assert "No broker answered at 127.0.0.1:1 within 0.3 s" in page.text
        assert ">Try again</a>" in page.text
    assert name == "problem"
    assert problem["text"].startswith("No broker answered at 127.0.0.1:1 within 0.3 s")
