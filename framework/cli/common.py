"""What all commands share: the values of their options, the application, and error output."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import dataclasses
import os
import pathlib
import sys
import traceback

import click

from framework import current, plugins
from framework.app import App
from framework.cli.tracebacks import location_of
from framework.discovery import find_app, load_app
from framework.error_text import text_of, typed_text_of
from framework.errors import AppNotFoundError, ConfigError, FrameworkError, RoutingError
from framework.plugins import Plugin
from framework.terminal import escape
from framework.types import NOT_GIVEN

_SETTINGS = ("KAFKA_", "SCHEMA_REGISTRY_")
"""How variables begin that set something."""

_INTERNAL = frozenset(
    ("__cluster_metadata", "__consumer_offsets", "__share_group_state", "__transaction_state")
)


HIDDEN = (
    "The application's command '{}' is hidden by another of this name. "
    "Give it another name: @app.command('...')."
)


@dataclasses.dataclass
class Shared:
    """The values of the shared options, wherever they are on the line, and what was loaded for them."""

    app: str | None = None
    servers: str | None = None
    registry: str | None = None
    debug: bool = False
    is_quiet: bool = False
    """Whether the shell asks for completions: anything on stderr would appear in the typed line."""
    found: App | Exception | None = None
    """The application, or the error of loading it; loaded once."""
    used: App | None = None
    """The application that the command uses."""
    host: cabc.Callable[[], App | None] | None = None
    """Returns the application that the program around these commands names, such as Flask's, or None."""
    host_options: tuple[click.Option, ...] = ()
    """The options that all commands of that program have, and so these."""
    plugins: list[Plugin] | None = None
    """The plugins; loaded once."""
    offered: list[tuple[Plugin, str, click.Command]] | None = None
    """The commands of plugins, by name; loaded once."""
    printed: set[str] = dataclasses.field(default_factory=set)

    @property
    def names_app(self) -> bool:
        """Whether the line, the environment, the folder or this process has an application; it must load."""
        named = self.app or self.host or os.environ.get("FRAMEWORK_APP")
        return bool(named) or pathlib.Path("app.py").is_file() or current.is_there()

    @property
    def color(self) -> bool | None:
        """False if colours are disabled or not supported; else None, which means on a terminal."""
        is_plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        return False if is_plain else None


def shared(context: click.Context | None = None) -> Shared:
    """Return the shared options of the running command."""
    context = context or click.get_current_context()
    return context.find_object(Shared) or context.find_root().ensure_object(Shared)


def group_context() -> click.Context:
    """Return the context of the group of all commands, which may be a command of another program."""
    context = click.get_current_context()
    while context.parent is not None and isinstance(context.parent.obj, Shared):
        context = context.parent
    return context


def load(options: Shared) -> App | Exception:
    """Return the application that the line, the environment or the folder names, or its error."""
    if options.found is None:
        try:
            hosted = options.host() if options.host and not options.app else None
            app = hosted or (load_app(options.app) if options.app else find_app())
            app.load_included()  # here, so that an error in them is one of loading the application
            options.found = app
        except SystemExit as left:
            options.found = AppNotFoundError(
                f"The application exits while it is imported: sys.exit({left.code})."
            )
        except Exception as error:  # its code may fail in any way; raised where the application is needed
            options.found = error
        except (KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:  # a class of the application's own
            options.found = _own_failure(error)
    return options.found


def _own_failure(error: BaseException) -> AppNotFoundError:
    """Return an error for an exception that is no Exception, which nothing here would handle."""
    reason = f"{typed_text_of(error)}{location_of(error)}"
    failed = AppNotFoundError(f"The application can't be imported: {reason}.")
    failed.__cause__ = error
    return failed


def load_named(options: Shared) -> App | Exception | None:
    """Return the same, or None if nothing names an application, which needs no import."""
    return load(options) if options.names_app else None


def installed(options: Shared) -> list[Plugin]:
    """Return the plugins, including those that fail to load."""
    if options.plugins is None:
        # Their imports precede the command's options: what they print would be among its data.
        with contextlib.redirect_stdout(sys.stderr):
            options.plugins = plugins.load()
    return options.plugins


def application(*, tolerant: bool = False) -> App:
    """Return the application, and make it the current one; `-b` and `-r` override its addresses.

    If none is named, it is one with defaults only. A named one that fails to load is an error, or a note
    with `-b`, which makes it optional. Call it after the whole line is parsed.

    Args:
        tolerant: Whether a named application that fails to load is replaced by one with defaults.
    """
    options = shared()
    if options.used is not None:
        return options.used
    app = load(options)
    if isinstance(app, Exception):
        if options.names_app and not tolerant:
            if options.app or not options.servers:
                raise app
            note(f"Continuing without the application: {one_line(app)}")
        app = _default_app(tolerant=tolerant or bool(options.servers))
        app._made_at = "the command line"
    if options.servers or options.registry:
        servers = {"bootstrap.servers": options.servers} if options.servers else None
        overridden = app.override(servers, schema_registry=options.registry)
        group_context().with_resource(overridden)
    current.choose(app)
    options.used = app
    _note_hidden(app)
    for plugin in installed(options):
        if plugin.name not in app._set_up_by:
            app._set_up_by.add(plugin.name)
            with failing_alone(plugin, "isn't set up"):
                if (setup := getattr(plugin.offer, "setup", None)) is not None:
                    setup(app)
    return app


def _note_hidden(app: App) -> None:
    """Say that the running command is not the application's command of this name."""
    context = click.get_current_context()
    own = app.commands.get(group_context().invoked_subcommand or "")
    if own is not None and own.callback is not context.command.callback:
        note(HIDDEN.format(own.name))


def _default_app(*, tolerant: bool) -> App:
    """Return an application with defaults only, and if tolerant without an environment that is wrong."""
    try:
        return App()
    except ConfigError as error:
        if not tolerant:
            raise
        note(f"Continuing without the environment: {error}")
    wrong = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(_SETTINGS)}
    try:
        return App()
    finally:
        os.environ.update(wrong)


def is_internal(topic: str) -> bool:
    """Whether Kafka itself keeps its state in this topic."""
    return topic in _INTERNAL


def is_recognized(app: App, topic: str) -> bool:
    """Whether the command line reads payloads by `auto`, as nobody has declared the topic or a default."""
    return topic not in app.routes and app.defaults.payload is NOT_GIVEN


@contextlib.contextmanager
def failing_alone(plugin: Plugin, outcome: str, options: Shared | None = None) -> cabc.Generator[None]:
    """Print a line on stderr if the plugin's code in the block fails, instead of raising."""
    try:
        yield
    except (Exception, SystemExit) as error:
        note(f"Plugin {plugin} {outcome}: {one_line(error)}", options)


def note(sentence: str, options: Shared | None = None) -> None:
    """Print a line on stderr, apart from the data; equal lines once."""
    options = options or shared()
    if sentence not in options.printed and not options.is_quiet:
        options.printed.add(sentence)
        click.echo(escape(sentence), err=True)


def failure(error: BaseException, options: Shared) -> int:
    """Print an error in one line, with --debug after its traceback, and return the exit code."""
    if options.is_quiet:
        return 1
    if options.debug:
        traceback.print_exception(error)
    click.secho(f"Error: {one_line(error)}", err=True, fg="red", color=options.color)
    return 1


def one_line(error: BaseException) -> str:
    """Return the text of an error; for errors of others with their type and the line of the user's code."""
    text = text_of(error) if isinstance(error, FrameworkError) else typed_text_of(error)
    has_place = not isinstance(error, FrameworkError) or isinstance(error, ConfigError | RoutingError)
    return escape(text) + (location_of(error) if has_place else "")  # it may quote the content of a message
