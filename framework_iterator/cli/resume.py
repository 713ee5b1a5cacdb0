"""Run a command from the positions in a file, and save how far it came, on every way out."""

from __future__ import annotations

import collections.abc as cabc
import pathlib
import sys
from typing import Any, TypeVar

import click

from framework import Message
from framework_iterator import Iterator
from framework_iterator.cli.pipes import PipeOnStdout, check_reader, while_read
from framework_iterator.cli.positions_file import PositionsFile
from framework_iterator.cli.signals import EndingSignals

Command = TypeVar("Command", bound=cabc.Callable[..., Any])
Write = cabc.Callable[[cabc.Iterable[Message[Any]]], None]
"""Writes messages to stdout."""


class ResumedRun:
    """A run that begins at the positions in a file, and saves its own there.

    A message counts as read when it was written, flushed and, if stdout is a pipe, taken by the reader.

    Args:
        file: The file.
        iterator: Gives the messages, from the positions in the file on; it may give None between them.
    """

    def __init__(self, file: PositionsFile, iterator: Iterator[Any, Any]) -> None:
        """No message was given yet."""
        self._file = file
        self._iterator = iterator
        self._pipe = PipeOnStdout()
        self._unwritten: Message[Any] | None = None

    def write(self, write_all: Write) -> None:
        """Have all messages written, and save the positions, however that ends.

        Args:
            write_all: Writes messages, and flushes each of them before it takes the next.
        """
        with EndingSignals() as signals:
            # Two of them: a signal may arrive in the inner `finally`. After it, no other one is raised.
            try:
                try:
                    with self._pipe:
                        write_all(self._messages())
                finally:
                    signals.hold()
            finally:
                self._save()

    def _messages(self) -> cabc.Iterator[Message[Any]]:
        # Nothing can happen between the two: the run counts a message, and it is known as not written yet.
        for self._unwritten in self._iterator:  # noqa: B020
            if self._unwritten is None:  # nothing has arrived for `max_wait`
                check_reader()
                continue
            yield self._unwritten
            self._pipe.wait()
            self._unwritten = None

    def _save(self) -> None:
        report = self._iterator.report
        if report is None:
            return  # it has not begun: there is nothing to save
        positions = report.positions
        if (unwritten := self._unwritten) is not None:
            positions[unwritten.topic][unwritten.partition] = unwritten.offset
        ending = sys.exception()
        try:
            self._file.save(positions)
        except click.ClickException as error:
            if ending is None or isinstance(ending, KeyboardInterrupt | BrokenPipeError):
                raise
            click.echo(error.format_message(), err=True)  # beside the error that ends the command


def resume_option(command: Command) -> Command:
    """Add --resume."""
    return click.option(
        "--resume",
        type=click.Path(path_type=pathlib.Path),
        metavar="FILE",
        help="Start at the positions in FILE, and save there how far it came, whatever ends the command.",
    )(command)


def open_positions(
    path: pathlib.Path | None, order: str | None, *, is_read_only: bool
) -> PositionsFile | None:
    """Return the file of --resume, which is checked before anything is read; None without the option.

    Args:
        path: The file.
        order: The value of --order.
        is_read_only: Whether the positions are only read.
    """
    if path is None:
        return None
    if order == "newest":
        raise click.UsageError(
            "--resume and --order newest exclude each other: a position can't say which older messages were "
            "left out. Use --order time, or leave --order out."
        )
    file = PositionsFile(path)
    if not is_read_only:
        file.check_writable()
    return file


def write_and_save(
    file: PositionsFile | None, iterator: Iterator[Any, Any], write: Write, *, follow: bool = False
) -> None:
    """Write the messages of an iterator and, if there is a file, save the positions.

    Args:
        file: The file, whose positions the iterator starts at; or None.
        iterator: Gives the messages.
        write: Writes them; with a file, it flushes each of them before it takes the next.
        follow: Whether the iterator gives None while no message arrives.
    """
    if file is not None:
        ResumedRun(file, iterator).write(write)
    elif follow:
        write(while_read(iterator))
    else:
        write(iterator)
