"""For tests and demonstrations: messages without a broker, a broker without an installation, commands.

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
from framework.timestamps import to_milliseconds
from framework.topic import Topic
from framework.types import K, NativeMessage, P, RawHeaders

_MICROSECOND = datetime.timedelta(microseconds=1)


@overload
def build_message(
    topic: Topic[P, K],
    payload: bytes | None,
    *,
    app: App | None = ...,
    key: bytes | None = ...,
    headers: RawHeaders | None = ...,
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
    headers: RawHeaders | None = ...,
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
    headers: RawHeaders | None = None,
    partition: int = 0,
    offset: int = 0,
    timestamp: datetime.datetime | None = None,
) -> Message[Any]:
    """A message as the Iterator would give it, read by the app's real deserializers.

    `payload`, `key` and `headers` are raw bytes, as they stand in Kafka; None as payload makes a
    tombstone. A naive `timestamp` is local time. Without `app`, the current one.
    """
    routes = (app or find_app()).routes
    declared = topic if isinstance(topic, Topic) else routes.find_or_default(topic)
    native = ConfluentMessage(
        topic=declared.name,
        partition=partition,
        offset=offset,
        key=key,
        value=payload,
        headers=list(headers or []) or None,
        timestamp=_as_produced(timestamp),
    )
    return Message(cast(NativeMessage, native), declared.name, routes.deserializers(declared).compile())


@contextlib.contextmanager
def mock_cluster(brokers: int = 1) -> cabc.Generator[str]:
    """The address of a cluster inside this process (librdkafka's mock cluster); nothing is installed.

    Topics appear on first use, with four partitions; about 5 MB of each are kept, then the oldest
    messages go. It has no look-up by time, no `delete_records`, no creation of topics by name;
    commits work. It lives as long as the block,
    and other processes of this machine can reach it meanwhile.
    """
    if brokers < 1:
        raise ConfigError(f"mock_cluster({brokers!r}) has no broker: give at least 1.")
    producer, reported = open_producer({"test.mock.num.brokers": brokers})
    try:
        metadata = request(producer, reported, 10.0, lambda timeout: producer.list_topics(timeout=timeout))
        yield ",".join(f"{broker.host}:{broker.port}" for broker in metadata.brokers.values())
    finally:
        producer.close()


@dataclasses.dataclass(frozen=True)
class CommandResult:
    """How a command ended: its exit code, and what it wrote."""

    exit_code: int
    stdout: str
    stderr: str


def run_command(*arguments: str, app: App | None = None, input: str = "") -> CommandResult:  # noqa: A002
    """What `framework ARGUMENTS` does, run in this process, with `app` as the current application.

    It is the command line that people use: an error is one line on stderr, and exit codes are 0, 1, 2
    and 130; plugins are there as well. Where an error comes from is shown with "--debug" among the
    arguments. `input` is what is piped in. Without `app`, the application is found as always.
    Afterwards, the current application is the one from before. Standard streams are the process's own:
    one thread at a time.
    """
    # Here, because whoever builds messages needs no command line.
    from click.testing import CliRunner

    from framework.cli import main

    # Since click 8.2 the streams are apart without asking.
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
    """As Python does at the end of a process: nothing is 0; what isn't a number is an error, and written."""
    if left.code is None or isinstance(left.code, int):
        return int(left.code or 0)
    print(left.code, file=sys.stderr)
    return 1


def reset_current_app() -> None:
    """Forget all applications made so far, so that one test's don't reach the next."""
    current.reset()


def _as_produced(moment: datetime.datetime | None) -> tuple[int, int]:
    if moment is None:
        return TIMESTAMP_NOT_AVAILABLE, 0
    # Producers cut off what is less than a millisecond.
    return TIMESTAMP_CREATE_TIME, to_milliseconds(moment - moment.microsecond % 1000 * _MICROSECOND)
