"""Each test begins in a process that has made no application yet."""

from __future__ import annotations

import collections.abc as cabc
import pathlib
import shutil
import threading

import pytest

from framework import App
from framework.testing import mock_cluster, reset_current_app
from tests.certificates import Certificates
from tests.command_line import CommandLine


@pytest.fixture(autouse=True)
def _no_app_yet() -> cabc.Iterator[None]:
    reset_current_app()
    yield
    reset_current_app()


@pytest.fixture
def app() -> App:
    """An application that declares nothing; nobody listens at its address."""
    return App(kafka={"bootstrap.servers": "127.0.0.1:1"}, broker_timeout=0.3)


@pytest.fixture(scope="session")
def cluster() -> cabc.Iterator[str]:
    """The address of a broker that answers at once, for what would wait for one that isn't there."""
    with mock_cluster() as servers:
        yield servers


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates and keys, in files."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl isn't installed.")
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def line(tmp_path: pathlib.Path) -> CommandLine:
    """`framework`, typed in a folder of the test's own."""
    return CommandLine(tmp_path)


@pytest.fixture
def gate() -> cabc.Iterator[threading.Event]:
    """What calls of a worker wait for; it opens with the end of the test at the latest."""
    gate = threading.Event()
    yield gate
    gate.set()
