"""`framework sizes`: the sizes of the messages of a topic."""

from __future__ import annotations

import os
import pathlib
import shutil
from typing import Any, Final

import click

from framework.cli.streams import reserve
from framework.discovery import find_app
from framework.json_stdout import print_json
from framework_iterator import Start
from framework_iterator.cli.complete import complete_topics
from framework_iterator.cli.deserializers import declare_raw
from framework_iterator.cli.options import STARTS, check_topics, make_iterator, reading_options
from framework_iterator.sizes import Sizes, measure, plot
from framework_iterator.sizes.histogram import draw_bars, make_bins

HELP: Final = f"""Show the sizes of the messages of TOPIC: per partition, in total, and as a histogram.

{STARTS}

A size is that of key, payload and headers in bytes, before compression. Percentiles are exact for up to
1,000 different sizes; beyond, the error is at most 0.5 %. Memory does not grow with the topic.
"""
_TERMINAL_BINS: Final = 12
_PLOT_BINS: Final = 60


def _plot_option(
    _ctx: click.Context, _param: click.Parameter, path: pathlib.Path | None
) -> pathlib.Path | None:
    """Check --plot before anything is read."""
    if path is None:
        return None
    if path.suffix.lower() not in plot.FORMATS:
        raise click.BadParameter(f"'{path}' has an unknown format. Write a name that ends in .png or .svg.")
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise click.BadParameter(f"'{path.parent}' isn't a writable folder. Create it, or write another one.")
    plot.check_installed()
    return path


@click.command(short_help="Show how large the messages of a topic are.", help=HELP)
@click.argument("topic", shell_complete=complete_topics)
@reading_options
@click.option(
    "--plot",
    "plot_path",
    type=click.Path(dir_okay=False, writable=True, path_type=pathlib.Path),
    callback=_plot_option,
    metavar="FILE",
    help="Draw the histogram into a .png or .svg file, too.",
)
@click.option(
    "--json",
    "is_json",
    is_flag=True,
    callback=reserve,
    help="Print one JSON object a line: partitions, then all.",
)
def sizes(
    topic: str,
    start: Start,
    until: Any,
    partitions: dict[int, Start | None],
    group: str | None,
    plot_path: pathlib.Path | None,
    is_json: bool,
) -> None:
    """Print the sizes of the messages of a topic."""
    check_topics([topic])
    app = find_app()
    topics = [declare_raw(app, topic)]
    measured = measure(make_iterator(topics, start, until, partitions, group, app=app, progress=True))
    try:
        print_sizes(measured, is_json)
    finally:  # also where the reader of the table closed the pipe (`| head`)
        if plot_path is not None:
            title = f"{topic}: {measured.total.count:,} messages"
            plot.save(make_bins(measured.total, _PLOT_BINS), title, plot_path)


def print_sizes(measured: Sizes, is_json: bool) -> None:
    """Print the table, and a histogram if there are messages; or JSON with an object per row."""
    if is_json:
        print_json(measured.rows())
        return
    click.echo(str(measured))
    if bars := draw_bars(make_bins(measured.total, _TERMINAL_BINS), shutil.get_terminal_size().columns):
        click.echo("\n" + "\n".join(bars))
