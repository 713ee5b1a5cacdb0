"""The options that commands which read topics share."""

from __future__ import annotations

import collections.abc as cabc
import functools
import re
from typing import Any, Final, TypeVar, cast

import click

from framework import RoutingError, Topic
from framework.topic import check_topic_name
from framework_iterator import Iterator, Start
from framework_iterator.cli.complete import complete_deserializers
from framework_iterator.cli.deserializers import find_deserializer
from framework_iterator.cli.notes import notes_on_stderr
from framework_iterator.cli.starts import end_option, partitions_option, start_option
from framework_iterator.errors import InvalidOptionError

Command = TypeVar("Command", bound=cabc.Callable[..., Any])

STARTS: Final = """\b
START is one of
  earliest, latest    the first message that Kafka has, the end
  committed           the committed offset of the group
  100, -10            an offset, the last 10 offsets
  5m, 1h30m, 2d       a time ago
  2013-12-25, 2013-12-25T10:00Z
                      the first message since then (local time, or UTC)"""


def reading_options(command: Command) -> Command:
    """Add --start, --until, --partition and --group, the arguments of `make_iterator`.

    While the command runs, the notes of its runs appear on stderr.
    """
    options = [
        click.option(
            "--start", callback=start_option, metavar="START", help="Where to start: earliest by default."
        ),
        click.option(
            "--until",
            callback=end_option,
            metavar="START",
            help="Where to end, exclusive: the end as it is now by default.",
        ),
        click.option(
            "--partition",
            "partitions",
            callback=partitions_option,
            multiple=True,
            metavar="P[=START]",
            help="Read only this partition, from its own START if there is one. Repeatable.",
        ),
        click.option("--group", metavar="GROUP", help="The group whose offsets `committed` means."),
    ]

    @functools.wraps(command)
    def with_notes(*arguments: Any, **named: Any) -> Any:
        with notes_on_stderr():
            return command(*arguments, **named)

    wrapped = cast("Command", with_notes)
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


def deserializer_options(command: Command) -> Command:
    """Add --payload-as and --key-as, whose values `given_deserializers` finds."""
    for part, parts in (("key", "keys"), ("payload", "payloads")):
        command = click.option(
            f"--{part}-as",
            shell_complete=complete_deserializers,
            metavar="NAME",
            help=f"Deserialize {parts} with NAME, whatever the app declares.",
        )(command)
    return command


def given_deserializers(form: cabc.Mapping[str, Any]) -> dict[str, Any]:
    """Return the deserializers of --payload-as and --key-as, by part."""
    return {
        part: find_deserializer(f"--{part}-as", part, name)
        for part in ("payload", "key")
        if (name := form[f"{part}_as"]) is not None
    }


def check_topics(names: cabc.Sequence[str]) -> None:
    """Raise a UsageError (exit code 2) for a name that no topic can have, and for one that is repeated."""
    for name in names:
        try:
            check_topic_name(name)
        except RoutingError as error:
            raise click.UsageError(f"{error}{_meant_by(name)}") from error
        if names.count(name) > 1:
            raise click.UsageError(f"Topic '{name}' is given twice. Name each topic once.")


def _meant_by(name: str) -> str:
    """Return how topics and partitions are named here, for names that are joined as elsewhere."""
    if "," in name:
        return f" Name topics with blanks between: {' '.join(name.replace(',', ' ').split())}."
    if at := re.fullmatch(r"(.+)-([0-9]+)@([0-9]+)", name):  # as messages are shown
        return f" Name an offset by its partition: {at[1]} --partition {at[2]}={at[3]}."
    topic, separator, partition = name.rpartition(":")
    if separator and partition.isdecimal():
        return f" Name a partition by its option: {topic} --partition {partition}."
    return ""


def make_iterator(
    topics: cabc.Sequence[str] | cabc.Sequence[Topic[Any]],
    start: Start | None,
    until: Any,
    partitions: cabc.Mapping[int, Start | None],
    group: str | None,
    **options: Any,
) -> Iterator[Any, Any]:
    """Return the Iterator for these options; impossible values are a UsageError (exit code 2).

    Args:
        topics: The topics, or their names.
        start: Where to start, in partitions without a start of their own.
        until: Where to end.
        partitions: The partitions to read, and their starts; all if empty.
        group: The consumer group.
        options: Further arguments of Iterator.
    """
    check_topics([topic if isinstance(topic, str) else topic.name for topic in topics])
    starts = {number: start if own is None else own for number, own in partitions.items()}
    if group is not None and "committed" not in (list(starts.values()) or [start]):
        raise click.UsageError("--group is the group of the start `committed`: add --start committed.")
    subscription: dict[Any, Any] = dict.fromkeys(topics, starts or start)
    try:
        return Iterator(subscription, until=until, group_id=group, **options)
    except InvalidOptionError as error:
        raise click.UsageError(str(error)) from error
