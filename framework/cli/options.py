"""The options that every command has: --app, -b, -r and --debug."""

from __future__ import annotations

import click

from framework.broker_addresses import check_servers
from framework.cli.common import shared
from framework.errors import ConfigError
from framework.registry import merge


def shared_options() -> list[click.Option]:
    """Return the options that every command has."""

    def keep(context: click.Context, parameter: click.Parameter, value: object) -> None:
        if value:
            setattr(shared(context), str(parameter.name), value)

    def keep_address(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
        check = check_servers if parameter.name == "servers" else merge
        try:
            if value is not None:
                check(value)
        except ConfigError as error:
            raise click.BadParameter(str(error)) from error
        keep(context, parameter, value)

    return [
        click.Option(
            ["--app"], metavar="APP", expose_value=False, callback=keep, is_eager=True,
            help="The application: module, module:name or module:factory().",
        ),
        click.Option(
            ["-b", "--bootstrap-servers", "servers"], metavar="SERVERS", expose_value=False,
            callback=keep_address, is_eager=True, help="The brokers: host:port, several with commas.",
        ),
        click.Option(
            ["-r", "--registry", "registry"], metavar="URL", expose_value=False,
            callback=keep_address, is_eager=True, help="The schema registry, such as http://127.0.0.1:8081.",
        ),
        click.Option(
            ["--debug"], is_flag=True, expose_value=False, callback=keep, is_eager=True,
            help="Show where an error comes from.",
        ),
    ]  # fmt: skip
