"""`framework explore`: the topics in a browser."""

from __future__ import annotations

import importlib.util
from typing import Final

import click

from framework import FrameworkError
from framework.cli.common import is_internal
from framework.discovery import find_app

_PATIENCE: Final = 3.0
"""Seconds that a broker may take to answer: somebody waits for the page, and can load it again."""


@click.command(short_help="Show the topics in a browser.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Where to listen; by default a free port."
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="The address to listen on. Whoever reaches it, and has the token, may read.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="How long a broker may take to answer a page; 3, or less where the application says so.",
)
@click.option("--no-open", is_flag=True, help="Print the address, and open no browser.")
def explore(port: int, host: str, timeout: float | None, no_open: bool) -> None:
    """Show the application's topics in a browser, until Ctrl-C.

    It lists topics, shows messages with the types that the application declares, searches them, and follows
    new ones. It writes nothing to Kafka, and commits nothing. It listens on 127.0.0.1, unless --host says
    otherwise. The address that it prints has a token: who has it may read.

    It needs starlette, uvicorn and jinja2: pip install "framework-iterator[explore]"
    """
    if host in ("", "0.0.0.0", "::"):
        raise click.BadParameter(
            f"{host!r} is no address that a browser can name. Write this machine's own.", param_hint="--host"
        )
    missing = [name for name in ("starlette", "uvicorn", "jinja2") if importlib.util.find_spec(name) is None]
    if missing:
        needed = " and ".join(missing)
        raise FrameworkError(f'framework explore needs {needed}: pip install "framework-iterator[explore]"')
    from framework_iterator.explorer.server import serve  # late: few commands need it

    app = find_app()
    with app.override(broker_timeout=timeout or min(app.broker_timeout, _PATIENCE)):
        serve(
            app,
            port=port,
            host=host,
            is_internal=is_internal,
            announce=lambda address: click.echo(f"{address}\nCtrl-C ends it.", err=True),
            opens=not no_open,
        )
