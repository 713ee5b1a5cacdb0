"""Follows a page of the docs from an empty folder: writes its files, and runs its commands."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import dataclasses
import os
import pathlib
import re
import signal
import subprocess
from typing import NamedTuple

import pytest

from tests.terminal import Installed

ROOT = pathlib.Path(__file__).parents[2]
FOLLOWED = ["docs/celery.md", "docs/django.md", "docs/flask.md", "docs/notebooks.md", "docs/pytest.md"]
"""The pages that tests follow here; the other pages belong to the example application."""

PATIENT = pytest.mark.timeout(300)
"""The first test of a module follows a whole page, which takes a busy machine a minute."""

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


class File(NamedTuple):
    """A block whose first line is a comment with the name of a file: the file, or what is added to it."""

    path: str
    text: str


class Command(NamedTuple):
    """A command, and what the page shows below it."""

    line: str
    output: str


def steps(page: str) -> cabc.Iterator[File | Command]:
    """The files and commands of a page, in order; one that is installed by pip is installed already."""
    for kind, text in _BLOCK.findall((ROOT / page).read_text()):
        if kind == "console":
            yield from (
                Command(*found) for found in _COMMAND.findall(text) if not found[0].startswith("pip ")
            )
        elif named := re.match(r"# ([\w/]+\.\w+)\n", text):
            yield File(named[1], text)


@dataclasses.dataclass
class Walk:
    """A page that is followed in a folder; commands that end with & run until `end`."""

    line: Installed
    _background: list[subprocess.Popen[bytes]] = dataclasses.field(default_factory=list)

    def start(self, command: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a command in the background, with a group of processes of its own."""
        started = subprocess.Popen(
            command.split(), cwd=self.line.folder, env=self.line.variables(**environment),
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self._background.append(started)
        return started

    def end(self) -> None:
        """Kill what is still in the background, and the processes that it has started."""
        for started in self._background:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)
            started.wait()

    def follow(self, page: str) -> list[tuple[Command, Command]]:
        """Take all steps; each command as the page shows it, and as it was, but for times."""
        return [pair for step in steps(page) if (pair := self._take(step)) is not None]

    def _take(self, step: File | Command) -> tuple[Command, Command] | None:
        if isinstance(step, Command) and step.line.endswith(" &"):
            self.start(step.line.removesuffix(" &"))
            return None
        if isinstance(step, Command):
            code, out, error = self.line.run("bash", "-o", "pipefail", "-c", step.line)
            assert code == 0, f"{step.line} ended with {code}: {out}{error}"
            shown, was = (re.sub(r"\b\d+\.\d+s\b", "TIME", text) for text in (step.output, out))
            return Command(step.line, shown), Command(step.line, was)
        path = self.line.folder / step.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(step.text)
        return None
