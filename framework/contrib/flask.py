"""Flask: `flask kafka` has all commands, in the application context, for what `config["KAFKA_APP"]` names.

The entry point of the group `flask.commands` is the module `framework_flask`, which imports this one late.
"""

from __future__ import annotations

import functools
import os
import traceback
from typing import Any

import click
from flask import Flask, current_app, has_app_context
from flask.cli import ScriptInfo

from framework.app import App
from framework.cli.commands import Commands
from framework.cli.common import Shared, note, one_line, shared
from framework.cli.options import shared_options
from framework.discovery import load_app
from framework.errors import ConfigError, FrameworkError

_WAY_OUT = 'Expected an App, or its import path: KAFKA_APP = "shop.kafka:app".'


class FlaskCommands(Commands):
    """The commands of `framework` within the application context of the Flask application."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Make a context that keeps Flask's object, and has one of its own for the shared options."""
        given = extra.pop("obj", None)
        found = parent.find_object(ScriptInfo) if parent is not None else None
        options = Shared(is_quiet=bool(os.environ.get("_FLASK_COMPLETE")))
        extra["obj"] = options
        self._script = found or (given if isinstance(given, ScriptInfo) else ScriptInfo())
        extra.setdefault("color", options.color)
        return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names; without a Flask application those that need none."""
        try:
            self._enter(ctx)
        except Exception as error:  # the factory of a project may fail in any way
            note(f"Without the Flask application: {one_line(error)}", shared(ctx))
        return super().list_commands(ctx)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error of framework is one line, as Flask's errors of use are."""
        try:
            self._enter(ctx)
            return super().invoke(ctx)
        except FrameworkError as error:
            if shared(ctx).debug:
                traceback.print_exception(error)
            raise click.ClickException(one_line(error)) from error
        except KeyboardInterrupt:
            raise click.exceptions.Exit(130) from None

    def _enter(self, ctx: click.Context) -> None:
        """Push the application context, and find what `KAFKA_APP` says."""
        app = self._script.load_app()
        if not has_app_context() or current_app._get_current_object() is not app:  # type: ignore[attr-defined]
            ctx.with_resource(app.app_context())
        if app.config.get("KAFKA_APP") is not None:
            shared(ctx).host = functools.partial(_configured, app)


def _configured(app: Flask) -> App:
    named = app.config["KAFKA_APP"]
    if isinstance(named, App):
        return named
    if not isinstance(named, str):
        # Its type only: what was put there by mistake may have secrets.
        raise ConfigError(f"The setting KAFKA_APP is invalid: it is of {type(named).__name__}. {_WAY_OUT}")
    return load_app(named)


def commands(**attributes: Any) -> FlaskCommands:
    """Return the group of all commands, for `flask kafka`."""
    return FlaskCommands(
        "kafka",
        params=list(shared_options()),
        context_settings={"help_option_names": ["-h", "--help"]},
        **attributes,
    )
