"""Runs `framework` as a process, in a folder of the test's own."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import subprocess
import sys

ROOT = str(pathlib.Path(__file__).parents[1])


@dataclasses.dataclass
class CommandLine:
    """A folder, and what a person types there."""

    folder: pathlib.Path

    def write(self, name: str, text: str) -> None:
        """A file in the folder."""
        self.folder.joinpath(name).write_text(text)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """The command, while it runs."""
        return subprocess.Popen(
            [sys.executable, "-m", "framework", *arguments],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": ROOT} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, stdin: str = "", **environment: str) -> tuple[int, str, str]:
        """Its exit code, stdout and stderr."""
        with self.start(*arguments, **environment) as process:
            out, error = process.communicate(stdin, timeout=60)
            return process.returncode, out, error
