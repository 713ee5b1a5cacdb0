"""Fixtures for every test. A test that needs a broker asks for `kafka`, or for something that does.

One that needs a Schema Registry asks for `registry`.
"""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import os
import signal
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from tests import support
from tests.faults.brokers import Broker
from tests.held import is_quiet
from tests.shared_kafka import KAFKA, REGISTRY, BorrowedBrokers, OwnBrokers, needed

# So that a failure shows what the program wrote.
pytest.register_assert_rewrite("tests.scenarios.programs")

OWN = pytest.StashKey[OwnBrokers]()
BROKERS = pytest.StashKey[OwnBrokers | BorrowedBrokers]()


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # So it is in the background of a shell, and children inherit it: no program could be sent Ctrl-C.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    given = getattr(config, "workerinput", None)
    if given is not None:
        config.stash[BROKERS] = BorrowedBrokers(*given["brokers"])
    else:
        config.stash[BROKERS] = config.stash[OWN] = OwnBrokers()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist, before it starts, where to ask for brokers."""
    node.workerinput["brokers"] = node.config.stash[OWN].share()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the broker, and the registry, now if a test needs it: here no test's time limit counts."""
    if session.config.option.collectonly:
        return
    for fixture, name in (("kafka", KAFKA), ("registry", REGISTRY)):
        if any(fixture in _fixtures(item) for item in session.items):
            # The fixture says it again, to each test that needs it.
            with contextlib.suppress(RuntimeError):
                session.config.stash[BROKERS].get(name)


def pytest_unconfigure(config: pytest.Config) -> None:
    if OWN in config.stash:
        config.stash[OWN].close()


def _fixtures(item: pytest.Item) -> list[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else []


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide from the tests what the person who runs them has set for the project."""
    for name in list(os.environ):
        if name.startswith(("KAFKA_", "FRAMEWORK_", "SCHEMA_REGISTRY_")):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _nothing_goes_on() -> cabc.Iterator[None]:
    """See to it that no client of a test is closing, or says something, while the next test runs."""
    yield
    support.wait_until(is_quiet, "calls into the C library that come back")


@pytest.fixture(scope="session")
def borrow(pytestconfig: pytest.Config) -> cabc.Callable[[str], Any]:
    """Ask for a broker that all tests of the run share: see `tests/shared_kafka.py`."""

    def ask(name: str) -> Any:
        with needed():
            return pytestconfig.stash[BROKERS].get(name)

    return ask


@pytest.fixture(scope="session")
def kafka(borrow: cabc.Callable[[str], Any]) -> str:
    """The address of a real broker."""
    return str(borrow(KAFKA))


@pytest.fixture(scope="session")
def registry(borrow: cabc.Callable[[str], Any]) -> str:
    """The address of a real Schema Registry; register under the names of topics, which are fresh."""
    return str(borrow(REGISTRY))


@pytest.fixture(scope="session")
def _one_broker() -> cabc.Iterator[Broker]:
    broker = Broker()
    with needed():
        broker.__enter__()
    yield broker
    broker.__exit__()


@pytest.fixture
def broker(_one_broker: Broker) -> cabc.Iterator[Broker]:
    """A real broker that may be killed, frozen, and cut off: of all tests of this process, one at a time."""
    _one_broker.recover()
    yield _one_broker
    # Now, lest clients look for it while other tests count what this process holds.
    _one_broker.recover()


@pytest.fixture(scope="session")
def admin(kafka: str) -> AdminClient:
    client = support.make_admin(kafka)
    client.list_topics(timeout=support.LIMIT)  # it connects now, not while a test counts descriptors
    return client


@pytest.fixture(scope="session")
def producer(kafka: str) -> Producer:
    client = support.make_producer(kafka)
    client.list_topics(timeout=support.LIMIT)  # as above: without a message it would connect later
    return client


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
