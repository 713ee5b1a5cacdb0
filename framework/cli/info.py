"""`framework info`: versions, settings, the broker and plugins."""

from __future__ import annotations

import json
from typing import Any

import click

from framework.app import App
from framework.cli.common import application, installed, load, one_line, shared
from framework.cli.tracebacks import from_here
from framework.config import redact
from framework.errors import FrameworkError

_PACKAGES = ("framework-iterator", "confluent-kafka", "pydantic", "click")
_PATIENCE = 3.0
"""Seconds that the broker has to answer, at most."""


@click.command(short_help="Show versions, the app and its settings, the broker, the plugins.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def info(*, as_json: bool) -> None:
    """Show versions, the application, its settings without secrets, the broker, and the plugins.

    It succeeds even if some of these are broken, and shows the reason.
    """
    found = collect()
    if as_json:
        click.echo(json.dumps(found))
        return
    for name, version in found["versions"].items():
        click.echo(f"{name:<19} {version}")
    click.echo(f"{'app':<19} {found['app']}")
    for key, value in found["kafka"].items():
        click.echo(f"  {key}={value}")
    click.echo(f"{'broker':<19} {found['broker']}")
    for plugin in found["plugins"]:
        click.echo(f"{'plugin':<19} {plugin}")


def collect() -> dict[str, Any]:
    """Return the same as plain values."""
    # Late: `framework --help` imports this module.
    import platform

    from importlib_metadata import version

    app = application(tolerant=True)
    named = load(shared())
    return {
        "versions": {name: version(name) for name in _PACKAGES} | {"python": platform.python_version()},
        "app": f"none: {one_line(named)}" if isinstance(named, Exception) else _described(app),
        "kafka": {key: str(value) for key, value in redact(app.kafka).items()},
        "broker": _broker(app),
        "plugins": [str(plugin.error or plugin) for plugin in installed(shared())],
    }


def _described(app: App) -> str:
    count = len(app.routes)
    return f"{from_here(repr(app))}, {count} {'topic' if count == 1 else 'topics'}"


def _broker(app: App) -> str:
    from framework.admin import Admin

    try:
        names = Admin(app.kafka, min(app.broker_timeout, _PATIENCE)).topics()
    except FrameworkError as error:
        return f"not reachable: {error}"
    count = sum(not name.startswith("__") for name in names)  # without Kafka's internal topics
    return f"reachable, {count} {'topic' if count == 1 else 'topics'}"
