"""What an application adds to the command line and the shell."""

from __future__ import annotations

import collections.abc as cabc
from typing import TYPE_CHECKING, Any

from framework.async_functions import is_async
from framework.errors import ConfigError
from framework.models import describe

if TYPE_CHECKING:
    from click import Command  # 25 ms that a program without commands doesn't need

AnyFunction = cabc.Callable[..., Any]
ShellNames = cabc.Callable[[], cabc.Mapping[str, object]]


class Extensions:
    """The commands and shell names that an application declares."""

    def __init__(self) -> None:
        """Start with none."""
        self.commands: dict[str, Command] = {}
        self._shell_names: list[ShellNames] = []

    def command(self, name: str | None, attributes: dict[str, Any]) -> cabc.Callable[[AnyFunction], Command]:
        """Return a decorator that makes a function a command, as `click.command` does, and adds it."""
        import click

        if callable(name):
            raise ConfigError("Write @app.command() with parentheses, as for click.command.")

        def declare(function: AnyFunction) -> Command:
            _check_plain("app.command()", function)
            decorate: cabc.Callable[[AnyFunction], Command] = click.command(name, **attributes)
            command = decorate(function)
            if self.commands.setdefault(str(command.name), command) is not command:
                raise ConfigError(f"There are two commands '{command.name}'. Name one: @app.command('...').")
            return command

        return declare

    def add_shell_names(self, function: ShellNames) -> None:
        """Add a function without arguments that returns names for the shell."""
        _check_plain("app.shell_names", function)
        self._shell_names.append(function)

    def shell_names(self) -> dict[str, object]:
        """Call the functions, and return their names; of equal names the last one wins."""
        return {name: value for function in self._shell_names for name, value in function().items()}


def _check_plain(decorator: str, function: Any) -> None:
    """Raise a ConfigError for a function with `async`, which would do nothing."""
    if is_async(function):
        raise ConfigError(
            f"@{decorator} of {describe(function)!r}, which is async: expected a plain function. "
            "Call asyncio.run() in it."
        )
