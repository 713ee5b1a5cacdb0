"""The options that search: --key, --no-key, --grep, --where, --order."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, Final, TypeVar

import click

from framework import App, Topic
from framework_iterator.cli.format import value_text
from framework_iterator.cli.where import Expression, where_option
from framework_iterator.errors import InvalidOptionError
from framework_iterator.options import ORDERS
from framework_iterator.selecting.keys import KeyText, encodings

Command = TypeVar("Command", bound=cabc.Callable[..., Any])

EXPRESSIONS: Final = """\b
EXPR is a Python expression with the names topic, partition, offset, timestamp,
key, payload and headers. It is executed as your own code:
  --where 'payload["total"] > 1000 and not key.startswith("test")'"""


class ShownKey(KeyText):
    """A key as it is written on the line; of a key that is no text, it is the text that is shown."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        """Whether a key is shown as this text, or has it as its own text."""
        if isinstance(other, str):
            return str.__eq__(self, other)
        if isinstance(other, bytes):
            return other == self.encode(errors="surrogateescape")
        return other is not None and (value_text(other) == str(self) or str(other) == str(self))

    __hash__ = str.__hash__


def key_option(command: Command) -> Command:
    """Add --key."""
    return click.option(
        "--key",
        metavar="TEXT",
        help="Give only messages with this key, read as the topic declares its keys.",
    )(command)


def searching_options(command: Command) -> Command:
    """Add all of them."""
    command = click.option(
        "--order",
        type=click.Choice(ORDERS),
        help="Give one stream in the order of time, or the newest messages first; by default as they arrive.",
    )(command)
    command = click.option(
        "--where",
        callback=where_option,
        metavar="EXPR",
        help="Give only messages for which the Python expression EXPR is true.",
    )(command)
    command = click.option(
        "--grep",
        callback=_grep_option,
        metavar="TEXT",
        help="Give only messages whose payload, as bytes, contains TEXT.",
    )(command)
    command = click.option("--no-key", is_flag=True, help="Give only messages that have no key.")(command)
    return key_option(command)


def wanted_key(key: str | None, no_key: bool) -> dict[str, Any]:
    """Return the argument `key` of an Iterator, if there is one."""
    if key is not None and no_key:
        raise click.UsageError("--key and --no-key exclude each other: choose one of them.")
    if no_key:
        return {"key": None}
    return {} if key is None else {"key": ShownKey(key)}


def searched(form: cabc.Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of an Iterator for these options."""
    found = wanted_key(form["key"], form["no_key"])
    return found | {"where": form["where"], "containing": form["grep"], "order": form["order"]}


def needed_parts(form: cabc.Mapping[str, Any]) -> frozenset[str]:
    """Return the parts of a message that a search deserializes."""
    where: Expression | None = form["where"]
    parts = frozenset() if where is None else where.parts
    return parts if form["key"] is None else parts | {"key"}


def check_key(app: App, topics: cabc.Iterable[Topic[Any]], key: str | None) -> None:
    """Raise a UsageError if no key of one of the topics can be this text."""
    if key is None:
        return
    for topic in topics:
        declared = app.compile_deserializers(topic).declared.key
        try:
            encodings(topic.name, declared, ShownKey(key))
        except InvalidOptionError as error:
            # Without its advice, which is about arguments of Python.
            sentence = str(error).replace("key=", "--key ", 1).rpartition(": ")[0]
            raise click.UsageError(f"{sentence}.") from error


def _grep_option(_ctx: click.Context, _param: click.Parameter, value: str | None) -> bytes | None:
    """Return the bytes to search: also those of the line that are no text."""
    if value == "":
        raise click.BadParameter("Every payload contains an empty text. Leave --grep out to read all.")
    return None if value is None else value.encode(errors="surrogateescape")
