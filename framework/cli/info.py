"""`framework info`."""

from __future__ import annotations

import importlib.metadata
import platform

import click

from framework import plugins
from framework.config import redact
from framework.discovery import find_app
from framework.errors import AppNotFoundError


@click.command()
def info() -> None:
    """Show versions, the application, its Kafka settings without secrets, and the plugins."""
    click.echo(f"framework-iterator  {importlib.metadata.version('framework-iterator')}")
    click.echo(f"confluent-kafka     {importlib.metadata.version('confluent-kafka')}")
    click.echo(f"python              {platform.python_version()}")
    try:
        app = find_app()
    except AppNotFoundError as error:
        click.echo(f"app                 none: {error}")
    else:
        click.echo(f"app                 {app!r}, {len(app.routes)} topics")
        for key, value in redact(app.kafka).items():
            click.echo(f"  {key}={value}")
    for plugin in plugins.load():
        click.echo(f"plugin              {plugin.error or plugin}")
