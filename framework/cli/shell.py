"""`framework shell`: a Python shell with the names of the application."""

from __future__ import annotations

import ast
import contextlib
import sys
import traceback
from typing import Any

import click

from framework.app import App
from framework.cli.common import application, failing_alone, installed, note, one_line, shared
from framework.cli.tracebacks import from_here
from framework.shell_names import identifier, renamed
from framework.suggest import did_you_mean


@click.command(short_help="Open a Python shell with the app, its topics and Iterator.")
@click.option("-c", "program", metavar="CODE", help="Run this code and exit.")
def shell(program: str | None) -> None:
    """Open a Python shell with `app`, its topics (`a-b` as `a_b`), and what plugins add.

    A topic that would hide a name of Python's or of the shell's has another one, which the shell says;
    topics["a-b"] is always the topic. It is IPython, if installed. Code that is piped in is run.
    """
    app = application()
    names = namespace(app)
    if program is not None:
        _run(app, program, "<-c>", names)
    elif not sys.stdin.isatty():
        _run(app, sys.stdin.read(), "<stdin>", names)
    else:
        _interact(app, names)


console = click.Command(
    "console", callback=shell.callback, params=shell.params, help=shell.help, short_help="The same as shell."
)


def namespace(app: App) -> dict[str, Any]:
    """Return the names for the shell: those of plugins, and those of the app, which replace none."""
    names: dict[str, Any] = {}
    for plugin in installed(shared()):
        if plugin.error is not None:
            note(str(plugin.error))
        with failing_alone(plugin, "gives no names"):
            names |= plugin.names("shell_names", object, app)
    return app.namespace(names, lambda about, error: note(f"{about}: {one_line(error)}"))


def _banner(app: App, names: dict[str, Any]) -> str:
    lines = [from_here(repr(app)), f"Names: {', '.join(sorted(names))}"]
    if others := renamed(app.routes, names):
        lines.append("Renamed: " + ", ".join(f"topic '{topic}' is {name}" for topic, name in others.items()))
    return "\n".join(lines)


def _run(app: App, program: str, name: str, names: dict[str, Any]) -> None:
    code = compile(program, name, "exec")
    others = renamed(app.routes, names)
    used = {node.id for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Name)} if others else ()
    for topic, other in others.items():
        if identifier(topic) in used:
            note(f"Topic '{topic}' is {other} here.")
    try:
        exec(code, names | {"__name__": "__main__"})
    except NameError as error:
        # One of the program's own, not of what it calls.
        if traceback.extract_tb(error.__traceback__)[-1].filename == name:
            error.args = (f"{error}{_way_out(app, str(error.name), names)}",)
        raise


def _way_out(app: App, missing: str, names: dict[str, Any]) -> str:
    if close := did_you_mean(missing, names):
        return f".{close}"
    return "" if len(app.routes) else f". No topic is declared: write Iterator('{missing}')."


def _interact(app: App, names: dict[str, Any]) -> None:
    banner = _banner(app, names)
    try:
        from IPython.terminal.embed import InteractiveShellEmbed
    except ImportError:
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401  # enables the arrow keys
        import code

        code.interact(banner, local=names | {"__name__": "__main__"}, exitmsg="")
    else:
        InteractiveShellEmbed(banner1=banner + "\n", user_ns=names)()
