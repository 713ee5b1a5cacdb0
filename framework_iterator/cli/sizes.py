"""`framework sizes`: how large the messages of a topic are."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
from typing import TYPE_CHECKING, Any

import click

from framework_iterator.cli.complete import complete_topics
from framework_iterator.cli.options import STARTS, reader, reading_options
from framework_iterator.sizes import Sizes, measure, plot
from framework_iterator.sizes.histogram import bars, bins

if TYPE_CHECKING:
    from framework_iterator import Start

HELP = f"""Show how large the messages of TOPIC are: per partition, in all, and as a histogram.

{STARTS}

A size is that of key, payload and headers in bytes, before compression. Percentiles are exact for up to
1,000 different sizes, else off by 0.5 % at most. The memory it takes does not grow with the topic.
"""
_BARS = 12
_PICTURE = 60


def _path(_ctx: click.Context, _param: click.Parameter, path: pathlib.Path | None) -> pathlib.Path | None:
    """Say no at once, not when the whole topic was read."""
    if path is None:
        return None
    if path.suffix.lower() not in plot.FORMATS:
        raise click.BadParameter(f"'{path}' is neither a .png nor an .svg.")
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise click.BadParameter(f"'{path.parent}' is no folder that can be written to.")
    plot.check()
    return path


@click.command(short_help="Show how large the messages of a topic are.", help=HELP)
@click.argument("topic", shell_complete=complete_topics)
@reading_options
@click.option(
    "--plot",
    "picture",
    type=click.Path(dir_okay=False, writable=True, path_type=pathlib.Path),
    callback=_path,
    metavar="FILE",
    help="Draw the histogram into a .png or .svg file, too.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line: partitions, then all.")
def sizes(
    topic: str,
    start: Start,
    until: Any,
    partitions: dict[int, Start | None],
    group: str | None,
    picture: pathlib.Path | None,
    as_json: bool,
) -> None:
    """Measure, and print."""
    measured = measure(reader([topic], start, until, partitions, group, progress=True))
    try:
        show(measured, as_json)
    finally:  # also for a reader who has seen enough of the table (`| head`)
        if picture is not None:
            count = measured.total.count
            plot.save(bins(measured.total, _PICTURE), f"{topic}: {count:,} messages", picture)


def show(measured: Sizes, as_json: bool) -> None:
    """Print the table and, where there are messages, the histogram; or JSON, a partition a line."""
    if as_json:
        for row in measured.rows():
            click.echo(json.dumps(row))
        return
    click.echo(str(measured))
    if lines := bars(bins(measured.total, _BARS), shutil.get_terminal_size().columns):
        click.echo("\n" + "\n".join(lines))
