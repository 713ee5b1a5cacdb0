"""The application: settings, topics, and the way to the broker."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import keyword
import os
import re
from typing import TYPE_CHECKING, Any, TypeVar, Unpack, overload

from framework import config, current
from framework.deserializers import Deserializers
from framework.errors import ConfigError, RoutingError
from framework.routing import Routes, Topic, TopicOptions, caller
from framework.types import NOT_GIVEN, Deserializer, KafkaSettings, NotGiven

if TYPE_CHECKING:
    # Not a cycle: confluent_kafka is loaded with the first client, never by `import framework`.
    from click import Command

    from framework.admin import Admin
    from framework.clients import Producer

P = TypeVar("P")
AnyFunction = cabc.Callable[..., Any]
ShellNames = cabc.Callable[[], cabc.Mapping[str, object]]


class App:
    """An application: how to reach Kafka, and which topics it knows.

    Nothing connects before it is needed. `kafka` holds librdkafka's own dotted keys and serves
    consumers, producers and admin clients alike; below it come the environment's KAFKA_* variables,
    and last `127.0.0.1:9092`. `broker_timeout` is how long, in seconds, a broker may take to answer;
    `stall_timeout` how long a run that has an end may go without any progress.

        app = App(kafka={"bootstrap.servers": "127.0.0.1:9092"}, client_id="example")
        flights = app.topic("flights", payload=Flight)
    """

    def __init__(
        self,
        *,
        kafka: KafkaSettings | None = None,
        client_id: str = "framework",
        defaults: Deserializers | None = None,
        topics: cabc.Iterable[Topic[Any]] = (),
        broker_timeout: float = 10.0,
        stall_timeout: float = 60.0,
    ) -> None:
        """Check and keep the settings, declare the topics, and become a candidate for the current app."""
        if not client_id or not isinstance(client_id, str):
            raise ConfigError(f"client_id={client_id!r} can't be: give a name for this application.")
        own = {"bootstrap.servers": config.DEFAULT_SERVERS, "client.id": client_id}
        self._kafka = config.merge(own, config.from_environment(os.environ), kafka)
        self._routes = Routes(defaults)
        self._broker_timeout = config.check_seconds("broker_timeout", broker_timeout)
        self._stall_timeout = config.check_seconds("stall_timeout", stall_timeout)
        self._made_at = caller()
        if isinstance(topics, str):
            raise RoutingError(f"topics={topics!r} is a name: give Topics, [Topic({topics!r})].")
        for topic in topics:
            self._routes.add(topic)
        self._commands: dict[str, Command] = {}
        self._shell_names: list[ShellNames] = []
        self._set_up_by: set[str] = set()  # plugins; the command line may run more than once in a process
        current.register(self)

    @property
    def kafka(self) -> dict[str, Any]:
        """The merged settings, a copy, secrets included: for a client, not to be shown."""
        return dict(self._kafka)

    @property
    def client_id(self) -> str:
        """How our clients call themselves to the broker."""
        return str(self._kafka["client.id"])

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
        return self._broker_timeout

    @property
    def stall_timeout(self) -> float:
        """Seconds that a run which has an end may wait without any progress."""
        return self._stall_timeout

    @overload
    def topic(self, name: str, *, payload: type[P], **options: Unpack[TopicOptions]) -> Topic[P]: ...
    @overload
    def topic(self, name: str, *, payload: Deserializer[P], **options: Unpack[TopicOptions]) -> Topic[P]: ...
    @overload
    def topic(
        self, name: str, *, payload: cabc.Callable[[bytes], P], **options: Unpack[TopicOptions]
    ) -> Topic[P]: ...
    @overload
    def topic(self, name: str, *, payload: NotGiven = ..., **options: Unpack[TopicOptions]) -> Topic[Any]: ...
    def topic(
        self,
        name: str,
        *,
        payload: Any = NOT_GIVEN,
        key: object = NOT_GIVEN,
        headers: object = NOT_GIVEN,
        active: bool = True,
    ) -> Topic[Any]:
        """Declare a topic; see `Deserializers` for what payload, key and headers may be.

        An inactive topic is known, with its deserializers, and read by hand only. A name that is
        declared twice is a `RoutingError`.
        """
        return self._routes.add(Topic(name, payload=payload, key=key, headers=headers, active=active))

    def command(self, name: str | None = None, **attributes: Any) -> cabc.Callable[[AnyFunction], Command]:
        """Declare a management command: it shows up as `framework NAME`. Takes what `click.command` takes.

        Its docstring is its help.

            @app.command()
            @click.argument("tailnum")
            def find_plane(tailnum: str) -> None:  # framework find-plane N14228
                ...
        """
        import click

        if callable(name):
            raise ConfigError("Write @app.command() with parentheses, as for click.command.")

        def declare(function: AnyFunction) -> Command:
            decorate: cabc.Callable[[AnyFunction], Command] = click.command(name, **attributes)
            command = decorate(function)
            if self._commands.setdefault(str(command.name), command) is not command:
                raise ConfigError(f"There are two commands '{command.name}'. Name one: @app.command('...').")
            return command

        return declare

    @property
    def commands(self) -> dict[str, Command]:
        """The management commands, by name."""
        return dict(self._commands)

    def shell_names(self, function: ShellNames) -> ShellNames:
        """Mark a function without arguments whose dictionary adds names to `framework shell`."""
        self._shell_names.append(function)
        return function

    def namespace(self) -> dict[str, object]:
        """What the app brings to a shell: itself, each topic (`a-b` as `a_b`), and its `shell_names`."""
        names: dict[str, object] = {_identifier(topic.name): topic for topic in self._routes}
        names["app"] = self
        for function in self._shell_names:
            names |= function()
        return names

    @contextlib.contextmanager
    def override(self, kafka: KafkaSettings) -> cabc.Generator[App]:
        """Within the block, put these Kafka settings above the app's own: another broker, for a test.

        with mock_cluster() as servers, app.override({"bootstrap.servers": servers}):
            ...
        """
        before = self._kafka
        self._kafka = config.merge(before, kafka)
        try:
            yield self
        finally:
            self._kafka = before

    def admin(self) -> Admin:
        """A client for creating, deleting and looking at topics."""
        from framework.admin import Admin

        return Admin(self._kafka, self._broker_timeout)

    @contextlib.contextmanager
    def producer(self) -> cabc.Generator[Producer]:
        """A confluent producer with the app's settings; leaving the block delivers everything.

        It is idempotent, so each partition has its messages once and in order, unless the settings
        say otherwise. What the broker refused, or did not take within `broker_timeout`, is a
        `BrokerError`. After an exception in the block, nothing more is sent.
        """
        from framework.clients import delivering_producer

        with delivering_producer(self._kafka, self._broker_timeout) as producer:
            yield producer

    def __repr__(self) -> str:
        """`<App 'example' of app.py:5>`: who it is and where it was made."""
        return f"<App {self.client_id!r} of {self._made_at}>"


def _identifier(name: str) -> str:
    """The name of a topic as one of Python."""
    name = re.sub(r"\W", "_", name)
    if keyword.iskeyword(name):
        return f"{name}_"
    return name if name.isidentifier() else f"_{name}"
