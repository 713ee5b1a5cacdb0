"""`framework export`: topics as files."""

from __future__ import annotations

import pathlib
from typing import Any, Final

import click

from framework.discovery import find_app
from framework_iterator import Start
from framework_iterator.cli.complete import complete_topics
from framework_iterator.cli.deserializers import declare_decoded
from framework_iterator.cli.options import (
    STARTS,
    check_topics,
    deserializer_options,
    given_deserializers,
    make_iterator,
    reading_options,
)
from framework_iterator.cli.searching import EXPRESSIONS, check_key, searched, searching_options
from framework_iterator.cli.signals import EndingSignals
from framework_iterator.errors import InvalidOptionError
from framework_iterator.exporting.export import check_path, export

HELP: Final = f"""Write the messages of TOPICS, from START to the end, into FILE.

The ending of FILE is its format: .parquet, .arrow, .csv or .jsonl. There is a column for each field of the
payloads, of the type that the application declares, and before them topic, partition, offset, timestamp and
key. Types that nobody declared are those of the first 1,000 messages.

{STARTS}

{EXPRESSIONS}

FILE is written beside its place and moved there at the end. It needs pyarrow:
pip install "framework-iterator[arrow]"
"""


def _file_option(_ctx: click.Context, _param: click.Parameter, path: pathlib.Path) -> pathlib.Path:
    """Check FILE before anything is read."""
    try:
        return check_path(path)
    except InvalidOptionError as error:
        raise click.BadParameter(str(error)) from error


@click.command(short_help="Write topics into a .parquet, .arrow, .csv or .jsonl file.", help=HELP)
@click.argument("topics", nargs=-1, required=True, shell_complete=complete_topics)
@click.argument("file", type=click.Path(path_type=pathlib.Path), callback=_file_option)
@reading_options
@searching_options
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="End after N messages.")
@deserializer_options
@click.option("--raw", "is_raw", is_flag=True, help="Write the bytes of keys, payloads and headers.")
@click.option("--skip", is_flag=True, help="Leave out, and count, messages that don't fit.")
def export_topics(
    topics: tuple[str, ...],
    file: pathlib.Path,
    start: Start,
    until: Any,
    partitions: dict[int, Start | None],
    group: str | None,
    **form: Any,
) -> None:
    """Write a file, and print how many messages it has."""
    given = given_deserializers(form)
    check_topics(topics)
    app = find_app()
    declared = [declare_decoded(app, name, **given) for name in topics]
    check_key(app, declared, form["key"])
    iterator = make_iterator(
        declared,
        start,
        until,
        partitions,
        group,
        app=app,
        limit=form["limit"],
        errors="skip" if form["skip"] else "raise",
        progress=True,
        **searched(form),
    )
    try:
        with EndingSignals():  # SIGTERM would leave the file beside its place
            report = export(iterator, file, columns="raw" if form["is_raw"] else "payload")
    except InvalidOptionError as error:
        raise click.UsageError(str(error)) from error
    messages = "1 message" if report.messages == 1 else f"{report.messages:,} messages"
    click.echo(f"{file}: {messages}, {file.stat().st_size:,} bytes")
