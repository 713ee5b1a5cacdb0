"""A server that explores a real broker, a client that has its cookie, and a browser."""

from __future__ import annotations

import collections.abc as cabc
import json
import os
import shutil
from typing import Any

import httpx
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from tests import support
from tests.command_line import CommandLine
from tests.explorer.server import Explorer

APP = """
import pydantic
from framework import App

class Flight(pydantic.BaseModel):
    carrier: str
    dest: str
    dep_delay: int | None

app = App(kafka={{"client.id": "{client_id}"}}, stall_timeout=20)
flights = app.topic({name!r}, payload=Flight, key=str)
"""
CLIENT_ID = "explorer-of-the-tests"
FLIGHTS = [
    ("UA", "LAX", 5),
    ("AA", "LAX", 95),
    ("DL", "JFK", 120),
    ("UA", "LAX", None),
    ("B6", "LAX", 61),
    ("WN", "LAX", 75),
]


@pytest.fixture(scope="session")
def flights(admin: AdminClient, producer: Producer) -> cabc.Iterator[str]:
    """The name of a declared topic of two partitions, with six flights and an unreadable payload."""
    name = support.topic_name("explorer")
    support.create_topic(admin, name, 2)
    support.produce(producer, name, [support.Record("{broken", timestamp=1_387_000_000_000)], 1)
    for number, (carrier, dest, delay) in enumerate(FLIGHTS):
        payload = json.dumps({"carrier": carrier, "dest": dest, "dep_delay": delay})
        record = support.Record(payload, key=f"k{number}", timestamp=1_388_000_000_000 + number * 60_000)
        support.produce(producer, name, [record], number % 2)
    yield name
    support.delete_topics(admin, [name])


@pytest.fixture(scope="session")
def explorer(kafka: str, flights: str, tmp_path_factory: pytest.TempPathFactory) -> cabc.Iterator[Explorer]:
    """A running `framework explore`, in the folder of an application."""
    folder = tmp_path_factory.mktemp("explorer")
    folder.joinpath("app.py").write_text(APP.format(name=flights, client_id=CLIENT_ID))
    with Explorer(CommandLine(folder), kafka, "--timeout", "20") as running:  # on a busy machine
        yield running


@pytest.fixture(scope="session")
def client(explorer: Explorer) -> cabc.Iterator[httpx.Client]:
    """A client that has come in by the first address."""
    with httpx.Client(base_url=explorer.base, follow_redirects=True, timeout=30) as client:
        assert client.get(explorer.address).status_code == 200
        yield client


@pytest.fixture(scope="module")
def browser() -> cabc.Iterator[Any]:
    """A real Chromium; without one the test is skipped, except in CI.

    While Playwright runs, this thread has an event loop, and asyncio.run() of other tests would fail.
    """
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None and not os.environ.get("CI"):
        pytest.skip("Chromium is missing: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any, explorer: Explorer) -> cabc.Iterator[Any]:
    """A page that has come in, and on which no script has failed when the test ends."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("console", lambda said: failures.append(said.text) if said.type == "error" else None)
    page.goto(explorer.address)
    yield page
    context.close()
    assert failures == []
