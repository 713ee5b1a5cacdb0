"""What all commands share: the options --app, -b and --debug, the application, and how errors look."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import dataclasses
import os
import pathlib
import traceback
from typing import Any

import click

from framework import current, plugins
from framework.cli.tracebacks import location_of
from framework.errors import AppNotFoundError, ConfigError, FrameworkError
from framework.plugins import Plugin
from framework.terminal import escape


@dataclasses.dataclass
class Shared:
    """What the shared options say, wherever on the line they stand, and what was found by them."""

    app: str | None = None
    servers: str | None = None
    debug: bool = False
    is_quiet: bool = False
    """Whether the shell asks for completions: it shows what is written amid the line that is typed."""
    found: Any = None
    """The application, or the error that it gave; loaded once."""
    used: Any = None
    """The application that the command works with."""
    plugins: list[Plugin] | None = None
    """The plugins; loaded once."""
    offered: list[tuple[Plugin, str, click.Command]] | None = None
    """The commands of plugins by their names; asked for once."""
    told: set[str] = dataclasses.field(default_factory=set)

    @property
    def names_app(self) -> bool:
        """Whether the line, the environment or the folder says which application; then it must load."""
        named = self.app or os.environ.get("FRAMEWORK_APP")
        return bool(named) or pathlib.Path("app.py").is_file()

    @property
    def color(self) -> bool | None:
        """False where nobody wants colours, or nothing shows them; else None: on a terminal."""
        is_plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        return False if is_plain else None


def shared(context: click.Context | None = None) -> Shared:
    """The shared options of the command that runs."""
    found: Shared = (context or click.get_current_context()).find_root().ensure_object(Shared)
    return found


def load(options: Shared) -> Any:
    """The application that the line, the environment or the folder names, or the error it gives."""
    from framework.discovery import find_app, load_app

    if options.found is None:
        try:
            options.found = load_app(options.app) if options.app else find_app()
        except SystemExit as left:
            options.found = AppNotFoundError(
                f"The application ends while it is loaded: sys.exit({left.code})."
            )
        except Exception as error:  # its code may fail in any way; who needs it, raises this
            options.found = error
    return options.found


def load_named(options: Shared) -> Any | None:
    """The same; None where nothing names an application, which is known without loading anything."""
    return load(options) if options.names_app or current.is_there() else None


def installed(options: Shared) -> list[Plugin]:
    """The plugins, those that don't load among them."""
    if options.plugins is None:
        options.plugins = plugins.load()
    return options.plugins


def application(*, tolerant: bool = False) -> Any:
    """The application, which becomes the current one; `-b` overrides its servers.

    Where none is named, one that has only defaults. One that is named and fails to load is an error;
    with `-b`, which makes it needless, only a note. To be called when the whole line is understood.
    """
    from framework.app import App

    options = shared()
    if options.used is not None:
        return options.used
    app = load(options)
    if isinstance(app, Exception):
        if options.names_app and not tolerant:
            if options.app or not options.servers:
                raise app
            note(f"Going on without the application: {one_line(app)}")
        app = App()
        app._made_at = "the command line"
    if options.servers:
        servers = {"bootstrap.servers": options.servers}
        click.get_current_context().find_root().with_resource(app.override(servers))
    current.choose(app)
    options.used = app
    for plugin in installed(options):
        if plugin.name not in app._set_up_by:
            app._set_up_by.add(plugin.name)
            with failing_alone(plugin, "isn't set up"):
                if (setup := getattr(plugin.offer, "setup", None)) is not None:
                    setup(app)
    return app


@contextlib.contextmanager
def failing_alone(plugin: Plugin, outcome: str, options: Shared | None = None) -> cabc.Generator[None]:
    """Where the plugin's code in the block fails, in whatever way, a line says so; it harms nothing else."""
    try:
        yield
    except (Exception, SystemExit) as error:
        note(f"Plugin {plugin} {outcome}: {one_line(error)}", options)


def note(sentence: str, options: Shared | None = None) -> None:
    """A line on stderr, where it can't get among the data; each only once."""
    options = options or shared()
    if sentence not in options.told and not options.is_quiet:
        options.told.add(sentence)
        click.echo(escape(sentence), err=True)


def failure(error: BaseException, options: Shared) -> int:
    """Show an error in one line, with --debug below its traceback; give the exit code."""
    if options.is_quiet:
        return 1
    if options.debug:
        traceback.print_exception(error)
    click.secho(f"Error: {one_line(error)}", err=True, fg="red", color=options.color)
    return 1


def one_line(error: BaseException) -> str:
    """Our own errors are sentences; of others, their type and where they come from belong to it."""
    text = escape(" ".join(str(error).split()))  # it may quote what stood in a message
    if isinstance(error, FrameworkError):
        return text
    return f"{type(error).__name__}: {text}".removesuffix(": ") + location_of(error)


def shared_options() -> list[click.Option]:
    """The options that every command has."""

    def keep(context: click.Context, parameter: click.Parameter, value: object) -> None:
        if value:
            setattr(shared(context), str(parameter.name), value)

    def keep_servers(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
        from framework.config import check_servers

        try:
            if value is not None:
                check_servers(value)
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
            callback=keep_servers, is_eager=True, help="The brokers: host:port, several with commas.",
        ),
        click.Option(
            ["--debug"], is_flag=True, expose_value=False, callback=keep, is_eager=True,
            help="Show where an error comes from.",
        ),
    ]  # fmt: skip
