"""Follows a page of the docs from an empty folder: writes its files, and runs its commands."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import pathlib
import re
from typing import NamedTuple

from tests.terminal import Installed

ROOT = pathlib.Path(__file__).parents[2]
FOLLOWED = ["docs/celery.md", "docs/django.md", "docs/flask.md", "docs/notebooks.md", "docs/pytest.md"]
"""The pages that tests follow here; the other pages belong to the example application."""

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
    """A page that is followed in a folder."""

    line: Installed

    def follow(self, page: str) -> list[tuple[Command, Command]]:
        """Take all steps; each command as the page shows it, and as it was, but for times."""
        return [pair for step in steps(page) if (pair := self._take(step)) is not None]

    def _take(self, step: File | Command) -> tuple[Command, Command] | None:
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
