"""Programs of their own, for what a process does: signals, forks, terminals, memory, its end."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import queue
import subprocess
import sys
import threading

from tests import support

LIMIT = 90.0
"""Seconds after which a program hangs, on however busy a machine."""

# What each program begins with: `kafka` and `topic` are given to it.
HEAD = """\
import os, signal, sys, threading, time
from framework import App, BrokerError, Deserializers
from framework_iterator import Iterator, NotIteratingError

kafka, topic = sys.argv[1:]
app = App(kafka={"bootstrap.servers": kafka}, defaults=Deserializers(payload=str))

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def join_threads():  # one that is over takes a moment to go
    for thread in threading.enumerate()[1:]:
        thread.join(10)
"""


class Program:
    """One that runs: its lines as they come, and how it ended."""

    def __init__(self, body: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            # That a fork leaves threads behind is what some are about.
            [
                sys.executable,
                "-W",
                "error",
                "-W",
                "ignore::DeprecationWarning",
                "-c",
                HEAD + body,
                *arguments,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def until(self, line: str) -> None:
        """Return when it has written this line."""
        while (written := self._lines.get(timeout=LIMIT)) != line:
            if not written:
                raise AssertionError(f"It ended without {line!r}: {self.stderr()}")

    def lines(self) -> list[str]:
        """What it wrote since, once it has ended."""
        self.end()
        lines = []
        while not self._lines.empty():
            if line := self._lines.get():
                lines.append(line)
        return lines

    def end(self, within: float = LIMIT) -> int:
        """Its exit code; it must end within so many seconds."""
        code = self.process.wait(within)
        self._reader.join(within)
        return code

    def stderr(self) -> str:
        """What it wrote there; it has ended."""
        self.end()
        return self.process.stderr.read() if self.process.stderr else ""

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self._lines.put(line.rstrip("\n"))
        self._lines.put("")


@contextlib.contextmanager
def running(body: str, *arguments: str) -> cabc.Iterator[Program]:
    """A program that is over with the block, in whatever way."""
    program = Program(body, *arguments)
    try:
        yield program
    finally:
        if program.process.poll() is None:
            program.process.kill()
        program.end()
        for pipe in (program.process.stdout, program.process.stderr):
            if pipe is not None:
                pipe.close()


def output_of(body: str, *arguments: str) -> list[str]:
    """The lines of a program that must end well, and say nothing on stderr."""
    with running(body, *arguments) as program:
        lines = program.lines()
        assert (program.end(), program.stderr()) == (0, "")
        return lines


def wait_until_it_sleeps(program: Program) -> None:
    """Return when its main thread waits for something: a broker, a message, a time."""
    support.wait_until(lambda: support.sleeps(program.process.pid), "a program that waits")
