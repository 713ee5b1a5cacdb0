"""Worker processes of this machine: one for each part, which end with the scan."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import multiprocessing
import signal
import time
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Final, Self

from framework.retry import Deadline, wait_until
from framework_iterator.errors import IteratorError
from framework_iterator.report import Report
from framework_iterator.scanning.collecting import News
from framework_iterator.scanning.failure import Failure
from framework_iterator.scanning.packing import unpack
from framework_iterator.scanning.task import Outcome
from framework_iterator.scanning.worker_process import STARTED, work

_GRACE: Final = 0.5
"""Seconds that the workers get to end after SIGTERM, before they are killed."""
_EXIT_GRACE: Final = 5.0
"""Seconds that they get to end by themselves after their outcome: the program may have exit handlers."""
_EXIT_POLL: Final = 0.002
"""Seconds between two looks for the end of a process."""
_LOOK_INTERVAL: Final = 0.5
"""Seconds between two looks for workers that ended without closing their pipe."""


def prepare() -> None:
    """Start multiprocessing's tracker: when the first worker starts it, it unblocks SIGINT."""
    resource_tracker.ensure_running()


class Processes:
    """One process per task. Spawned: a fork would copy the threads and connections of Kafka's client.

    Args:
        sent: The pickled tasks.
    """

    def __init__(self, sent: cabc.Sequence[bytes]) -> None:
        """Nothing is started yet."""
        self._sent = sent
        self._processes: list[SpawnProcess] = []
        self._readers: dict[Connection, int] = {}
        self._started: set[int] = set()

    def __enter__(self) -> Self:
        """Start the processes."""
        try:
            prepare()
            # Blocked, so that they never see Ctrl-C, not even while they start: it would print a traceback.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                for sent in self._sent:
                    self._start(sent)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
        except BaseException:
            self._end()
            raise
        return self

    def _start(self, sent: bytes) -> None:
        context = multiprocessing.get_context("spawn")
        reader, writer = context.Pipe(duplex=False)
        with writer:  # the worker has a copy
            self._readers[reader] = len(self._processes)
            process = context.Process(target=work, args=(writer, sent), name="framework-iterator-scan")
            self._processes.append(process)
            try:
                process.start()
            except AssertionError as error:
                raise IteratorError(
                    f"No worker process can be started here: {error}. Pass an executor."
                ) from error

    def news(self) -> cabc.Iterator[News]:
        """Yield what the workers send, until each has sent its outcome."""
        waiting = dict(self._readers)
        while waiting:
            ready: Any = wait(list(waiting), _LOOK_INTERVAL) or self._ended(waiting)
            for reader in ready:
                number = waiting[reader]
                news = self._receive(reader, number)
                if isinstance(news, Outcome):
                    del waiting[reader]
                if news is not None:
                    yield number, news

    def _ended(self, waiting: cabc.Mapping[Connection, int]) -> list[Connection]:
        """Return the pipes of workers that have ended: a process that they forked may hold them open."""
        return [reader for reader, number in waiting.items() if self._processes[number].exitcode is not None]

    def _receive(self, reader: Connection, number: int) -> Report | Outcome | None:
        if self._processes[number].exitcode is not None and not reader.poll():  # in this order
            return Outcome(failure=Failure.of(self._death(number), with_traceback=False))
        try:
            received = reader.recv_bytes()
        except (EOFError, OSError):
            return Outcome(failure=Failure.of(self._death(number), with_traceback=False))
        if received == STARTED:
            self._started.add(number)
            return None
        return unpack(received)  # type: ignore[no-any-return]

    def _death(self, number: int) -> ChildProcessError:
        process = self._processes[number]
        _join([process], _EXIT_GRACE)  # it has closed its pipe, so it is about to end
        code = process.exitcode
        if code is not None and code < 0:
            return ChildProcessError(f"its worker process {process.pid} was killed by {_signal(-code)}")
        if number in self._started:
            return ChildProcessError(f"its worker process {process.pid} ended with exit code {code}")
        return ChildProcessError(
            f"its worker process ended with exit code {code} before it could start; its own error is on "
            "stderr. Workers import the program: what it runs must be below if __name__ == '__main__':"
        )

    def __exit__(self, kind: type[BaseException] | None, _error: object, _traceback: object) -> None:
        """End the processes: at once, unless all of them have sent their outcome."""
        try:
            if kind is None:
                _join(self._processes, _EXIT_GRACE)
        finally:
            self._end()

    def _end(self) -> None:
        started = [process for process in self._processes if process.pid is not None]
        for process in started:
            process.terminate()
        try:
            _join(started, _GRACE)
        finally:  # also when Ctrl-C is pressed once more
            for process in started:
                process.kill()
            for process in started:
                process.join()
                process.close()
            for reader in self._readers:
                with contextlib.suppress(OSError):
                    reader.close()


def _join(processes: cabc.Collection[SpawnProcess], seconds: float) -> None:
    """Wait until they have ended, at most so many seconds.

    Process.join with a timeout waits for a pipe, which a process that they forked may hold open.
    """

    def have_ended() -> bool:
        return all(process.exitcode is not None for process in processes)

    wait_until(have_ended, Deadline(seconds), pause=lambda _: time.sleep(_EXIT_POLL))


def _signal(number: int) -> str:
    if number == signal.SIGKILL:
        return "SIGKILL, as the system does when memory runs out"
    return next((each.name for each in signal.Signals if each == number), f"signal {number}")
