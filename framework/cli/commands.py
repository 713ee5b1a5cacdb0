"""The commands: built-in ones, those of plugins and of the application. Each is loaded when needed."""

from __future__ import annotations

import copy
import importlib
import itertools
from typing import Any

import click

from framework.app import App
from framework.cli.common import (
    HIDDEN,
    Shared,
    application,
    failing_alone,
    failure,
    installed,
    load_named,
    note,
    one_line,
    shared,
)
from framework.cli.options import shared_options
from framework.cli.streams import is_reader_gone
from framework.plugins import Plugin
from framework.suggest import did_you_mean

BUILT_IN = {
    "console": "framework.cli.shell:console",
    "info": "framework.cli.info:info",
    "new": "framework.cli.new:new",
    "shell": "framework.cli.shell:shell",
    "topics": "framework.cli.topics:topics",
}

# What other command lines call the reading of a topic.
_ELSEWHERE = frozenset({"cat", "consume", "read", "tail"})


class Commands(click.Group):
    """The group of all commands; a broken plugin or application doesn't affect the others."""

    def invoke(self, ctx: click.Context) -> Any:
        """Invoke a command as click does; a reader that closed the pipe (`| head`) is no error.

        Click treats each broken pipe or connection so, and would exit without an error message.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            status = 0 if is_reader_gone() else failure(error, shared(ctx))
            raise click.exceptions.Exit(status) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names, sorted, and print on stderr which commands are missing or hidden, and why."""
        options = shared(ctx)
        first = {*BUILT_IN, *_of_plugins(options)}
        app = load_named(options)
        if isinstance(app, Exception) and options.names_app:
            note(f"Without the application's commands: {one_line(app)}", options)
        for plugin, name, command in _offered(options):
            if name in BUILT_IN or _of_plugins(options)[name] is not command:
                note(f"The command '{name}' of plugin {plugin} is hidden by another.", options)
        for name in sorted(first & _of_app(options).keys()):
            note(HIDDEN.format(name), options)
        return sorted(first | _of_app(options).keys())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command: a built-in one, else one of a plugin, else one of the application."""
        options = shared(ctx)
        if cmd_name in BUILT_IN:
            module, name = BUILT_IN[cmd_name].split(":")
            return _prepared(options, getattr(importlib.import_module(module), name))
        if (command := _of_plugins(options).get(cmd_name)) is not None:
            return _with_application(_prepared(options, command, "From a plugin."))
        if (command := _of_app(options).get(cmd_name)) is not None:
            return _with_application(_prepared(options, command, "From the application."))
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Resolve as click does; --app may be behind the command, and close names are suggested."""
        options = shared(ctx)
        _look_ahead(options, args[1:])
        if self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing:
            known = [*BUILT_IN, *_of_plugins(options), *_of_app(options)]
            close = did_you_mean(args[0], known)
            if args[0] in _ELSEWHERE and "iterate" in known:
                close = " Did you mean 'iterate'?"
            app = load_named(options)
            if isinstance(app, Exception) and options.names_app:
                if not close:
                    raise app  # the command may be one of the application's
                note(f"Without the application's commands: {one_line(app)}", options)
            way_out = close or f" `{ctx.command_path} --help` lists them all."
            raise click.UsageError(f"No command '{args[0]}'.{way_out}", ctx)
        return super().resolve_command(ctx, args)


def _look_ahead(options: Shared, args: list[str]) -> None:
    """Read --app and --debug wherever they are: they decide which commands there are."""
    args = list(itertools.takewhile(lambda argument: argument != "--", args))
    for argument, value in itertools.zip_longest(args, args[1:]):
        if argument == "--app":
            options.app = value
        elif argument.startswith("--app="):
            options.app = argument.removeprefix("--app=")
        elif argument == "--debug":
            options.debug = True


def _prepared(options: Shared, command: click.Command, otherwise: str | None = None) -> click.Command:
    """Return a copy of a command with the shared options, except those whose names it has itself."""
    command = copy.copy(command)
    taken = {name for parameter in command.params for name in parameter.opts}
    everywhere = [*shared_options(), *options.host_options]
    command.params = command.params + [option for option in everywhere if taken.isdisjoint(option.opts)]
    if not command.help:
        command.short_help = command.short_help or otherwise
    return command


def _with_application(command: click.Command) -> click.Command:
    """Make the application the current one before the command runs."""
    invoke = command.invoke

    def with_current(context: click.Context) -> Any:
        application()
        return invoke(context)

    command.invoke = with_current  # type: ignore[assignment]
    return command


def _of_plugins(options: Shared) -> dict[str, click.Command]:
    """Return the commands of plugins; of equal names the first."""
    return {name: command for _, name, command in reversed(_offered(options))}


def _offered(options: Shared) -> list[tuple[Plugin, str, click.Command]]:
    if options.offered is None:
        options.offered = []
        for plugin in installed(options):
            if plugin.error is not None:
                note(str(plugin.error), options)
            with failing_alone(plugin, "gives no commands", options):
                found = plugin.names("commands", click.Command)
                options.offered += [(plugin, name, command) for name, command in found.items()]
    return options.offered


def _of_app(options: Shared) -> dict[str, click.Command]:
    app = load_named(options)
    return app.commands if isinstance(app, App) else {}
