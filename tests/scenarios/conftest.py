"""What every scenario starts from: an application on the real broker whose payloads are text."""

from __future__ import annotations

import collections.abc as cabc

import pytest

from framework import App, Deserializers
from framework.testing import reset_current_app
from tests.scenarios.ways import Read, by_async_for, by_for


@pytest.fixture
def app(kafka: str) -> cabc.Iterator[App]:
    reset_current_app()
    yield App(kafka={"bootstrap.servers": kafka}, defaults=Deserializers(payload=str))
    reset_current_app()


@pytest.fixture(params=[by_for, by_async_for], ids=["for", "async for"])
def read(request: pytest.FixtureRequest) -> Read:
    """Both ways to read: `for message in read(iterator)`, `for batch in read(iterator.batches())`."""
    way: Read = request.param
    return way
