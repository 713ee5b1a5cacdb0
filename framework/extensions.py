"""What an application adds to the command line and the shell."""

from __future__ import annotations

import collections.abc as cabc
import keyword
from typing import TYPE_CHECKING, Any, NoReturn

from framework.async_functions import is_async, is_generator
from framework.errors import ConfigError
from framework.models import describe

if TYPE_CHECKING:
    from click import Command  # 25 ms that a program without commands doesn't need

AnyFunction = cabc.Callable[..., Any]
Names = cabc.Mapping[str, object]
ShellNames = cabc.Callable[[], Names]
Failed = cabc.Callable[[str, BaseException], None]


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

    def shell_names(self, own: Names, failed: Failed | None = None) -> dict[str, object]:
        """Call the functions, and return their names; of equal names the last one wins.

        Args:
            own: Names of the shell itself and of plugins, which they can't have.
            failed: Is called for each function that fails and each name that is left out, with what it is
                about and the error. By default the error is raised.
        """
        failed = failed or _raise
        names: dict[str, object] = {}
        for function in self._shell_names:
            about = f"@app.shell_names of {describe(function)!r}"
            try:
                found = _mapping(function())
            except (Exception, SystemExit) as error:  # the function is the user's
                failed(about, error)
                continue
            for name, value in found.items():
                if (reason := _why_unusable(name, value, own)) is None:
                    names[name] = value
                else:
                    failed(about, ConfigError(f"{reason}. Choose another name."))
        return names


def _raise(about: str, error: BaseException) -> NoReturn:
    if isinstance(error, ConfigError):
        raise ConfigError(f"{about}: {error}") from None
    raise error


def _mapping(found: object) -> cabc.Mapping[Any, object]:
    if isinstance(found, cabc.Mapping):
        return found
    returned = "None" if found is None else f"a {type(found).__name__}"
    raise ConfigError(f"it returned {returned}: expected a dict from names to objects.")


def _why_unusable(name: Any, value: object, own: Names) -> str | None:
    """Return why a name can't be one of the shell's; None if it can."""
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        return f"{name!r} is not a name that Python code can use"
    if name in own and value is not own[name]:
        return f"{name!r} is the shell's own name"
    return None


def _check_plain(decorator: str, function: Any) -> None:
    """Raise a ConfigError for a function with `async` or `yield`, which would do nothing."""
    if is_async(function):
        raise ConfigError(
            f"@{decorator} of {describe(function)!r}, which is async: expected a plain function. "
            "Call asyncio.run() in it."
        )
    if is_generator(function):
        raise ConfigError(
            f"@{decorator} of {describe(function)!r}, which is a generator function, whose body a call "
            "doesn't run: expected a function without yield."
        )
