from __future__ import annotations

import collections.abc as cabc
import contextlib
import pathlib
import re
import threading
from typing import Any

import httpx
import pytest
import uvicorn
from confluent_kafka import Producer

from example_app.models import Flight
from example_app.scripts import live
from framework import App, Topic
from framework_iterator.asynchronous.thread import NAME
from tests import support
from tests.example.conftest import flight

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture
def name(topic: support.TopicFactory) -> str:
    return topic(1, [flight(f"UA{number}", 0) for number in range(12)])


class Served:
    """The page, served by uvicorn in a thread."""

    def __init__(self, page: Any) -> None:
        config = uvicorn.Config(page, port=0, log_level="critical", ws="none", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        support.wait_until(lambda: self._server.started, "a server")
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(support.LIMIT)
        assert not self._thread.is_alive()


@pytest.fixture
def served(app: App, name: str) -> cabc.Iterator[Served]:
    served = Served(live.create(Topic(name, payload=Flight), app))
    yield served
    served.stop()


@pytest.fixture
def url(served: Served) -> str:
    return served.url


def runs() -> int:
    """How many runs are read in this process."""
    return sum(thread.name == NAME for thread in threading.enumerate())


@contextlib.contextmanager
def streaming(url: str, **headers: str) -> cabc.Iterator[cabc.Iterator[dict[str, str]]]:
    """The events that a browser gets."""

    def events(lines: cabc.Iterator[str]) -> cabc.Iterator[dict[str, str]]:
        event: dict[str, str] = {}
        for line in lines:
            if line and not line.startswith(":"):
                field, _, value = line.partition(": ")
                event[field] = value
            elif event:
                yield event
                event = {}

    with httpx.stream("GET", f"{url}/events", headers=headers, timeout=support.LIMIT) as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        yield events(response.iter_lines())


def codes(events: cabc.Iterator[dict[str, str]], count: int) -> list[str]:
    return [next(events)["data"] for _ in range(count)]


def test_the_last_ten_flights_and_then_new_ones(url: str, name: str, producer: Producer) -> None:
    with streaming(url) as events:
        assert codes(events, 10) == [f"UA{number}" for number in range(2, 12)]
        support.produce(producer, name, [flight("AA7", 5)])
        assert codes(events, 1) == ["AA7"]


def test_a_browser_that_reconnects_continues_after_its_last_event(url: str) -> None:
    with streaming(url) as events:
        last = [next(events) for _ in range(4)][-1]
    assert last["data"] == "UA5"
    with streaming(url, **{"Last-Event-ID": last["id"]}) as events:
        assert codes(events, 6) == [f"UA{number}" for number in range(6, 12)]


def test_a_browser_that_leaves_ends_its_run(url: str) -> None:
    with streaming(url) as first, streaming(url) as second:
        codes(first, 10)
        codes(second, 10)
        assert runs() == 2
    support.wait_until(lambda: runs() == 0, "the end of both runs")


def test_a_server_that_stops_ends_the_runs_of_its_browsers(served: Served) -> None:
    with streaming(served.url) as events:
        codes(events, 10)
        assert runs() == 1
        served.stop()
    support.wait_until(lambda: runs() == 0, "the end of the run")


def test_the_page_asks_for_the_events_and_shows_them_as_text(url: str) -> None:
    page = httpx.get(url).text
    assert 'new EventSource("events")' in page
    assert "textContent" in page


def test_the_documentation_shows_this_program() -> None:
    shown = re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs/async.md").read_text(), re.M | re.S)
    program = pathlib.Path(live.__file__).read_text().replace("from __future__ import annotations\n\n", "")
    assert program in shown
