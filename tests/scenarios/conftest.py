"""What every scenario starts from: an application on the real broker whose payloads are text."""

from __future__ import annotations

import collections.abc as cabc

import pytest

from framework import App, Deserializers
from framework.testing import reset_current_app


@pytest.fixture
def app(kafka: str) -> cabc.Iterator[App]:
    reset_current_app()
    yield App(kafka={"bootstrap.servers": kafka}, defaults=Deserializers(payload=str))
    reset_current_app()
