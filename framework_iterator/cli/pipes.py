"""Know what the reader of a pipe has taken: `| head -3` takes three lines, however many were written."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import errno
import fcntl
import mmap
import os
import select
import stat
import sys
import time
import types
from typing import Any, Final, Self

from framework import Message
from framework.data_stdout import data_stdout

_RETRY_AFTER: Final = 0.01
"""Seconds before the next try to make a pipe smaller that another command has filled."""


class PipeOnStdout:
    """Waits, within a `with` block, until the reader of a pipe on stdout has taken what was written.

    The pipe is reduced to one page: then it is writable when it is empty. Only Linux can do
    that; elsewhere, and where stdout is no pipe, nothing is waited for.
    """

    def __init__(self) -> None:
        """Look at what stdout is."""
        self._size: int | None = None
        self._number = _pipe_on_stdout()
        self._poll = select.poll()
        if self._number is not None:
            self._poll.register(self._number, select.POLLOUT)

    def __enter__(self) -> Self:
        """Make the pipe as small as possible."""
        while self._number is not None and self._size is None and not self._shrink(self._number):
            time.sleep(_RETRY_AFTER)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: types.TracebackType | None,
    ) -> None:
        """Give the pipe its size back: other commands may write to it later."""
        if self._number is not None and self._size is not None:
            with contextlib.suppress(OSError):  # the kernel may allow less than before
                fcntl.fcntl(self._number, fcntl.F_SETPIPE_SZ, self._size)

    def wait(self) -> None:
        """Return when the reader has taken everything; a BrokenPipeError if it is gone before."""
        if self._size is None:
            return
        ((_, events),) = self._poll.poll()
        if not events & select.POLLOUT:
            raise _broken_pipe()

    def _shrink(self, number: int) -> bool:
        """Make the pipe smaller, and return whether that is over: it must not contain more than that."""
        size = fcntl.fcntl(number, fcntl.F_GETPIPE_SZ)
        try:
            fcntl.fcntl(number, fcntl.F_SETPIPE_SZ, mmap.PAGESIZE)
        except OSError as error:
            if error.errno != errno.EBUSY:
                self._number = None  # this kernel can't
                return True
            if any(events & select.POLLERR for _, events in self._poll.poll(0)):
                raise _broken_pipe() from None
            return False
        self._size = size
        return True


def while_read(messages: cabc.Iterable[Message[Any] | None]) -> cabc.Iterator[Message[Any]]:
    """Give messages until the reader of stdout leaves, also while none arrive: each None is a look at it."""
    for message in messages:
        if message is None:
            check_reader()
        else:
            yield message


def check_reader() -> None:
    """Raise a BrokenPipeError where the reader of stdout has left, without a write."""
    watch = select.poll()
    try:
        watch.register(data_stdout().fileno(), 0)  # errors are always reported
    except (OSError, ValueError):  # a stream of a test
        return
    if watch.poll(0):
        raise _broken_pipe()


def _pipe_on_stdout() -> int | None:
    try:
        number = data_stdout().fileno()
        is_pipe = stat.S_ISFIFO(os.fstat(number).st_mode)
    except (OSError, ValueError):  # a stream of a test
        return None
    return number if is_pipe and sys.platform == "linux" else None


def _broken_pipe() -> BrokenPipeError:
    return BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
