"""The command `flask kafka`: an entry point of Flask, which imports it with every command.

So it is a module of its own, apart from `framework`, which it imports when the command is used.
"""

from __future__ import annotations

from typing import Any

import click

_HELP = """Read and manage the Kafka topics of the application.

    The Kafka application is --app, else KAFKA_APP of Flask's configuration, else FRAMEWORK_APP, else app.py
    in the current folder.
    """


class _Late(click.Command):
    """A command that becomes the group of all commands when its context is made."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Import the group, and let it parse the arguments."""
        from framework.contrib.flask import commands

        return commands(help=self.help).make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the group, where this is the outermost command: as in Flask's test runner."""
        return ctx.command.invoke(ctx)


kafka = _Late("kafka", help=_HELP, short_help="Read and manage Kafka topics.")
