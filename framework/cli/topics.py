"""`framework topics`: the declared topics, and what the broker has of them."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import click

from framework.app import App
from framework.cli.common import application, is_internal, is_recognized, note
from framework.cli.streams import reserve
from framework.deserializers import auto, describe
from framework.errors import BrokerError, SchemaRegistryError, TopicNotFoundError
from framework.json_stdout import print_json
from framework.retry import Deadline, retry
from framework.schemas.titles import title
from framework.table import cell_text

if TYPE_CHECKING:
    from framework.admin import Admin  # loads confluent_kafka.admin, which --help doesn't need
    from framework.samples import Watermarks


@click.command(short_help="Show the declared topics, and what the broker has of them.")
@click.option("--all", "everything", is_flag=True, help="Show the broker's undeclared topics, too.")
@click.option("--json", "as_json", is_flag=True, callback=reserve, help="Print one JSON object a line.")
def topics(*, everything: bool, as_json: bool) -> None:
    """Show the declared topics: state, deserializers, and what the broker has of them.

    If none is declared, as without an application, it shows all topics of the broker. With a schema
    registry, it shows the latest schema of their payloads. Of topics that nobody declared, it says what the
    last messages of up to four partitions look like.
    """
    app = application()
    rows = collect(app, everything=everything or not len(app.routes))
    if not rows:
        note("No topics.")
    if as_json:
        print_json(rows)
    else:
        _print(rows)


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    table.add_column("topic", overflow="fold", min_width=10)
    rows = [{name: value for name, value in row.items() if not name.endswith(_ERROR)} for row in rows]
    for name in list(rows[0] if rows else _COLUMNS)[1:]:
        justify: Literal["left", "right"] = "right" if name in ("partitions", "offsets") else "left"
        table.add_column(name, justify=justify, overflow="fold", no_wrap=name != "schema")
    for row in rows:
        style = "" if row["state"] == "active" else "dim"
        table.add_row(*(Text(cell_text(value)) for value in row.values()), style=style)
    # As wide as needed in a file or a pipe; a narrow terminal wraps the names.
    console = Console(width=max(shutil.get_terminal_size().columns, 60) if sys.stdout.isatty() else 10_000)
    if console.is_terminal:
        console.print(table)
    else:
        with console.capture() as captured:
            console.print(table)
        for line in captured.get().splitlines():
            click.echo(line.rstrip())


_ERROR: Final = "_error"
"""The end of the names of reasons, which only JSON shows beside a null: the table's are on stderr."""
_COLUMNS: Final = ("topic", "state", "payload", "key", "partitions", "offsets")


class _Broker(NamedTuple):
    """What the broker has."""

    topics: dict[str, int]
    """The number of partitions of each topic."""
    names: list[str]
    """The topics to show."""
    watermarks: dict[str, dict[int, Any]]
    hidden: int = 0
    """The number of Kafka's internal topics that are not shown."""
    error: str | None = None
    """Why nothing is known."""


def collect(app: App, *, everything: bool = False) -> list[dict[str, Any]]:
    """Return a row per topic; the values of the broker are None if it lacks the topic or doesn't answer.

    Where nothing is declared, a broker that doesn't answer is an error. An app with a schema registry has
    the column `schema` as well. A row with None has the reason too: `broker_error`, `schema_error`.
    """
    broker = _ask(app, everything)
    if broker.hidden:
        topics, are = ("topics", "are") if broker.hidden > 1 else ("topic", "is")
        note(f"{broker.hidden} internal {topics} of Kafka {are} hidden.")
    undeclared = [app.routes.find_or_default(name) for name in broker.names if name not in app.routes]
    shown = [*app.routes, *undeclared]
    schemas = _schemas(app, [topic.name for topic in shown])
    recognized = [
        topic.name
        for topic in shown
        if is_recognized(app, topic.name) or app.routes.deserializers(topic).payload is auto
    ]
    kinds = _kinds(app, {name: broker.watermarks.get(name, {}) for name in recognized})
    return [
        {
            "topic": topic.name,
            "state": ("active" if topic.active else "inactive") if topic.name in app.routes else "undeclared",
            "payload": kinds.get(topic.name) or describe(topic.deserializers.payload),
            "key": describe(topic.deserializers.key),
            **_columns(broker, topic.name),
            **schemas.get(topic.name, {}),
        }
        for topic in shown
    ]


def _kinds(app: App, watermarks: Watermarks) -> dict[str, str]:
    """Return what `auto` takes the last messages of each topic for: `auto: JSON`, `auto: JSON, text`."""
    from framework.samples import last_messages

    kinds: dict[str, dict[str, None]] = {topic: {} for topic in watermarks}
    read = auto.bind("payload", app.schema_registry)
    try:
        for key, message in sorted(last_messages(app.kafka, watermarks).items()):
            value = message.value()
            kinds[key.topic]["tombstone" if value is None else read.kind(value, message.headers())] = None
    except (BrokerError, SchemaRegistryError) as error:
        note(str(error))
    return {topic: f"auto: {', '.join(found)}" if found else "auto" for topic, found in kinds.items()}


def _ask(app: App, everything: bool) -> _Broker:
    try:
        admin = app.admin()
        # Again, where a topic was deleted between the list and its watermarks.
        return retry(
            lambda: _of_the_broker(app, admin, everything),
            Deadline(app.broker_timeout),
            on=lambda error: isinstance(error, TopicNotFoundError),
        )
    except BrokerError as error:
        if not len(app.routes):  # there is nothing else to show
            raise
        note(str(error))
        return _Broker({}, [], {}, error=str(error))


def _of_the_broker(app: App, admin: Admin, everything: bool) -> _Broker:
    there = admin.topics()
    names = [topic.name for topic in app.routes if topic.name in there]
    undeclared = [name for name in there if everything and name not in app.routes]
    names += [name for name in undeclared if not is_internal(name)]
    hidden = sum(map(is_internal, undeclared))
    return _Broker(there, names, admin.watermarks(*names), hidden)


def _columns(broker: _Broker, topic: str) -> dict[str, Any]:
    if topic not in broker.topics:
        reason = broker.error or f"Topic '{topic}' doesn't exist."
        return {"partitions": None, "offsets": None, "broker_error": reason}
    offsets = sum(each.high - each.low for each in broker.watermarks[topic].values())
    return {"partitions": broker.topics[topic], "offsets": offsets}


def _schemas(app: App, topics: list[str]) -> dict[str, dict[str, str | None]]:
    """Return the latest schema of each topic's payloads, by the names that serializers give by default."""
    registry = app.schema_registry
    if registry is None:
        return {}
    found: dict[str, dict[str, str | None]] = {
        topic: {"schema": None, "schema_error": f"The registry has no subject '{topic}-value'."}
        for topic in topics
    }
    try:
        subjects = set(registry.subjects())
        for topic in topics:
            subject = f"{topic}-value"
            if subject in subjects and (latest := registry.latest(subject)) is not None:
                found[topic] = {"schema": title(latest)}
    except SchemaRegistryError as error:
        note(str(error))
        for columns in found.values():
            if columns["schema"] is None:
                columns["schema_error"] = str(error)
    return found
