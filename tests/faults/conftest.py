"""One broker that all these tests may hurt; each gets it well."""

from __future__ import annotations

import collections.abc as cabc

import pytest

from framework.testing import reset_current_app
from tests.faults.brokers import Broker, started
from tests.faults.doors import Doors


@pytest.fixture(scope="session")
def _one_broker() -> cabc.Iterator[Broker]:
    broker = started(Broker())
    yield broker
    broker.__exit__()


@pytest.fixture
def broker(_one_broker: Broker) -> Broker:
    """A real broker that may be killed, frozen, and cut off."""
    _one_broker.recover()
    return _one_broker


@pytest.fixture(autouse=True)
def _no_current_app() -> cabc.Iterator[None]:
    reset_current_app()
    yield
    reset_current_app()


@pytest.fixture(scope="session")
def doors() -> cabc.Iterator[Doors]:
    """A real broker that asks for passwords and rights."""
    doors = started(Doors())
    yield doors
    doors.__exit__()
