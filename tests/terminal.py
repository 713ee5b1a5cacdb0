"""The installed command `framework`, as people meet it: in a folder, piped or on a terminal."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import fcntl
import os
import pathlib
import pty
import struct
import subprocess
import sys
import termios
from dataclasses import dataclass, field

import pexpect
from pexpect.fdpexpect import fdspawn

from tests import support

BIN = pathlib.Path(sys.executable).parent
LIMIT = 40

# Makes the terminal at stdin the one that Ctrl-C comes from, and becomes the command.
CONTROLLED = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""


class Screen:
    """A terminal with a command in it: what it shows, what is typed, how it ended."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self._process = process
        self._screen = fdspawn(master, encoding="utf-8", timeout=LIMIT)

    def until(self, text: str) -> str:
        """What appears before this text, which must appear."""
        self._screen.expect_exact(text)
        return self._screen.before or ""

    def type(self, line: str) -> None:
        """A line and the return key."""
        self._screen.send(f"{line}\r")

    def press(self, letter: str, before: str = "") -> None:
        """A letter with the control key; `before` is typed before it."""
        self._screen.send(before + chr(ord(letter) - 64))

    def until_it_waits(self) -> None:
        """Return when its main thread waits: a prompt is shown before the key is waited for."""
        support.wait_until(lambda: support.sleeps(self._process.pid), "a command that waits")

    def rest(self) -> str:
        """All that appears until the command ends."""
        self._screen.expect_exact(pexpect.EOF)
        return (self._screen.before or "").replace("\r\n", "\n")

    def end(self) -> int:
        """The exit code of the command, which must end."""
        self.rest()
        return self._process.wait(LIMIT)


@dataclass
class Installed:
    """A folder, an environment, and the installed commands on the path."""

    folder: pathlib.Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str, stdin: str = "", **environment: str) -> tuple[int, str, str]:
        """A command into pipes: its exit code, stdout and stderr."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.variables(**environment),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    @contextlib.contextmanager
    def open(self, *command: str, columns: int = 80, **environment: str) -> cabc.Iterator[Screen]:
        """A command on a terminal, which is over with the block."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
        with subprocess.Popen(
            [sys.executable, "-c", CONTROLLED, *command],
            cwd=self.folder,
            env=self.variables(**({"TERM": "xterm"} | environment)),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        ) as process:
            os.close(slave)
            try:
                yield Screen(process, master)
            finally:
                if process.poll() is None:
                    process.kill()
                os.close(master)

    def show(self, *command: str, columns: int = 80, **environment: str) -> tuple[int, str]:
        """The exit code of a command on a terminal, and all that appeared."""
        with self.open(*command, columns=columns, **environment) as screen:
            shown = screen.rest()
            return screen.end(), shown

    def variables(self, **more: str) -> dict[str, str]:
        """The environment of a command."""
        clean = {
            name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")
        }
        return clean | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"} | self.environment | more
