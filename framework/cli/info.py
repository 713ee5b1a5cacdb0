"""`framework info`: versions, settings, the broker, the schema registry and plugins."""

from __future__ import annotations

from typing import Any

import click

from framework.app import App
from framework.cli.common import application, installed, is_internal, load, one_line, shared
from framework.cli.streams import reserve
from framework.cli.tracebacks import from_here
from framework.config import redact
from framework.environment import near_variable
from framework.errors import FrameworkError, RegistryUnavailableError
from framework.json_stdout import print_json
from framework.registry import Registry, describe

_PACKAGES = ("framework-iterator", "confluent-kafka", "pydantic", "click")
_PATIENCE = 3.0
"""Seconds that the broker and the schema registry have to answer, at most."""


@click.command(short_help="Show versions, settings, the broker, the registry and plugins.")
@click.option("--json", "as_json", is_flag=True, callback=reserve, help="Print one JSON object.")
def info(*, as_json: bool) -> None:
    """Show versions, the application, its settings without secrets, broker, schema registry, plugins.

    It succeeds even if some of these are broken, and shows the reason.
    """
    found = collect()
    if as_json:
        print_json([found])
        return
    for name, version in found["versions"].items():
        click.echo(f"{name:<19} {version}")
    click.echo(f"{'app':<19} {found['app']}")
    for key, value in found["kafka"].items():
        click.echo(f"  {key}={value}")
    click.echo(f"{'broker':<19} {found['broker']}")
    click.echo(f"{'schema registry':<19} {found['schema_registry']['status']}")
    for key, value in found["schema_registry"]["settings"].items():
        click.echo(f"  {key}={value}")
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
        "schema_registry": _schema_registry(app),
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
    count = sum(not is_internal(name) for name in names)
    return f"reachable, {count} {'topic' if count == 1 else 'topics'}"


def _schema_registry(app: App) -> dict[str, Any]:
    registry = app.schema_registry
    if registry is None:
        hint = near_variable("SCHEMA_REGISTRY_URL")
        return {"status": f"none:{hint}" if hint else "none", "settings": {}}
    patient = Registry.of(registry.settings, min(registry.timeout, _PATIENCE))
    try:
        count = len(patient.subjects())
        status = f"reachable, {count} {'subject' if count == 1 else 'subjects'}"
    except RegistryUnavailableError as error:
        status = f"not reachable: {error}"
    except FrameworkError as error:
        status = f"reachable, but unusable: {error}"
    return {"status": status, "settings": describe(registry.settings)}
