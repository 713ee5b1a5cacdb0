"""`framework iterate`: read topics in the terminal."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, Final

import click

from framework import App, Topic
from framework.cli.streams import reserve
from framework.data_stdout import data_stdout
from framework.discovery import find_app
from framework.json_stdout import print_json
from framework_iterator import Plan, Start
from framework_iterator.cli.complete import complete_deserializers, complete_topics
from framework_iterator.cli.deserializers import (
    NAMES,
    declare,
    declare_hex,
    declare_raw,
    find_deserializer,
    framing_of,
)
from framework_iterator.cli.options import STARTS, check_topics, make_iterator, reading_options
from framework_iterator.cli.output import (
    FormatLine,
    delimiter_option,
    hex_lines,
    json_lines,
    print_messages,
    text_lines,
    write_raw,
)

HELP: Final = f"""Read TOPICS from START to the end, a message a line.

{STARTS}

\b
NAME is a ready deserializer, or module:object for your own:
  {", ".join(NAMES[:8])},
  {", ".join(NAMES[8:])}

No application is needed: payloads of undeclared topics are `auto`, which recognizes what they are. If a
message is not deserializable, the reason and the bytes are shown, and the number of such messages is printed
on stderr.
"""
_PLAN_COLUMNS: Final = ("topic", "partition", "low", "high", "start", "stop", "count")


@click.command(short_help="Read topics in the terminal, a message a line.", help=HELP)
@click.argument("topics", nargs=-1, required=True, shell_complete=complete_topics)
@reading_options
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="End after N messages.")
@click.option("--follow", is_flag=True, help="Wait for new messages after the end, until Ctrl-C.")
@click.option("--plan", "plan_only", is_flag=True, help="Print what would be read, without reading it.")
@click.option(
    "--payload-as",
    shell_complete=complete_deserializers,
    metavar="NAME",
    help="Deserialize payloads with NAME, whatever the app declares.",
)
@click.option(
    "--key-as",
    shell_complete=complete_deserializers,
    metavar="NAME",
    help="Deserialize keys with NAME, whatever the app declares.",
)
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
    limit: int | None,
    follow: bool,
    plan_only: bool,
    is_json: bool,
    **form: Any,
) -> None:
    """Print the messages of topics, or the plan."""
    _check_form(plan_only, is_json, form)
    app = find_app()
    declared = _declare(app, topics, plan_only, form)
    iterator = make_iterator(
        declared,
        start,
        until,
        partitions,
        group,
        app=app,
        limit=limit,
        follow=follow,
        # Not where the messages themselves appear on the terminal.
        progress=not data_stdout().isatty() and not follow,
    )
    if plan_only:
        print_plan(iterator.plan(), is_json)
    elif form["is_raw"]:
        write_raw(iterator, b"\n" if form["delimiter"] is None else form["delimiter"], follow)
    else:
        print_messages(iterator, _lines(app, declared, is_json, form), follow)


def _lines(
    app: App, topics: cabc.Sequence[Topic[Any]], is_json: bool, form: cabc.Mapping[str, Any]
) -> FormatLine:
    """Return the formatter that the options name."""
    if form["is_hex"]:
        return hex_lines(form["headers"])
    framing = framing_of(app, topics)
    return json_lines(framing) if is_json else text_lines(framing, form["headers"])


def _declare(
    app: App, names: cabc.Sequence[str], plan_only: bool, form: cabc.Mapping[str, Any]
) -> list[Topic[Any]]:
    """Return the topics with the deserializers of the line, above those that the app declares."""
    given = {
        part: find_deserializer(f"--{part}-as", part, name)
        for part in ("payload", "key")
        if (name := form[f"{part}_as"]) is not None
    }
    check_topics(names)
    if plan_only or form["is_raw"]:
        return [declare_raw(app, name) for name in names]
    make = declare_hex if form["is_hex"] else declare
    return [make(app, name, **given) for name in names]


def print_plan(plan: Plan, is_json: bool) -> None:
    """Print a plan as a table, or as JSON with an object per partition."""
    if is_json:
        print_json({name: getattr(each, name) for name in _PLAN_COLUMNS} for each in plan)
    else:
        click.echo(str(plan))


def _check_form(plan_only: bool, is_json: bool, form: cabc.Mapping[str, Any]) -> None:
    """Refuse options that contradict each other, and those that would have no effect."""
    flags = {"--json": is_json, "--hex": form["is_hex"], "--raw": form["is_raw"]}
    names = [name for name, is_given in flags.items() if is_given]
    if len(names) > 1:
        raise click.UsageError(f"{' and '.join(names)} exclude each other: choose one of them.")
    if form["delimiter"] is not None and not form["is_raw"]:
        raise click.UsageError("--delimiter is what --raw writes after each payload: add --raw.")
    if plan_only and names and not is_json:
        raise click.UsageError(f"--plan prints no payloads: leave {names[0]} out.")
    if form["is_raw"] and form["headers"]:
        raise click.UsageError("--raw writes the bytes of payloads and no headers: leave --headers out.")
    if (form["is_raw"] or form["is_hex"]) and form["payload_as"] is not None:
        raise click.UsageError(f"{names[0]} shows the bytes of payloads: leave --payload-as out.")
    if form["is_raw"] and form["key_as"] is not None:
        raise click.UsageError("--raw writes no keys: leave --key-as out.")
