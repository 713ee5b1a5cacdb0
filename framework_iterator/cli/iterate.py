"""`framework iterate`: read topics in the terminal."""

from __future__ import annotations

import collections.abc as cabc
import functools
from typing import Any, Final

import click

from framework import App, Message, Topic
from framework.cli.streams import reserve
from framework.data_stdout import data_stdout
from framework.discovery import find_app
from framework.json_stdout import print_json
from framework.types import NOT_GIVEN
from framework_iterator import Plan, Start
from framework_iterator.cli.complete import complete_topics
from framework_iterator.cli.deserializers import (
    NAMES,
    declare,
    declare_hex,
    declare_raw,
    framing_of,
)
from framework_iterator.cli.elsewhere import options_elsewhere
from framework_iterator.cli.options import (
    STARTS,
    check_topics,
    deserializer_options,
    given_deserializers,
    make_iterator,
    reading_options,
)
from framework_iterator.cli.output import (
    delimiter_option,
    hex_lines,
    json_lines,
    print_messages,
    text_lines,
    write_raw,
)
from framework_iterator.cli.resume import open_positions, resume_option, write_and_save
from framework_iterator.cli.searching import (
    EXPRESSIONS,
    check_key,
    needed_parts,
    searched,
    searching_options,
)

HELP: Final = f"""Read TOPICS from START to the end, a message a line.

{STARTS}

{EXPRESSIONS}

\b
NAME is a ready deserializer, or module:object for your own:
  {", ".join(NAMES[:8])},
  {", ".join(NAMES[8:])}

\b
Examples:
  framework iterate orders --key C-42
  framework iterate orders --grep timeout --order newest --limit 10
  framework iterate orders --where 'payload["total"] > 1000' --start 2d
  framework iterate orders payments --order time --start 5m
  framework iterate orders --json --resume positions.json

No application is needed: payloads of undeclared topics are `auto`, which recognizes what they are. If a
message is not deserializable, the reason and the bytes are shown, and the number of such messages is printed
on stderr; --skip leaves them out.
"""
_PLAN_COLUMNS: Final = ("topic", "partition", "low", "high", "start", "stop", "count")


@click.command(short_help="Read topics in the terminal, a message a line.", help=HELP)
@click.argument("topics", nargs=-1, required=True, shell_complete=complete_topics)
@reading_options
@searching_options
@resume_option
@options_elsewhere
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="End after N messages.")
@click.option("--skip", is_flag=True, help="Leave out, and count, messages with an unreadable payload.")
@click.option("--follow", is_flag=True, help="Wait for new messages after the end, until Ctrl-C.")
@click.option("--plan", "plan_only", is_flag=True, help="Print what would be read, without reading it.")
@deserializer_options
@click.option("--headers", is_flag=True, help="Show the headers between key and payload.")
@click.option("--json", "is_json", is_flag=True, callback=reserve, help="Print one JSON object a line.")
@click.option(
    "--hex",
    "is_hex",
    is_flag=True,
    callback=reserve,
    help="Print the bytes of payloads in hexadecimal, uncut.",
)
@click.option(
    "--raw",
    "is_raw",
    is_flag=True,
    callback=reserve,
    help="Write the bytes of payloads unchanged, for pipes.",
)
@click.option(
    "--delimiter",
    callback=delimiter_option,
    metavar="TEXT",
    help=r"What --raw writes after each payload: \n by default. Escapes: \0, \t, \n, \r.",
)
def iterate(
    topics: tuple[str, ...],
    start: Start,
    until: Any,
    partitions: dict[int, Start | None],
    group: str | None,
    **form: Any,
) -> None:
    """Print the messages of topics, or the plan."""
    check_form(form)
    app = find_app()
    declared = _declare(app, topics, form)
    check_key(app, declared, form["key"])
    file = open_positions(form["resume"], form["order"], is_read_only=form["plan_only"])
    iterator = make_iterator(
        declared,
        start,
        until,
        partitions,
        group,
        app=app,
        resume=None if file is None else file.positions_of(declared),
        limit=form["limit"],
        follow=form["follow"],
        yield_none=form["follow"],  # to look whether the reader of a pipe has left
        errors="skip" if form["skip"] else "raise",
        # Not where the messages themselves appear on the terminal.
        progress=not data_stdout().isatty() and not form["follow"],
        **searched(form),
    )
    if form["plan_only"]:
        print_plan(iterator.plan(), form["is_json"])
    else:
        write = _writer(app, declared, form, flush=form["follow"] or file is not None)
        write_and_save(file, iterator, write, follow=form["follow"])


def _writer(
    app: App, topics: cabc.Sequence[Topic[Any]], form: cabc.Mapping[str, Any], *, flush: bool
) -> cabc.Callable[[cabc.Iterable[Message[Any]]], None]:
    """Return what writes messages in the form that the options name."""
    if form["is_raw"]:
        delimiter = b"\n" if form["delimiter"] is None else form["delimiter"]
        return functools.partial(write_raw, delimiter=delimiter, flush=flush)
    if form["is_hex"]:
        format_line = hex_lines(form["headers"])
    elif form["is_json"]:
        format_line = json_lines(framing_of(app, topics))
    else:
        format_line = text_lines(framing_of(app, topics), form["headers"])
    return functools.partial(print_messages, format_line=format_line, flush=flush)


def _declare(app: App, names: cabc.Sequence[str], form: cabc.Mapping[str, Any]) -> list[Topic[Any]]:
    """Return the topics with the deserializers of the line, above those that the app declares."""
    given = given_deserializers(form)
    check_topics(names)
    # What a search reads is read as declared, also where the bytes are written.
    searched_for = dict.fromkeys(needed_parts(form) & {"payload", "key"}, NOT_GIVEN)
    if form["plan_only"] or form["is_raw"]:
        return [declare_raw(app, name, **searched_for | given) for name in names]
    make: cabc.Callable[..., Topic[Any]] = declare_hex if form["is_hex"] else declare
    return [make(app, name, **searched_for | given) for name in names]


def print_plan(plan: Plan, is_json: bool) -> None:
    """Print a plan as a table, or as JSON with an object per partition."""
    if is_json:
        print_json({name: getattr(each, name) for name in _PLAN_COLUMNS} for each in plan)
    else:
        click.echo(str(plan))


def check_form(form: cabc.Mapping[str, Any]) -> None:
    """Refuse options that contradict each other, and those that would have no effect."""
    flags = {"--json": form["is_json"], "--hex": form["is_hex"], "--raw": form["is_raw"]}
    names = [name for name, is_given in flags.items() if is_given]
    if len(names) > 1:
        raise click.UsageError(f"{' and '.join(names)} exclude each other: choose one of them.")
    if form["order"] is not None and form["follow"]:
        raise click.UsageError(
            f"--order {form['order']} can't follow, with or without --until: leave --follow out."
        )
    if form["delimiter"] is not None and not form["is_raw"]:
        raise click.UsageError("--delimiter is what --raw writes after each payload: add --raw.")
    if form["plan_only"] and names and not form["is_json"]:
        raise click.UsageError(f"--plan prints no payloads: leave {names[0]} out.")
    if form["is_raw"] and form["headers"]:
        raise click.UsageError("--raw writes the bytes of payloads and no headers: leave --headers out.")
    needed = needed_parts(form)
    if (form["is_raw"] or form["is_hex"]) and form["skip"] and "payload" not in needed:
        raise click.UsageError(f"{names[0]} shows the bytes of payloads: leave --skip out.")
    if (form["is_raw"] or form["is_hex"]) and form["payload_as"] is not None and "payload" not in needed:
        raise click.UsageError(f"{names[0]} shows the bytes of payloads: leave --payload-as out.")
    if form["is_raw"] and form["key_as"] is not None and "key" not in needed:
        raise click.UsageError("--raw writes no keys: leave --key-as out.")
