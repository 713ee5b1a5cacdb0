"""Helpers for tests: build messages, start an embedded broker and schema registry, run commands.

with mock_cluster() as servers, app.override({"bootstrap.servers": servers}):
    result = run_command("find-plane", "N14228", app=app)
assert result.exit_code == 0
assert "BOEING" in result.stdout
"""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import dataclasses
import datetime
import inspect
import sys
from typing import Any, cast, overload

from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_NOT_AVAILABLE
from confluent_kafka import Message as ConfluentMessage

from framework import current
from framework.app import App
from framework.clients import open_producer, request
from framework.discovery import find_app
from framework.errors import ConfigError
from framework.message import Message
from framework.mock_registry import mock_registry as mock_registry
from framework.timestamps import to_milliseconds
from framework.topic import Topic
from framework.types import K, NativeMessage, P

Headers = cabc.Mapping[str, bytes | None] | cabc.Iterable[tuple[str, bytes | None]]

_MICROSECOND = datetime.timedelta(microseconds=1)


@overload
def build_message(
    topic: Topic[P, K],
    payload: bytes | None,
    *,
    app: App | None = ...,
    key: bytes | None = ...,
    headers: Headers | None = ...,
    partition: int = ...,
    offset: int = ...,
    timestamp: datetime.datetime | None = ...,
) -> Message[P, K]: ...
@overload
def build_message(
    topic: str,
    payload: bytes | None,
    *,
    app: App | None = ...,
    key: bytes | None = ...,
    headers: Headers | None = ...,
    partition: int = ...,
    offset: int = ...,
    timestamp: datetime.datetime | None = ...,
) -> Message[Any]: ...
def build_message(
    topic: str | Topic[Any],
    payload: bytes | None,
    *,
    app: App | None = None,
    key: bytes | None = None,
    headers: Headers | None = None,
    partition: int = 0,
    offset: int = 0,
    timestamp: datetime.datetime | None = None,
) -> Message[Any]:
    """Build a message as the Iterator would yield it, with the app's real deserializers.

    Args:
        topic: A declared topic, or a name.
        payload: The raw bytes; None makes a tombstone.
        app: The application; by default the current one.
        key: The raw bytes, or None.
        headers: A dict, or (name, value) pairs; the values are raw bytes or None.
        partition: The number of the partition.
        offset: The offset.
        timestamp: When it was produced; a naive one is local time.
    """
    app = app or find_app()
    declared = topic if isinstance(topic, Topic) else app.routes.find_or_default(topic)
    native = ConfluentMessage(
        topic=declared.name,
        partition=partition,
        offset=offset,
        key=_raw("key", key),
        value=_raw("payload", payload),
        headers=cast("Any", _pairs(headers)) or None,
        timestamp=_as_produced(timestamp),
    )
    return Message(cast(NativeMessage, native), declared.name, app.compile_deserializers(declared))


@contextlib.contextmanager
def mock_cluster(brokers: int = 1) -> cabc.Generator[str]:
    """Start a cluster inside this process (librdkafka's mock cluster), and return its address.

    Topics are created on first use, with four partitions. About 5 MB of each are kept, then the oldest
    messages are removed. Commits work; lookups by time, `delete_records` and the creation of topics by name
    do not. Other processes of this machine can use it until the block ends.
    """
    if brokers < 1:
        raise ConfigError(f"brokers={brokers!r} is invalid: expected an int >= 1.")
    producer, reported = open_producer({"test.mock.num.brokers": brokers})
    try:
        metadata = request(producer, reported, 10.0, lambda timeout: producer.list_topics(timeout=timeout))
        yield ",".join(f"{broker.host}:{broker.port}" for broker in metadata.brokers.values())
    finally:
        producer.close()


@dataclasses.dataclass(frozen=True)
class CommandResult:
    """The exit code of a command, and what it wrote."""

    exit_code: int
    stdout: str
    stderr: str


def run_command(*arguments: str, app: App | None = None, input: str = "") -> CommandResult:  # noqa: A002
    """Run `framework ARGUMENTS` in this process, plugins included, and return its result.

    An error is one line on stderr, with a traceback if "--debug" is among the arguments. Exit codes are 0,
    1, 2 and 130. It replaces the standard streams of the process: call it from one thread at a time.

    Args:
        arguments: The arguments of the command line.
        app: The current application during the command; by default it is found as usual.
        input: What is piped in.
    """
    # Late, because building messages needs no command line.
    from click.testing import CliRunner

    from framework.cli import main

    # Since click 8.2 they are separate by default, and the option is gone.
    options: dict[str, Any] = {"mix_stderr": False}
    if "mix_stderr" not in inspect.signature(CliRunner).parameters:
        options.clear()
    with current.preserved(), CliRunner(**options).isolation(input) as streams:
        if app is not None:
            current.choose(app)
        try:
            main(arguments)
        except SystemExit as left:
            exit_code = _exit_code(left)
        sys.stdout.flush()
        sys.stderr.flush()
        # A command may write any bytes.
        stdout, stderr = (stream.getvalue().decode(errors="backslashreplace") for stream in streams[:2])
    return CommandResult(exit_code, stdout, stderr)


def _exit_code(left: SystemExit) -> int:
    """Return the exit code as Python does: 0 for None; 1 for anything but an int, which it prints."""
    if left.code is None or isinstance(left.code, int):
        return int(left.code or 0)
    print(left.code, file=sys.stderr)
    return 1


def reset_current_app() -> None:
    """Forget all applications, so that a test doesn't find those of another."""
    current.reset()


def _as_produced(moment: datetime.datetime | None) -> tuple[int, int]:
    if moment is None:
        return TIMESTAMP_NOT_AVAILABLE, 0
    # Producers truncate to milliseconds.
    return TIMESTAMP_CREATE_TIME, to_milliseconds(moment - moment.microsecond % 1000 * _MICROSECOND)


def _raw(name: str, value: Any) -> bytes | None:
    """Return bytes or None; a ConfigError for anything else, which no message of a broker has."""
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, str):
        raise ConfigError(f"{name}={value!r} is invalid: expected bytes or None. Pass {value!r}.encode().")
    raise ConfigError(
        f"{name}={value!r} is invalid: expected bytes or None, not {type(value).__name__}. "
        "Serialize it as the producer does, such as json.dumps(...).encode()."
    )


def _pairs(headers: Any) -> list[tuple[str, bytes | None]]:
    """Return the headers as pairs; a ConfigError for anything but a dict or pairs of name and bytes."""
    pairs: Any = list(headers.items()) if isinstance(headers, cabc.Mapping) else headers or []
    if isinstance(pairs, str | bytes) or not isinstance(pairs, cabc.Iterable):
        pairs = [pairs]
    pairs = list(pairs)
    for pair in pairs:
        if not (isinstance(pair, tuple | list) and len(pair) == 2 and isinstance(pair[0], str)):
            raise ConfigError(
                f"headers={headers!r} is invalid: expected a dict, or pairs of a str and bytes."
            )
    return [(name, _raw(f"headers[{name!r}]", value)) for name, value in pairs]
