"""`framework iterate`: read topics in the terminal."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING, Any

import click

from framework_iterator.cli.complete import complete_topics
from framework_iterator.cli.format import as_json, as_text, failed, row
from framework_iterator.cli.options import STARTS, reader, reading_options

if TYPE_CHECKING:
    from framework import Message
    from framework_iterator import Iterator, Plan, Start

HELP = f"""Read TOPICS from START to the end, a message a line.

{STARTS}

Topics need no application. A message that can't be deserialized is shown with the reason, and counted on
stderr.
"""


@click.command(short_help="Read topics in the terminal, a message a line.", help=HELP)
@click.argument("topics", nargs=-1, required=True, shell_complete=complete_topics)
@reading_options
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="End after N messages.")
@click.option("--follow", is_flag=True, help="Go on with new messages, until Ctrl-C.")
@click.option("--plan", "plan_only", is_flag=True, help="Print what would be read, and read nothing.")
@click.option("--json", "as_rows", is_flag=True, help="Print one JSON object a line.")
def iterate(
    topics: tuple[str, ...],
    start: Start,
    until: Any,
    partitions: dict[int, Start | None],
    group: str | None,
    limit: int | None,
    follow: bool,
    plan_only: bool,
    as_rows: bool,
) -> None:
    """Read, and print."""
    iterator = reader(
        topics,
        start,
        until,
        partitions,
        group,
        limit=limit,
        follow=follow,
        # Where lines scroll by on the terminal, a bar would be in their way.
        progress=not sys.stdout.isatty() and not follow,
    )
    if plan_only:
        show_plan(iterator.plan(), as_rows)
        return
    show(iterator, as_rows, follow)


def show_plan(plan: Plan, as_rows: bool) -> None:
    """Print a plan as a table, or as JSON, a partition a line."""
    if not as_rows:
        click.echo(str(plan))
        return
    names = ("topic", "partition", "low", "high", "start", "stop", "count")
    for each in plan:
        click.echo(json.dumps({name: getattr(each, name) for name in names}))


def show(iterator: Iterator[Any], as_rows: bool, follow: bool) -> None:
    """Print the messages, and on stderr how many of them could not be read in full."""
    # Into a file or a pipe, many lines at once are several times as fast; who follows wants each now.
    at_once = follow or sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    color = None if sys.stdout.isatty() else False
    if (context := click.get_current_context()).color is not None:
        color = context.color
    failures = 0
    try:
        for message in iterator:
            line, is_failure = _row(message) if as_rows else _line(message, width, color is not False)
            failures += is_failure
            print(line, flush=at_once)
    finally:
        if failures:
            what = "1 message" if failures == 1 else f"{failures:,} messages"
            click.echo(f"{what} could not be read in full.", err=True)


def _row(message: Message[Any]) -> tuple[str, bool]:
    values = row(message)
    return as_json(values), failed(values)


def _line(message: Message[Any], width: int | None, colored: bool) -> tuple[str, bool]:
    place, content, is_failure = as_text(message, width)
    if colored:
        place = click.style(place, dim=True)
        content = content and click.style(
            content, fg="red" if is_failure else None, dim=message.is_tombstone or None
        )
    return f"{place}  {content}" if content else place, is_failure
