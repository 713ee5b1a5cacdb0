"""The brokers that all tests of a run share, and the registry, each started by the first test that wants it.

pytest-xdist runs the tests in worker processes. The brokers belong to the process that controls them, which
outlives them all; a worker asks for one through a local socket, by the name of what starts it:
"module:function", a context manager that gives what tests need to know of the broker, in plain values.
"""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import importlib
import os
import threading
from dataclasses import dataclass, field
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

import pytest

from tests.kafka_server import KafkaServer
from tests.maven import ServerMissingError
from tests.registry_server import RegistryServer

KAFKA = "tests.shared_kafka:kafka"
REGISTRY = "tests.shared_kafka:registry"


@contextlib.contextmanager
def kafka() -> cabc.Iterator[str]:
    """Give the address of a broker that every test may use, and none may hurt."""
    with KafkaServer() as server:
        yield server.bootstrap_servers


@contextlib.contextmanager
def registry() -> cabc.Iterator[str]:
    """Give the address of a Schema Registry that every test may use, under subjects of its own."""
    with RegistryServer() as server:
        yield server.url


@contextlib.contextmanager
def needed() -> cabc.Iterator[None]:
    """Skip the test where Kafka or the registry can't be had; in CI, fail it."""
    try:
        yield
    except ServerMissingError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))


@dataclass
class _Started:
    """What became of one start: a value, or what kept it from starting."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    is_over: bool = False
    value: Any = None
    failure: RuntimeError | None = None


class OwnBrokers:
    """Starts a broker when first asked for it; the environment may name those of `KAFKA` and `REGISTRY`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started: dict[str, _Started] = {}
        self._ends = contextlib.ExitStack()
        self._listener: Listener | None = None
        self._key = os.urandom(16)
        for name, variable in ((KAFKA, "KAFKA_BOOTSTRAP_SERVERS"), (REGISTRY, "SCHEMA_REGISTRY_URL")):
            if given := os.environ.get(variable):
                self._started[name] = _Started(is_over=True, value=given)

    def get(self, name: str) -> Any:
        """Return what tests need to know of a broker; raise what kept it from starting, each time again."""
        with self._lock:
            started = self._started.setdefault(name, _Started())
        with started.lock:  # of this one alone: others may start beside it
            if not started.is_over:
                self._start(name, started)
            if started.failure is not None:
                raise started.failure
            return started.value

    def share(self) -> tuple[int, bytes]:
        """Answer workers from now on; return what `BorrowedBrokers` is made of."""
        if self._listener is None:
            self._listener = Listener(("127.0.0.1", 0), authkey=self._key)
            threading.Thread(target=self._listen, args=[self._listener], daemon=True).start()
        address = self._listener.address
        if not isinstance(address, tuple):
            raise TypeError(f"A socket on 127.0.0.1 has a host and a port, not {address!r}.")
        return address[1], self._key

    def close(self) -> None:
        """End the brokers that this run started, also those that were just being started."""
        with self._lock:
            all_started = list(self._started.values())
        for started in all_started:
            with started.lock:
                started.is_over = True
        self._ends.close()

    def _start(self, name: str, started: _Started) -> None:
        module, _, function = name.partition(":")
        started.is_over = True
        try:
            started.value = self._ends.enter_context(getattr(importlib.import_module(module), function)())
        except RuntimeError as error:
            started.failure = error
        except Exception as error:  # of any kind: a worker may not be able to load it
            started.failure = RuntimeError(f"{name} did not start: {error!r}")

    def _listen(self, listener: Listener) -> None:
        while True:
            threading.Thread(target=self._answer, args=[listener.accept()], daemon=True).start()

    def _answer(self, connection: Connection) -> None:
        with connection:
            try:
                connection.send(self.get(connection.recv()))
            except RuntimeError as error:
                connection.send(error)


@dataclass(frozen=True)
class BorrowedBrokers:
    """The brokers as a worker sees them."""

    port: int
    key: bytes

    def get(self, name: str) -> Any:
        """Return what tests need to know of a broker, which starts now unless it runs already."""
        with Client(("127.0.0.1", self.port), authkey=self.key) as connection:
            connection.send(name)
            answer = connection.recv()
        if isinstance(answer, RuntimeError):
            raise answer
        return answer
