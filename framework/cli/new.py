"""`framework new`: write an app.py to start with."""

from __future__ import annotations

import pathlib
import shlex

import click

APP = '''"""The application: its topics, and how their messages are deserialized."""

from framework import App

app = App(kafka={"bootstrap.servers": "127.0.0.1:9092"}, client_id="example")

# A payload is declared by a pydantic model, a dataclass, str, bytes, or a function of the bytes. By default
# it is JSON.
orders = app.topic("orders", payload=dict)

# With App(schema_registry="http://127.0.0.1:8081") and `from framework.schemas import avro`:
# trips = app.topic("trips", payload=avro())
'''


@click.command(short_help="Write a starting app.py.")
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=pathlib.Path))
def new(folder: pathlib.Path) -> None:
    """Write a starting app.py into FOLDER, never over an existing file."""
    there = "" if folder == pathlib.Path() else f"cd {shlex.quote(str(folder))} && "
    click.echo(f"{write(folder)} was written. Next: {there}framework topics")


def write(folder: pathlib.Path) -> pathlib.Path:
    """Write app.py and return its path; an existing file is an error."""
    path = folder / "app.py"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(APP)
    except FileExistsError:
        raise click.ClickException(f"{path} already exists and was not changed.") from None
    except OSError as error:
        raise click.ClickException(f"{path} is not writable: {error.strerror}.") from error
    return path
