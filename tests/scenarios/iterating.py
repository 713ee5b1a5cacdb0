"""`framework iterate` as a person runs it, for scenarios."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from typing import Any, Final

from tests.terminal import Installed

ROOT = pathlib.Path(__file__).parents[2]
LIMIT: Final = 60


class Terminal:
    """A folder without an application, the tests' broker in the environment, and a command's name."""

    def __init__(self, kafka: str, folder: pathlib.Path, name: str = "iterate") -> None:
        self.folder = folder
        self.name = name
        self.environment = os.environ | {"KAFKA_BOOTSTRAP_SERVERS": kafka, "PYTHONPATH": str(ROOT)}

    def start(self, *arguments: str, **rest: Any) -> subprocess.Popen[str]:
        command, options = self._command(arguments, rest)
        return subprocess.Popen(command, text=True, **options)

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        with self.start(*arguments) as process:
            out, error = process.communicate(timeout=LIMIT)
            return process.returncode, out, error

    def run_binary(self, *arguments: str) -> tuple[int, bytes, bytes]:
        """The same, with the bytes that were written."""
        command, options = self._command(arguments, {})
        with subprocess.Popen(command, **options) as process:
            out, error = process.communicate(timeout=LIMIT)
            return process.returncode, out, error

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        code, out, error = self.run(*arguments, "--json")
        assert (code, error) == (0, "")
        return [json.loads(row) for row in out.splitlines()]

    def offsets(self, *arguments: str) -> list[tuple[int, int]]:
        return sorted((row["partition"], row["offset"]) for row in self.rows(*arguments))

    def show(self, *arguments: str, **environment: str) -> str:
        """What appears on a terminal of 80 columns."""
        line = Installed(
            self.folder, {"KAFKA_BOOTSTRAP_SERVERS": self.environment["KAFKA_BOOTSTRAP_SERVERS"]}
        )
        code, shown = line.show("framework", self.name, *arguments, columns=80, **environment)
        assert code == 0
        return shown

    def _command(self, arguments: tuple[str, ...], rest: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
        options = {"cwd": self.folder, "env": self.environment | rest.pop("environment", {})} | streams | rest
        return [sys.executable, "-m", "framework", self.name, *arguments], options
