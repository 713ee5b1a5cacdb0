"""What the reader of a pipe has taken is known, and what it has left in the pipe, too."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import fcntl
import io
import os
import pathlib
import sys
import termios
import threading
from typing import NamedTuple

import pytest

from framework_iterator.cli.pipes import PipeOnStdout

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can make a pipe smaller")


class Pipe(NamedTuple):
    """A pipe that is stdout."""

    reader: int
    writer: int


@pytest.fixture
def pipe() -> cabc.Iterator[Pipe]:
    ends = Pipe(*os.pipe())
    yield ends
    os.close(ends.writer)


def bytes_in(pipe: Pipe) -> int:
    """How much its reader has left."""
    left = fcntl.ioctl(pipe.reader, termios.FIONREAD, bytes(4))
    return int.from_bytes(left, sys.byteorder)


@contextlib.contextmanager
def watched(pipe: Pipe) -> cabc.Iterator[PipeOnStdout]:
    """A pipe that is stdout while the block runs."""
    with contextlib.ExitStack() as stack:
        stdout = stack.enter_context(open(pipe.writer, "w", closefd=False))
        stack.enter_context(contextlib.redirect_stdout(stdout))
        yield stack.enter_context(PipeOnStdout())


def test_it_waits_until_the_reader_has_taken_everything(pipe: Pipe) -> None:
    taken = []

    def read_in_two() -> None:
        taken.append(os.read(pipe.reader, 3))
        taken.append(os.read(pipe.reader, 100))

    with watched(pipe) as stdout:
        os.write(pipe.writer, b"a line\n")
        reader = threading.Thread(target=read_in_two)
        reader.start()
        stdout.wait()
        reader.join()

    assert taken == [b"a l", b"ine\n"]
    os.close(pipe.reader)


def test_a_reader_that_left_the_line_is_a_broken_pipe(pipe: Pipe) -> None:
    with watched(pipe) as stdout:
        os.write(pipe.writer, b"a line\n")
        os.close(pipe.reader)
        with pytest.raises(BrokenPipeError):
            stdout.wait()


def test_a_line_counts_that_the_reader_took_before_it_left(pipe: Pipe) -> None:
    with watched(pipe) as stdout:
        os.write(pipe.writer, b"a line\n")
        assert os.read(pipe.reader, 100) == b"a line\n"
        os.close(pipe.reader)
        stdout.wait()


def test_the_pipe_gets_its_size_back(pipe: Pipe) -> None:
    size = fcntl.fcntl(pipe.writer, fcntl.F_GETPIPE_SZ)
    with watched(pipe):
        assert fcntl.fcntl(pipe.writer, fcntl.F_GETPIPE_SZ) < size

    assert fcntl.fcntl(pipe.writer, fcntl.F_GETPIPE_SZ) == size
    os.close(pipe.reader)


def test_what_another_command_has_left_in_the_pipe_is_waited_for(pipe: Pipe) -> None:
    os.write(pipe.writer, b"x" * 20_000)
    taken: list[bytes] = []
    reader = threading.Timer(0.05, lambda: taken.append(os.read(pipe.reader, 20_000)))
    reader.start()
    with watched(pipe) as stdout:
        stdout.wait()
        assert bytes_in(pipe) == 0
    reader.join()
    assert taken == [b"x" * 20_000]
    os.close(pipe.reader)


def test_what_another_command_has_left_may_never_be_taken(pipe: Pipe) -> None:
    os.write(pipe.writer, b"x" * 20_000)
    os.close(pipe.reader)
    with pytest.raises(BrokenPipeError), watched(pipe):
        pass


def test_a_file_and_a_stream_of_a_test_are_not_waited_for(tmp_path: pathlib.Path) -> None:
    text = io.StringIO()
    with contextlib.redirect_stdout(text), PipeOnStdout() as stdout:
        text.write("a line\n")
        stdout.wait()
    assert text.getvalue() == "a line\n"
    with (tmp_path / "lines").open("w") as lines, contextlib.redirect_stdout(lines), PipeOnStdout() as stdout:
        lines.write("a line\n")
        stdout.wait()
    assert (tmp_path / "lines").read_text() == "a line\n"
