"""`framework snapshot`: the latest message of each key."""

from __future__ import annotations

from typing import Any, Final

import click

from framework import DeserializationError, Message
from framework.cli.streams import reserve
from framework.discovery import find_app
from framework_iterator import Iterator, Start
from framework_iterator.cli.complete import complete_topics
from framework_iterator.cli.deserializers import declare, framing_of
from framework_iterator.cli.format import value_text
from framework_iterator.cli.framing import own_reason
from framework_iterator.cli.options import (
    STARTS,
    check_topics,
    deserializer_options,
    given_deserializers,
    make_iterator,
    reading_options,
)
from framework_iterator.cli.output import json_lines, print_messages, text_lines
from framework_iterator.cli.searching import check_key, key_option, wanted_key
from framework_iterator.errors import InvalidOptionError

HELP: Final = f"""Print the latest message of each key of TOPIC: the state of a compacted topic.

{STARTS}

Lines are in the order of the keys, as text. Keys whose latest message is a tombstone are left out, and so are
messages without a key. Within a partition the higher offset is later, across partitions the later timestamp.
Memory grows with the keys, not with the messages.

\b
Examples:
  framework snapshot planes
  framework snapshot planes --key N10156 --json
  framework snapshot planes --until 2d
"""


@click.command(short_help="Print the latest message of each key of a topic.", help=HELP)
@click.argument("topic", shell_complete=complete_topics)
@reading_options
@key_option
@deserializer_options
@click.option("--headers", is_flag=True, help="Show the headers between key and payload.")
@click.option("--json", "is_json", is_flag=True, callback=reserve, help="Print one JSON object a line.")
def snapshot(
    topic: str,
    start: Start,
    until: Any,
    partitions: dict[int, Start | None],
    group: str | None,
    key: str | None,
    headers: bool,
    is_json: bool,
    **names: str | None,
) -> None:
    """Print the latest message of each key of a topic."""
    given = given_deserializers(names)
    check_topics([topic])
    app = find_app()
    declared = declare(app, topic, **given)
    check_key(app, [declared], key)
    iterator = make_iterator(
        [declared], start, until, partitions, group, app=app, progress=True, **wanted_key(key, False)
    )
    framing = framing_of(app, [declared])
    format_line = json_lines(framing) if is_json else text_lines(framing, headers)
    print_messages(latest(iterator), format_line, flush=False)


def latest(iterator: Iterator[Any]) -> list[Message[Any]]:
    """Return the latest message of each key, in the order of the keys as text.

    Keys that can't be told apart are a click.ClickException.
    """
    try:
        found: dict[Any, Message[Any]] = iterator.snapshot()
    except InvalidOptionError as error:  # a key that has no hash
        raise click.ClickException(str(error).replace("Declare key=bytes.", "Add --key-as raw.")) from error
    except DeserializationError as error:
        if error.part != "key":
            raise
        raise click.ClickException(f"{own_reason(error).rstrip('.')}. Add --key-as raw.") from error
    if not found and (report := iterator.report) is not None and report.messages:
        read = "1 message was" if report.messages == 1 else f"{report.messages:,} messages were"
        why = "without a key, or the latest of a key is a tombstone"
        click.echo(f"{read} read, and nothing is left: {why}.", err=True)
    return [found[key] for key in sorted(found, key=_text)]


def _text(key: object) -> str:
    if isinstance(key, str):
        return key
    return key.decode(errors="backslashreplace") if isinstance(key, bytes) else value_text(key)
