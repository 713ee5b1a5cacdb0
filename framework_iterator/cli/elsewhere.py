"""Options of other command lines that read Kafka: what they are called here."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, Final, TypeVar

import click

Command = TypeVar("Command", bound=cabc.Callable[..., Any])

_FLAGS: Final = {"--from-beginning": "--start earliest"}
_WITH_VALUE: Final = {"-n": "--limit", "--max-messages": "--limit"}


def options_elsewhere(command: Command) -> Command:
    """Refuse the options that others have for the same, and say what to write. No help shows them."""
    for name in (*_FLAGS, *_WITH_VALUE):
        command = click.option(
            name,
            f"elsewhere_{name.strip('-').replace('-', '_')}",
            is_flag=name in _FLAGS,
            hidden=True,
            expose_value=False,
            callback=_refuse,
        )(command)
    return command


def _refuse(_context: click.Context, parameter: click.Parameter, value: Any) -> None:
    name = parameter.opts[0]
    if value:
        meant = _FLAGS.get(name) or f"{_WITH_VALUE[name]} {value}"
        raise click.UsageError(f"No such option: {name}. Write {meant}.")
