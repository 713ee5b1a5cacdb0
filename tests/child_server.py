"""A server for the tests as a child process, with its files in a temporary folder."""

from __future__ import annotations

import abc
import collections.abc as cabc
import contextlib
import functools
import os
import random
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

START_LIMIT = 60.0
STOP_LIMIT = 30.0

_drawn: set[int] = set()


class ChildServer(abc.ABC):
    """A server on 127.0.0.1 that ends with this process, in whatever way this process ends.

    `stop()` and `kill()` keep the folder and the port, so `start()` goes on with both; `close()`, or the end
    of the `with` block, removes the folder.
    """

    def __init__(self, port: int | None = None) -> None:
        self.port = port or free_port()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    def __repr__(self) -> str:
        state = "running" if self.is_running else "stopped"
        return f"<{type(self).__name__} {self.address} {state}>"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    @abc.abstractmethod
    def title(self) -> str:
        """The server and its version, for errors."""

    @property
    def address(self) -> str:
        """Where clients reach it."""
        return f"127.0.0.1:{self.port}"

    @abc.abstractmethod
    def _install(self) -> Path:
        """Make sure of everything the server needs; return the folder with it."""

    def _prepare(self, installed: Path) -> None:  # noqa: B027 - not every server needs it
        """Write what the first start needs into `self.home`."""

    @abc.abstractmethod
    def _command(self, installed: Path) -> cabc.Sequence[str]:
        """Return the command that starts it."""

    @abc.abstractmethod
    def _probe(self) -> cabc.Callable[[], bool]:
        """Return what asks, for half a second at most, if it serves by now; made anew for each start."""

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def home(self) -> Path:
        if self._folder is None:
            raise RuntimeError(f"{self!r} has no folder: start it first.")
        return Path(self._folder.name)

    @property
    def log_file(self) -> Path:
        """Where the server writes; the folder goes when the server is closed."""
        return self.home / "server.log"

    def start(self) -> None:
        """Start the server; return when it answers."""
        if self.is_running:
            raise RuntimeError(f"{self!r} was started before.")
        if not is_free(self.port):
            raise RuntimeError(f"Port {self.port} is in use by another process.")
        installed = self._install()
        try:
            if self._folder is None:
                prefix = f"{type(self).__name__.lower()}-"
                self._folder = tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)
                self._prepare(installed)
            self._spawn(self._command(installed))
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise

    def stop(self) -> None:
        """End the server in good order."""
        if self._process is not None and self.is_running:
            self.resume()
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_LIMIT)
        self.kill()

    def kill(self) -> None:
        """End the server as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._guard is not None:
            self._guard.communicate(b"off duty\n")
            self._guard = None

    def restart(self) -> None:
        """Stop and start again, on the same port, with the same folder."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freeze the server: its connections stay open, and nothing answers."""
        self._send(signal.SIGSTOP)
        if self._process is not None:
            # On a busy machine its threads may answer until the signal has reached them all.
            os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def resume(self) -> None:
        """Go on after `pause()`."""
        self._send(signal.SIGCONT)

    def wait(self) -> None:
        """Return when the server has ended by itself."""
        if self._process is not None:
            self._process.wait()

    def close(self) -> None:
        """End the server and remove its folder."""
        self.kill()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def log(self, lines: int = 30) -> str:
        """Return the last lines the server wrote, without Java's stack frames: they hide the reason."""
        if self._folder is None or not self.log_file.exists():
            return ""
        written = self.log_file.read_text(errors="replace").splitlines()
        return "\n".join([line for line in written if not line.startswith(("\tat ", "\t... "))][-lines:])

    def _send(self, number: signal.Signals) -> None:
        if self._process is None or not self.is_running:
            raise RuntimeError(f"{self!r} isn't running.")
        self._process.send_signal(number)

    def _spawn(self, command: cabc.Sequence[str]) -> None:
        # A session of its own: Ctrl-C in the terminal reaches the tests alone, and they end the server.
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
                start_new_session=True,
            )
        # When this process dies, even by SIGKILL, the system closes the pipe, and the guard cleans up.
        guard = 'read -r _ || { kill -KILL "$1"; sleep 1; rm -rf "$2"; }'
        self._guard = subprocess.Popen(
            ["sh", "-c", guard, "sh", str(self._process.pid), str(self.home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_LIMIT
        answers = self._probe()
        while not answers():
            if not self.is_running or time.monotonic() > deadline:
                state = "did not answer in time" if self.is_running else "ended by itself"
                raise RuntimeError(f"{self.title} on {self.address} {state}:\n{self.log()}")
            time.sleep(0.02)


def free_port() -> int:
    """Return a free port that stays free while a server restarts, and that nobody gets twice.

    The system gives ports above 32768 to outgoing connections: there, a client that tries and tries to reach
    a stopped server can at last connect to itself, and keeps the server from coming back.
    """
    draw = random.SystemRandom()  # the tests seed the usual one, in every process alike
    ports = ports_of(os.environ.get("PYTEST_XDIST_WORKER", ""))
    while (port := draw.choice(ports)) in _drawn or not is_free(port):
        pass
    _drawn.add(port)
    return port


def ports_of(worker: str) -> range:
    """Which ports a worker of pytest-xdist draws: until a server listens, no other one sees that it will."""
    number = int(worker.removeprefix("gw") or -1) + 1
    return range(15_000 + number % 16, 32_000, 16)


@functools.cache
def closed_port() -> int:
    """Return a port that refuses connections for as long as this process lives.

    It is bound, and nobody listens there: the system gives it to no other server, nor to a client, which
    could connect to itself.
    """
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    port: int = held.getsockname()[1]
    held.detach()
    return port


def is_free(port: int) -> bool:
    """Can a server listen on this port?"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
