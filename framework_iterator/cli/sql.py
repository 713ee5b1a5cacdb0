"""`framework sql`: SQL over topics."""

from __future__ import annotations

import collections.abc as cabc
import threading
from typing import Any, Final

import click

from framework.cli.streams import reserve
from framework.discovery import find_app
from framework.retry import Deadline, wait_until
from framework.worker import Worker
from framework_iterator.cli.complete import complete_topics
from framework_iterator.cli.deserializers import declare_decoded
from framework_iterator.cli.notes import notes_on_stderr
from framework_iterator.cli.options import check_topics, deserializer_options, given_deserializers
from framework_iterator.cli.result import print_csv, print_lines, print_table
from framework_iterator.cli.starts import end_option, parse_or_fail
from framework_iterator.errors import InvalidOptionError
from framework_iterator.planning.starts import Start
from framework_iterator.querying.entry import open_query

HELP: Final = """Print the rows of QUERY, one SELECT over topics.

Each declared topic is a table with the columns topic, partition, "offset", timestamp and key, and then the
fields of the payload; `a-b` and `a.b` are the table a_b. Only topics that QUERY names are read, from START to
the end. A tombstone is a row of NULLs. `show tables` lists the tables, `describe flights` its columns.

START is as in `framework iterate`: earliest, 100, -10, 5m, 2013-12-25...

\b
Examples:
  framework sql 'select carrier, avg(dep_delay) from flights group by 1'
  framework sql 'select * from flights' --start flights=-1000 --csv
  framework sql 'select count(*) from airlines' -t airlines
  framework sql 'select key from orders' -t orders --key-as int64

The SQL is duckdb's. It needs duckdb and pyarrow: pip install "framework-iterator[sql]"
"""


def _starts_option(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> dict[str, Start]:
    """Parse --start TOPIC=START, which is repeatable."""
    starts: dict[str, Start] = {}
    for value in values:
        topic, equals, start = value.partition("=")
        if not equals:
            raise click.BadParameter(f"{value!r} names no topic. Write TOPIC=START, as flights=-1000.")
        if topic in starts:
            raise click.BadParameter(f"Topic '{topic}' has two starts. Give it one.")
        starts[topic] = parse_or_fail(start)
    return starts


def _given_for(topics: cabc.Collection[str], form: dict[str, Any]) -> dict[str, Any]:
    """Return the deserializers of the options, which need a topic to be for."""
    given = given_deserializers(form)
    if given and not topics:
        raise click.UsageError(
            "--payload-as and --key-as are about the topics of -t: name one, as -t orders."
        )
    return given


@click.command(short_help="Print the rows of an SQL query over topics.", help=HELP)
@click.argument("query")
@click.option(
    "-t",
    "--topic",
    "topics",
    multiple=True,
    metavar="TOPIC",
    shell_complete=complete_topics,
    help="Make an undeclared topic a table. Repeatable.",
)
@click.option(
    "--start",
    "starts",
    callback=_starts_option,
    multiple=True,
    metavar="TOPIC=START",
    help="Where to start in a topic: earliest by default. Repeatable.",
)
@click.option(
    "--until",
    callback=end_option,
    metavar="START",
    help="Where to end, exclusive: the end as it is now by default.",
)
@deserializer_options
@click.option("--skip", is_flag=True, help="Leave out messages that don't fit their columns.")
@click.option("--json", "is_json", is_flag=True, callback=reserve, help="Print one JSON object a line.")
@click.option("--csv", "is_csv", is_flag=True, callback=reserve, help="Print CSV with a header.")
def sql(
    query: str,
    topics: tuple[str, ...],
    starts: dict[str, Start],
    until: Start | None,
    skip: bool,
    is_json: bool,
    is_csv: bool,
    **form: Any,
) -> None:
    """Print the rows of a query as a table, as lines of JSON, or as CSV."""
    if is_json and is_csv:
        raise click.UsageError("--json and --csv exclude each other: choose one of them.")
    given = _given_for(topics, form)
    check_topics(topics)
    app = find_app()
    print_rows = print_lines if is_json else print_csv if is_csv else print_table
    with notes_on_stderr():
        try:
            opened = open_query(
                query,
                topics=[declare_decoded(app, name, **given) for name in topics],
                starts=starts,
                app=app,
                until=until,
                errors="skip" if skip else "raise",
                progress=True,
            )
        except InvalidOptionError as error:
            raise click.UsageError(str(error)) from error
        with opened:
            _run(lambda: print_rows(opened.rows()), opened.interrupt)


def _run(work: cabc.Callable[[], Any], interrupt: cabc.Callable[[], object]) -> None:
    """Run it in another thread: duckdb waits in C, where Ctrl-C would be seen when a fetch ends.

    Args:
        work: What is run; its exception is raised here.
        interrupt: Makes it end soon.
    """
    worker = Worker("framework-sql")
    try:
        worker.call(work, threading.TIMEOUT_MAX)
    except BaseException:
        interrupt()
        wait_until(lambda: not worker.is_busy, Deadline(threading.TIMEOUT_MAX))
        raise
