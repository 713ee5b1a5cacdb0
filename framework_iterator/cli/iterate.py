"""`framework iterate`: read topics in the terminal."""

from __future__ import annotations

import collections.abc as cabc
import json
import shutil
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from framework_iterator.cli.complete import complete_topics
from framework_iterator.cli.format import as_json, as_text, has_error, to_row
from framework_iterator.cli.options import STARTS, make_iterator, reading_options

if TYPE_CHECKING:
    from framework import Message
    from framework_iterator import Iterator, Plan, Start

HELP: Final = f"""Read TOPICS from START to the end, a message a line.

{STARTS}

No application is needed. If a message is not deserializable, the reason is shown, and the number of
such messages is printed on stderr.
"""
_PLAN_COLUMNS: Final = ("topic", "partition", "low", "high", "start", "stop", "count")


@click.command(short_help="Read topics in the terminal, a message a line.", help=HELP)
@click.argument("topics", nargs=-1, required=True, shell_complete=complete_topics)
@reading_options
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="End after N messages.")
@click.option("--follow", is_flag=True, help="Wait for new messages after the end, until Ctrl-C.")
@click.option("--plan", "plan_only", is_flag=True, help="Print what would be read, without reading it.")
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object a line.")
def iterate(
    topics: tuple[str, ...],
    start: Start,
    until: Any,
    partitions: dict[int, Start | None],
    group: str | None,
    limit: int | None,
    follow: bool,
    plan_only: bool,
    is_json: bool,
) -> None:
    """Print the messages of topics, or the plan."""
    iterator = make_iterator(
        topics,
        start,
        until,
        partitions,
        group,
        limit=limit,
        follow=follow,
        # Not where the messages themselves appear on the terminal.
        progress=not sys.stdout.isatty() and not follow,
    )
    if plan_only:
        print_plan(iterator.plan(), is_json)
    else:
        print_messages(iterator, _json_line if is_json else _make_text_line(), follow)


def print_plan(plan: Plan, is_json: bool) -> None:
    """Print a plan as a table, or as JSON with an object per partition."""
    if not is_json:
        click.echo(str(plan))
        return
    for each in plan:
        click.echo(json.dumps({name: getattr(each, name) for name in _PLAN_COLUMNS}))


def print_messages(
    iterator: Iterator[Any], format_line: cabc.Callable[[Message[Any]], tuple[str, bool]], follow: bool
) -> None:
    """Print a line per message, and on stderr the number of messages that could not be read in full.

    Args:
        iterator: Gives the messages.
        format_line: Returns the line of a message, and whether a part of it could not be read.
        follow: Whether each line is wanted at once.
    """
    # Into a file or a pipe, writing many lines at once is several times as fast.
    flush = follow or sys.stdout.isatty()
    errors = 0
    try:
        for message in iterator:
            line, is_error = format_line(message)
            errors += is_error
            print(line, flush=flush)
    finally:
        if errors:
            messages = "1 message" if errors == 1 else f"{errors:,} messages"
            click.echo(f"{messages} could not be read in full.", err=True)


def _json_line(message: Message[Any]) -> tuple[str, bool]:
    row = to_row(message)
    return as_json(row), has_error(row)


def _make_text_line() -> cabc.Callable[[Message[Any]], tuple[str, bool]]:
    """Return the formatter for people: in colour and cut to the width where stdout is a terminal."""
    is_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if is_terminal else None
    color = click.get_current_context().color
    colored = is_terminal if color is None else color

    def text_line(message: Message[Any]) -> tuple[str, bool]:
        location, content, is_error = as_text(message, width)
        if colored:
            location = click.style(location, dim=True)
            content = content and click.style(
                content, fg="red" if is_error else None, dim=message.is_tombstone or None
            )
        return f"{location}  {content}" if content else location, is_error

    return text_line
