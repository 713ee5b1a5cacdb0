"""The application: settings, topics, and clients for its brokers."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from framework import config, current, registry
from framework.connection import Connection
from framework.deserializers import CompiledDeserializers, Deserializers
from framework.errors import ConfigError
from framework.extensions import AnyFunction, Extensions, Failed, Names, ShellNames
from framework.includes import Includes
from framework.routing import Routes
from framework.shell_names import TopicsByName, with_topics
from framework.topic import Topic, TopicOptions, caller
from framework.types import NOT_GIVEN, Declared, KafkaSettings, NotGiven, P, U

if TYPE_CHECKING:
    # Not a cycle: confluent_kafka takes 45 ms to import, which a program that only declares doesn't need.
    from click import Command

    from framework.admin import Admin
    from framework.clients import Producer


class App(current.Unpickled):
    """An application: how to reach Kafka, and which topics there are.

    Making one connects to nothing.

        app = App(kafka={"bootstrap.servers": "127.0.0.1:9092"}, client_id="example")
        flights = app.topic("flights", payload=Flight)

    Args:
        kafka: Settings with librdkafka's dotted keys, for consumers, producers and admin clients alike.
            Below them come the KAFKA_* variables of the environment, and then `127.0.0.1:9092`.
        client_id: The name of the application in the broker's logs and metrics.
        defaults: The deserializers of topics that declare none of their own.
        topics: Topics to declare, as an alternative to `app.topic`.
        include: Full names of modules that declare topics, commands or shell names. They are imported
            once, when one of these is needed, and may import the application from its own module.
        broker_timeout: Seconds that a broker may take to answer.
        stall_timeout: Seconds that a run which has an end may wait without any progress.
        schema_registry: The address of a schema registry, several separated by commas, or a dict of
            `schema.registry.url`, `basic.auth.user.info`, `bearer.auth.token` and `ssl.*`. Below come the
            SCHEMA_REGISTRY_* variables of the environment.
        registry_timeout: Seconds that the schema registry may take to give a schema, over all tries.
    """

    def __init__(
        self,
        *,
        kafka: KafkaSettings | None = None,
        client_id: str = "framework",
        defaults: Deserializers | None = None,
        topics: cabc.Iterable[Topic[Any]] = (),
        include: cabc.Iterable[str] = (),
        broker_timeout: float = 10.0,
        stall_timeout: float = 60.0,
        schema_registry: registry.Layer | None = None,
        registry_timeout: float = 5.0,
    ) -> None:
        """Check and keep the settings, and declare the topics."""
        if not str(client_id).strip() or not isinstance(client_id, str):
            raise ConfigError(f"client_id={client_id!r} is invalid: expected a non-empty str.")
        self._connection = Connection.of(client_id, kafka, broker_timeout, schema_registry)
        self._includes = Includes(include)
        self._routes = Routes(defaults, before_lookup=self._includes.load)
        self._stall_timeout = config.check_seconds("stall_timeout", stall_timeout, doubtful=10_000)
        self._registry_timeout = config.check_seconds("registry_timeout", registry_timeout, doubtful=1000)
        self._made_at = caller()
        self._routes.add_all(topics)
        self._extensions = Extensions()
        # Names of plugins: the command line may run more than once in a process.
        self._set_up_by: set[str] = set()
        current.register(self)

    @property
    def kafka(self) -> dict[str, Any]:
        """A copy of the merged settings, for a client; it contains secrets."""
        return dict(self._connection.kafka)

    @property
    def client_id(self) -> str:
        """The name of the application in the broker's logs and metrics."""
        return str(self._connection.kafka["client.id"])

    @property
    def routes(self) -> Routes:
        """The declared topics."""
        return self._routes

    @property
    def defaults(self) -> Deserializers:
        """The deserializers of topics that declare none of their own."""
        return self._routes.defaults

    @property
    def broker_timeout(self) -> float:
        """Seconds that a broker may take to answer."""
        return self._connection.broker_timeout

    @property
    def stall_timeout(self) -> float:
        """Seconds that a run which has an end may wait without any progress."""
        return self._stall_timeout

    @property
    def schema_registry(self) -> registry.Registry | None:
        """The schema registry, or None where no address is set."""
        found = self._connection.schema_registry
        return None if found is None else registry.Registry.of(found, self._registry_timeout)

    def compile_deserializers(self, topic: Topic[Any]) -> CompiledDeserializers:
        """Return the deserializers of a topic, ready to run: with the app's defaults and its registry."""
        return self._routes.compile(topic, self.schema_registry)

    @overload
    def topic(
        self, name: str, *, payload: Declared[P], key: NotGiven = ...,
        tombstones: Literal[False] = ..., **options: Unpack[TopicOptions],
    ) -> Topic[P]: ...  # fmt: skip
    @overload
    def topic(
        self, name: str, *, payload: Declared[P], key: Declared[U],
        tombstones: Literal[False] = ..., **options: Unpack[TopicOptions],
    ) -> Topic[P, U]: ...  # fmt: skip
    @overload
    def topic(
        self, name: str, *, payload: Declared[P], key: NotGiven = ...,
        tombstones: bool, **options: Unpack[TopicOptions],
    ) -> Topic[P | None]: ...  # fmt: skip
    @overload
    def topic(
        self, name: str, *, payload: Declared[P], key: Declared[U],
        tombstones: bool, **options: Unpack[TopicOptions],
    ) -> Topic[P | None, U]: ...  # fmt: skip
    @overload
    def topic(
        self, name: str, *, payload: NotGiven = ..., key: NotGiven = ...,
        tombstones: bool = ..., **options: Unpack[TopicOptions],
    ) -> Topic[Any]: ...  # fmt: skip
    @overload
    def topic(
        self, name: str, *, payload: NotGiven = ..., key: Declared[U],
        tombstones: bool = ..., **options: Unpack[TopicOptions],
    ) -> Topic[Any, U]: ...  # fmt: skip
    def topic(
        self,
        name: str,
        *,
        payload: Any = NOT_GIVEN,
        key: Any = NOT_GIVEN,
        tombstones: bool = False,
        **options: Unpack[TopicOptions],
    ) -> Topic[Any]:
        """Declare a topic and return it; a RoutingError if the name is declared already.

        Args:
            name: The name in Kafka.
            payload: How payloads are deserialized; see `Deserializers`. By default as `app.defaults` says.
            key: How keys are deserialized.
            headers: How headers are deserialized.
            active: Whether the application consumes it. An inactive topic is read only where it is named.
            tombstones: Whether messages without a payload are expected; it makes `P | None` of the type.
            partitioner: How its producers choose the partition of a key: "murmur2", "crc32" or "fnv1a".
        """
        topic: Topic[Any] = Topic(name, payload=payload, key=key, tombstones=tombstones, **options)
        return self._routes.add(topic)

    def command(self, name: str | None = None, **attributes: Any) -> cabc.Callable[[AnyFunction], Command]:
        """Declare a management command: `framework NAME` runs it. It takes what `click.command` takes.

        @app.command()
        @click.argument("tailnum")
        def find_plane(tailnum: str) -> None:  # framework find-plane N14228
            # Its docstring is the help.
        """
        return self._extensions.command(name, attributes)

    def load_included(self) -> None:
        """Import the modules of `include` now; lookups of topics, commands and shell names do it as well."""
        self._includes.load()

    @property
    def commands(self) -> dict[str, Command]:
        """The management commands by name."""
        self._includes.load()
        return dict(self._extensions.commands)

    def shell_names(self, function: ShellNames) -> ShellNames:
        """Mark a function without arguments whose dictionary adds names to `framework shell`."""
        self._extensions.add_shell_names(function)
        return function

    def namespace(self, others: Names | None = None, failed: Failed | None = None) -> dict[str, object]:
        """Return a shell's names: `others`, `app`, `topics`, `shell_names`, and topics, which hide none."""
        self._includes.load()
        own = {"app": self, "topics": TopicsByName(self._routes)}
        taken = {**(others or {}), **own}
        return with_topics(self._routes, others or {}, own | self._extensions.shell_names(taken, failed))

    @contextlib.contextmanager
    def override(
        self,
        kafka: KafkaSettings | None = None,
        *,
        broker_timeout: float | None = None,
        schema_registry: registry.Layer | None = None,
    ) -> cabc.Generator[App]:
        """Replace settings within the block, such as the broker and the schema registry in a test.

        with mock_cluster() as servers, app.override({"bootstrap.servers": servers}):
            ...
        """
        before = self._connection
        self._connection = before.replaced(kafka, broker_timeout, schema_registry)
        try:
            yield self
        finally:
            self._connection = before

    def admin(self) -> Admin:
        """Open a client that creates, deletes and inspects topics."""
        from framework.admin import Admin

        return Admin(self._connection.kafka, self._connection.broker_timeout)

    @contextlib.contextmanager
    def producer(self) -> cabc.Generator[Producer]:
        """Open a confluent producer; the end of the block delivers all messages.

        It is idempotent unless the settings say otherwise: each partition gets its messages once and in
        order. A message that the broker refused, or did not acknowledge within `broker_timeout`, is a
        `BrokerError`. After an exception in the block, no further message is sent.
        """
        from framework.producing import delivering_producer

        with delivering_producer(self._connection.kafka, self._connection.broker_timeout) as producer:
            yield producer

    def __repr__(self) -> str:
        """Return `<App 'example' of app.py:5>`."""
        return f"<App {self.client_id!r} of {self._made_at}>"
