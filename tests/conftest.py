"""Fixtures for every test. A test that needs a broker asks for `kafka`, or for something that does."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import os
import signal
import threading
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from tests import support
from tests.kafka_server import KafkaMissingError
from tests.shared_kafka import BorrowedKafka, OwnKafka

OWN = pytest.StashKey[OwnKafka]()
KAFKA = pytest.StashKey[OwnKafka | BorrowedKafka]()


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # So it is in the background of a shell, and children inherit it: no program could be sent Ctrl-C.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    given = getattr(config, "workerinput", None)
    if given is not None:
        config.stash[KAFKA] = BorrowedKafka(*given["kafka"])
    else:
        config.stash[KAFKA] = config.stash[OWN] = OwnKafka()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist, before it starts, where to ask for the broker."""
    node.workerinput["kafka"] = node.config.stash[OWN].share()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the broker now if a test needs it: here no test's time limit counts."""
    if not session.config.option.collectonly and any("kafka" in _fixtures(item) for item in session.items):
        with contextlib.suppress(
            RuntimeError
        ):  # the fixture says it again, to each test that needs the broker
            session.config.stash[KAFKA].bootstrap_servers()


def pytest_unconfigure(config: pytest.Config) -> None:
    if OWN in config.stash:
        config.stash[OWN].close()


def _fixtures(item: pytest.Item) -> list[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else []


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide from the tests what the person who runs them has set for the project."""
    for name in list(os.environ):
        if name.startswith(("KAFKA_", "FRAMEWORK_")):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _nothing_goes_on() -> cabc.Iterator[None]:
    """See to it that no client of a test is closing, or says something, while the next test runs."""
    yield

    def is_quiet() -> bool:
        return not any(each.name.startswith("framework-") for each in threading.enumerate())

    support.wait_until(is_quiet, "calls into the C library that come back")


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config) -> str:
    """The address of a real broker."""
    try:
        return pytestconfig.stash[KAFKA].bootstrap_servers()
    except KafkaMissingError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def admin(kafka: str) -> AdminClient:
    return support.make_admin(kafka)


@pytest.fixture(scope="session")
def producer(kafka: str) -> Producer:
    return support.make_producer(kafka)


@pytest.fixture
def topic(
    request: pytest.FixtureRequest, admin: AdminClient, producer: Producer
) -> cabc.Iterator[support.TopicFactory]:
    """Create topics for one test: `name = topic(3, {0: ["a", "b"], 2: [Record("c", key="k")]})`."""
    created: list[str] = []

    def create(partitions: int = 1, messages: support.Messages | None = None, **config: object) -> str:
        name = support.topic_name(request.node.name)
        created.append(name)
        support.create_topic(admin, name, partitions, **config)
        support.fill(producer, name, messages or ())
        return name

    yield create
    support.delete_topics(admin, created)
