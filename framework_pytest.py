"""The fixtures `kafka_servers` and `reset_kafka_app` for pytest, which imports this module in every project.

So it is a module of its own, apart from `framework`, which it imports when a fixture is used.
"""

from __future__ import annotations

import collections.abc as cabc

import pytest


@pytest.fixture(scope="session")
def kafka_servers() -> cabc.Iterator[str]:
    """The address of an embedded cluster, one for the whole run; with pytest-xdist one for each worker.

    with app.override({"bootstrap.servers": kafka_servers}):
        ...
    """
    from framework.testing import mock_cluster

    with mock_cluster() as servers:
        yield servers


@pytest.fixture
def reset_kafka_app() -> cabc.Iterator[None]:
    """Forget the applications of other tests before the test, and those of the test after it."""
    from framework import current

    with current.preserved():
        current.reset()
        yield
