"""Fixtures for the projects of others."""

from __future__ import annotations

import collections.abc as cabc

import pytest

from framework.testing import mock_cluster
from tests.contrib.walkthrough import Walk
from tests.terminal import Installed


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> cabc.Iterator[Walk]:
    """An empty folder, and a broker in the environment. What was started there ends with the module."""
    with mock_cluster() as servers:
        environment = {"KAFKA_BOOTSTRAP_SERVERS": servers, "PYTHONWARNINGS": "error"}
        followed = Walk(Installed(tmp_path_factory.mktemp("project"), environment))
        yield followed
        followed.end()
