"""Brokers that may be hurt, and what a fault may leave behind: nothing that hinders the next run."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import os
import time
import uuid
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from framework import App, Deserializers
from framework_iterator import Iterator
from tests import support
from tests.child_server import free_port
from tests.faults.proxy import Proxy
from tests.kafka_server import KafkaServer

FULL = os.environ.get("FAULTS") == "full"
"""Whether what takes long runs at its full length: `make faults`."""
BOUND = 30.0
"""Seconds after which something hangs, on however busy a machine."""


class Broker:
    """A real one with two doors: straight, and through a proxy that may misbehave."""

    def __init__(self) -> None:
        port, self.inner_port, controller, proxy = (free_port() for _ in range(4))
        self.proxy = Proxy(proxy, self.inner_port)
        address = "127.0.0.1"
        straight = f"{address}:{port}"
        self.server = KafkaServer(
            port=port,
            settings={
                "controller.quorum.voters": f"1@{address}:{controller}",
                "listeners": (
                    f"PLAINTEXT://{straight},PROXIED://{address}:{self.inner_port},"
                    f"CONTROLLER://{address}:{controller}"
                ),
                "advertised.listeners": f"PLAINTEXT://{straight},PROXIED://{address}:{proxy}",
                "listener.security.protocol.map": (
                    "PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT"
                ),
                # After a kill, so long may its former self still be waited for.
                "broker.session.timeout.ms": 1000,
                "broker.heartbeat.interval.ms": 250,
            },
        )

    def __enter__(self) -> Broker:
        self.server.start()
        self.proxy.start()
        self._meet()
        return self

    def __exit__(self, *_: object) -> None:
        self.proxy.stop()
        self.server.close()

    @property
    def straight(self) -> str:
        return self.server.bootstrap_servers

    @property
    def proxied(self) -> str:
        return f"127.0.0.1:{self.proxy.port}"

    def recover(self) -> None:
        """Whatever was done to it, be well again."""
        self.proxy.heal()
        self.proxy.start()
        if self.server.is_running:
            self.server.resume()
        else:
            self.server.kill()
            self.server.start()
        self._meet()

    def _meet(self) -> None:
        """Have clients that saw no fault, and are connected: none looks for its broker in a later test."""
        self.admin: AdminClient = support.make_admin(self.straight)
        self.producer: Producer = support.make_producer(self.straight, reconnect_backoff_max_ms=300)
        for client in (self.admin, self.producer):
            client.list_topics(timeout=support.LIMIT)

    def topic(self, partitions: int = 1, messages: support.Messages = (), **config: object) -> str:
        """A new topic with these messages."""
        name = f"t-{uuid.uuid4().hex[:8]}"
        self.create(name, partitions, **config)
        support.fill(self.producer, name, messages)
        return name

    def create(self, name: str, partitions: int = 1, **config: object) -> None:
        """Create a topic; a broker that was frozen or killed may not be trusted with one for a moment."""

        def is_created() -> bool:
            try:
                support.create_topic(self.admin, name, partitions, **config)
            except TimeoutError:  # the request was lost with a connection
                self.admin = support.make_admin(self.straight)
                return False
            except KafkaException as error:
                if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
                    return True
                if error.args[0].code() != KafkaError.INVALID_REPLICATION_FACTOR:
                    raise
                return False
            return True

        support.wait_until(is_created, "a broker that takes topics", 3 * support.LIMIT)

    def large(self, count: int, partitions: int = 1, name: str = "") -> str:
        """A topic, by default a new one, with messages of 3 KB, each in a batch of its own."""
        name = name or self.topic(partitions)
        for number in range(partitions):
            for index in range(count):
                support.produce(self.producer, name, [f"{index} ".ljust(3000, ".")], number)
        return name

    def make_anew(self, name: str, partitions: int = 1) -> None:
        """Delete a topic and create another of its name."""
        support.delete_topics(self.admin, [name])
        support.wait_until(
            lambda: name not in self.admin.list_topics(timeout=support.LIMIT).topics, "a topic that goes"
        )
        self.create(name, partitions)


def app_of(servers: str, *, broker_timeout: float = 20.0, stall_timeout: float = 60.0, **kafka: Any) -> App:
    """An application whose payloads are text; `socket_timeout_ms=` sets that key."""
    settings = {"bootstrap.servers": servers, "reconnect.backoff.max.ms": 300, **support.dotted(kafka)}
    return App(
        kafka=settings,
        defaults=Deserializers(payload=str),
        broker_timeout=broker_timeout,
        stall_timeout=stall_timeout,
    )


@contextlib.contextmanager
def bounded(seconds: float = BOUND) -> cabc.Iterator[None]:
    """What is in the block doesn't hang."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def assert_reads_on(broker: Broker, app: App | None = None) -> None:
    """After a fault, the same process starts a new Iterator, and it reads everything."""
    broker.recover()
    name = broker.topic(2, {0: ["a", "b"], 1: ["c"]})
    iterator = Iterator(name, app=app or app_of(broker.straight))
    assert sorted(str(message.payload) for message in iterator) == ["a", "b", "c"]
    assert iterator.report is not None
    assert (iterator.report.ended, iterator.report.error, iterator.report.lost) == ("end", None, 0)
