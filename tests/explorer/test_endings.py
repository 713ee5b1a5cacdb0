"""How a server, a search and a stream end: with Ctrl-C, after their time, and without a reader."""

from __future__ import annotations

import asyncio
import collections.abc as cabc
import concurrent.futures
import contextlib
import json
import pathlib
import signal
from typing import Any

import httpx
import pytest

from framework import App
from framework_iterator.explorer import details, streams
from framework_iterator.explorer.addresses import View
from framework_iterator.explorer.events import events
from framework_iterator.explorer.reading import open_reading
from tests import support
from tests.command_line import CommandLine
from tests.explorer.server import Explorer


@contextlib.contextmanager
def client_of(explorer: Explorer) -> cabc.Generator[httpx.Client]:
    with httpx.Client(base_url=explorer.base, timeout=support.LIMIT) as client:
        assert client.get(explorer.address).status_code == 303
        yield client


def ended_by_ctrl_c(explorer: Explorer) -> tuple[int, str]:
    """Return the exit code, and what was printed since the start."""
    explorer.process.send_signal(signal.SIGINT)
    _, printed = explorer.process.communicate(timeout=20)
    return explorer.process.returncode, printed


def test_ctrl_c_ends_views_under_way_without_a_traceback(
    kafka: str, flights: str, tmp_path: pathlib.Path
) -> None:
    tmp_path.joinpath("app.py").write_text("from framework import App\napp = App()\n")
    with contextlib.ExitStack() as stack:
        explorer = stack.enter_context(Explorer(CommandLine(tmp_path), kafka))
        client = stack.enter_context(client_of(explorer))
        for _ in range(3):
            stream = stack.enter_context(client.stream("GET", f"/topics/{flights}/events?live=1"))
            assert next(stream.iter_lines()).startswith("event: ")
        assert ended_by_ctrl_c(explorer) == (130, "\n")


def test_ctrl_c_waits_for_no_broker(tmp_path: pathlib.Path) -> None:
    tmp_path.joinpath("app.py").write_text("from framework import App\napp = App()\n")
    with (
        concurrent.futures.ThreadPoolExecutor(1) as threads,
        Explorer(CommandLine(tmp_path), "127.0.0.1:1", "--timeout", "100") as explorer,
        client_of(explorer) as client,
    ):
        before = explorer.threads
        answer = threads.submit(client.get, "/topics/flights/partitions")
        support.wait_until(lambda: explorer.threads > before, "the page to ask for a broker")
        assert ended_by_ctrl_c(explorer) == (130, "\n")
        assert isinstance(answer.exception(support.LIMIT), httpx.HTTPError) or answer.result().is_error


def test_a_search_ends_after_its_time_and_says_where_to_go_on(kafka: str, flights: str) -> None:
    async def last() -> str:
        app = App(kafka={"bootstrap.servers": kafka})
        return [each async for each in events(app, View(flights, order="oldest"), 0.0)][-1]

    name, _, data = asyncio.run(last()).partition("\ndata: ")
    end = json.loads(data)
    assert (name, end["given"], end["early"]) == ("event: end", 1, "after 0 s")
    assert end["more"] == f"/topics/{flights}?from=0:0,1:1&order=oldest"


def test_a_download_ends_after_its_time_and_says_so(kafka: str, flights: str) -> None:
    async def lines() -> list[str]:
        app = App(kafka={"bootstrap.servers": kafka})
        return [each async for each in details.lines(open_reading(app, View(flights)), 0.0)]

    assert json.loads(asyncio.run(lines())[-1]) == {"problem": "The search ended after 0 s."}


def test_a_download_without_a_broker_says_so() -> None:
    async def lines() -> list[str]:
        app = App(kafka={"bootstrap.servers": "127.0.0.1:1"}, broker_timeout=0.3)
        return [each async for each in details.lines(open_reading(app, View("flights")))]

    [line] = asyncio.run(lines())
    assert json.loads(line)["problem"].startswith("No broker answered at 127.0.0.1:1 within 0.3 s")


def test_a_stream_ends_when_its_client_has_stopped_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "PATIENCE", 0.05)
    is_closed = False

    async def source() -> cabc.AsyncGenerator[str]:
        nonlocal is_closed
        try:
            while True:
                yield "x"
        finally:
            is_closed = True

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()  # as a server does while the connection accepts nothing

    async def receive() -> Any:
        await asyncio.Event().wait()

    response = streams.PatientResponse(source())
    scope = {"type": "http", "asgi": {"spec_version": "2.3"}}
    asyncio.run(asyncio.wait_for(response(scope, receive, send), support.LIMIT))
    assert is_closed
