"""The one broker of a test run, started by the first test that wants it.

pytest-xdist runs the tests in worker processes. The broker belongs to the process that controls them, which
outlives them all; a worker asks it for the address through a local socket.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from multiprocessing.connection import Client, Listener

from tests.kafka_server import KafkaServer


class OwnKafka:
    """Starts the broker when first asked for its address, unless the environment names one."""

    def __init__(self) -> None:
        self._given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
        self._lock = threading.Lock()
        self._server: KafkaServer | None = None
        self._failure: RuntimeError | None = None
        self._listener: Listener | None = None
        self._key = os.urandom(16)

    def bootstrap_servers(self) -> str:
        """Return the address of a broker that answers; raise what kept it from starting, each time again."""
        if self._given:
            return self._given
        with self._lock:
            if self._failure is not None:
                raise self._failure
            if self._server is None:
                self._server = self._start()
            return self._server.bootstrap_servers

    def share(self) -> tuple[int, bytes]:
        """Answer workers from now on; return what a `BorrowedKafka` is made of."""
        if self._listener is None:
            self._listener = Listener(("127.0.0.1", 0), authkey=self._key)
            threading.Thread(target=self._answer, args=[self._listener], daemon=True).start()
        address = self._listener.address
        if not isinstance(address, tuple):
            raise TypeError(f"A socket on 127.0.0.1 has a host and a port, not {address!r}.")
        return address[1], self._key

    def close(self) -> None:
        """End the broker, if this run started one."""
        with self._lock:
            if self._server is not None:
                self._server.close()
                self._server = None

    def _start(self) -> KafkaServer:
        server = KafkaServer()
        try:
            server.start()
        except RuntimeError as error:
            self._failure = error
            raise
        return server

    def _answer(self, listener: Listener) -> None:
        while True:
            with listener.accept() as connection:
                try:
                    connection.send(self.bootstrap_servers())
                except RuntimeError as error:
                    connection.send(error)


@dataclass(frozen=True)
class BorrowedKafka:
    """The broker as a worker sees it."""

    port: int
    key: bytes

    def bootstrap_servers(self) -> str:
        """Return the address of the broker, which starts now unless it runs already."""
        with Client(("127.0.0.1", self.port), authkey=self.key) as connection:
            answer = connection.recv()
        if isinstance(answer, RuntimeError):
            raise answer
        return str(answer)
