"""Runs `framework explore`, and reads the streams of its pages."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import json
import os
import pathlib
import signal
import subprocess
from typing import Any, Self

import httpx

from tests import support
from tests.command_line import CommandLine


class Explorer:
    """A server, from its start to Ctrl-C.

    Args:
        command_line: The folder in which it is started.
        kafka: The address of the broker.
        options: More options of the command.
    """

    def __init__(self, command_line: CommandLine, kafka: str, *options: str) -> None:
        self._command_line = command_line
        self._kafka = kafka
        self._options = options

    def __enter__(self) -> Self:
        self.process: subprocess.Popen[str] = self._command_line.start(
            "explore", "--no-open", *self._options, KAFKA_BOOTSTRAP_SERVERS=self._kafka
        )
        assert self.process.stderr is not None
        self.address = self.process.stderr.readline().strip()
        assert self.process.stderr.readline() == "Ctrl-C ends it.\n"
        self.base = self.address.partition("/?token=")[0]
        assert self.base.startswith("http://127.0.0.1:"), self.address
        return self

    def __exit__(self, *_error: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=support.LIMIT)

    @property
    def threads(self) -> int:
        """How many threads the server has."""
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    @property
    def clients(self) -> int:
        """How many clients of Kafka's the server has: one thread of each has this name."""
        found = 0
        for name in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/comm"):
            with contextlib.suppress(OSError):  # it has just ended
                found += name.read_text() == "rdk:main\n"
        return found

    @property
    def peak(self) -> int:
        """How many bytes of memory the server has had at most."""
        with open(f"/proc/{self.process.pid}/status") as status:
            [kilobytes] = [line.split()[1] for line in status if line.startswith("VmHWM:")]
        return int(kilobytes) << 10


def events(client: httpx.Client, path: str) -> cabc.Iterator[tuple[str, Any]]:
    """Give the events of a stream as they come."""
    with client.stream("GET", path) as response:
        assert response.status_code == 200, response.read()
        name = ""
        for line in response.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))


def rows(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    """Return the rows of a view that ends by itself."""
    return [data for name, data in events(client, path) if name == "row"]


def last(client: httpx.Client, path: str) -> tuple[str, Any]:
    """Return the last event of a view: `end` or `problem`."""
    return list(events(client, path))[-1]
