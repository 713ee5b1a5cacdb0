"""Write messages to stdout, in the form that the options say."""

from __future__ import annotations

import collections.abc as cabc
import re
import shutil
import sys
from typing import Any, Final

import click

from framework import Message
from framework.data_stdout import data_stdout
from framework.json_stdout import prepare_stdout
from framework_iterator.cli.encode import encoder_for
from framework_iterator.cli.format import as_hex, as_text
from framework_iterator.cli.framing import Framing
from framework_iterator.cli.rows import json_line

FormatLine = cabc.Callable[[Message[Any]], tuple[str, bool]]
"""Returns the line of a message, and whether a part of it could not be read in full."""
_ESCAPES: Final = {"0": "\0", "t": "\t", "n": "\n", "r": "\r", "\\": "\\"}


def print_messages(messages: cabc.Iterable[Message[Any]], format_line: FormatLine, flush: bool) -> None:
    """Print a line per message, and on stderr the number of messages that could not be read in full.

    Args:
        messages: The messages.
        format_line: Formats a message.
        flush: Whether each line is wanted at once; on a terminal it always is.
    """
    # Into a file or a pipe, writing many lines at once is several times as fast.
    out = data_stdout()
    flush = flush or out.isatty()
    errors = 0
    try:
        for message in messages:
            line, is_error = format_line(message)
            errors += is_error
            print(line, file=out, flush=flush)
    finally:
        if errors:
            count = "1 message" if errors == 1 else f"{errors:,} messages"
            click.echo(f"{count} could not be read in full.", err=True)


def write_raw(messages: cabc.Iterable[Message[Any]], delimiter: bytes, flush: bool) -> None:
    """Write the bytes of each payload and the delimiter, unchanged; of a tombstone nothing at all.

    Args:
        messages: The messages.
        delimiter: What is written after each payload.
        flush: Whether each payload is wanted at once; on a terminal it always is.
    """
    stdout = data_stdout()
    out = stdout.buffer
    flush = flush or stdout.isatty()
    for message in messages:
        payload = message.raw_payload
        if payload is not None:
            out.write(payload)
            out.write(delimiter)
            if flush:
                out.flush()


def delimiter_option(_ctx: click.Context, _param: click.Parameter, value: str | None) -> bytes | None:
    r"""Parse --delimiter: text with the escapes \0, \t, \n, \r and \\."""
    if value is None:
        return None
    if wrong := re.search(r"\\(?![0tnr\\])", re.sub(r"\\\\", "", value)):
        raise click.BadParameter(
            rf"{value!r} has an unknown escape at {wrong.start()}. The escapes are \0, \t, \n, \r and \\."
        )
    text = re.sub(r"\\(.)", lambda found: _ESCAPES[found[1]], value)
    return text.encode(errors="surrogateescape")


def text_lines(framing: Framing, headers: bool) -> FormatLine:
    """Return the formatter for people: in colour and cut to the width where stdout is a terminal."""
    is_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if is_terminal else None
    color = click.get_current_context().color
    colored = is_terminal if color is None else color

    def text_line(message: Message[Any]) -> tuple[str, bool]:
        location, content, is_error = as_text(message, width, headers=headers, framing=framing)
        if colored:
            location = click.style(location, dim=True)
            content = content and click.style(
                content, fg="red" if is_error else None, dim=message.is_tombstone or None
            )
        return f"{location}  {content}" if content else location, is_error

    return text_line


def json_lines(framing: Framing) -> FormatLine:
    """Return the formatter for programs."""
    encode = encoder_for(prepare_stdout())
    return lambda message: json_line(message, encode, framing)


def hex_lines(headers: bool) -> FormatLine:
    """Return the formatter that shows all bytes of a payload."""
    return lambda message: (as_hex(message, headers=headers), False)
