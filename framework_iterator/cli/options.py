"""What the commands that read have in common: which part of which topics."""

from __future__ import annotations

import collections.abc as cabc
from typing import TYPE_CHECKING, Any, TypeVar

import click

from framework_iterator.cli.starts import end_option, partitions_option, start_option
from framework_iterator.errors import InvalidStartError

if TYPE_CHECKING:
    from framework_iterator import Iterator, Start

Command = TypeVar("Command", bound=cabc.Callable[..., Any])

STARTS = """\b
START is one of
  earliest, latest    the first message kept, the end
  committed           where the group left off
  100, -10            an offset, the last 10 offsets
  5m, 1h30m, 2d       so long ago
  2013-12-25, 2013-12-25T10:00Z
                      the first message since (local time, or UTC)"""


def reading_options(command: Command) -> Command:
    """Add --start, --until, --partition and --group, which `reader` takes."""
    options = [
        click.option(
            "--start", callback=start_option, metavar="START", help="Where to begin: earliest by default."
        ),
        click.option(
            "--until",
            callback=end_option,
            metavar="START",
            help="Where to end: by default at the end as it is now.",
        ),
        click.option(
            "--partition",
            "partitions",
            callback=partitions_option,
            multiple=True,
            metavar="P[=START]",
            help="Only this partition, from a START of its own; may be repeated.",
        ),
        click.option("--group", metavar="GROUP", help="Whose commits `committed` is about."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def reader(
    topics: cabc.Sequence[str],
    start: Start | None,
    until: Any,
    partitions: cabc.Mapping[int, Start | None],
    group: str | None,
    **rest: Any,
) -> Iterator[Any]:
    """The Iterator that the options ask for; what can't be is wrong use."""
    from framework_iterator import Iterator  # not for --help

    for topic in topics:
        if topics.count(topic) > 1:
            raise click.UsageError(f"Topic '{topic}' is given twice.")
    starts = {number: start if own is None else own for number, own in partitions.items()}
    where: dict[str, Any] = dict.fromkeys(topics, starts or start)
    try:
        return Iterator(where, until=until, group_id=group, **rest)
    except InvalidStartError as error:
        raise click.UsageError(str(error)) from error
