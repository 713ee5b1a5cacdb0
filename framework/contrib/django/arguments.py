"""The arguments of `manage.py kafka`: those of Django's commands, and all the others, which click parses."""

from __future__ import annotations

import argparse
import collections.abc as cabc
from typing import Any

import click
from django.core.management.base import CommandParser

_FLAGS = ("--traceback", "--no-color", "--force-color", "--skip-checks")
_VALUES = ("--settings", "--pythonpath")


class Parser(CommandParser):  # type: ignore[misc]
    """Reads Django's long options, wherever they are, and keeps all arguments for click.

    Args:
        base: The parser of Django's options, with their defaults.
    """

    def __init__(self, base: CommandParser) -> None:
        """Have the options of `base`, so that `call_command` accepts them as keywords."""
        super().__init__(prog=base.prog, parents=[base], add_help=False)
        self._scan = argparse.ArgumentParser(prog=base.prog, add_help=False, allow_abbrev=False)
        for name in _FLAGS:
            self._scan.add_argument(name, action="store_true", default=argparse.SUPPRESS)
        for name in _VALUES:
            self._scan.add_argument(name, default=argparse.SUPPRESS)

    def parse_args(self, args: cabc.Sequence[str] | None = None, namespace: Any = None) -> Any:
        """Return Django's options, and all arguments as `arguments`; an invalid one is for click to find."""
        options = super(CommandParser, self).parse_args([], namespace)
        self._scan.parse_known_args(args, options)
        options.arguments = list(args or ())
        return options


def django_options(*, hidden: bool) -> list[click.Option]:
    """Return the options that every command of Django has: `Parser` reads them, and click skips them.

    Args:
        hidden: Whether the help leaves them out.
    """
    texts = {
        "--traceback": "Raise an error instead of printing its sentence.",
        "--no-color": "Don't colorize the output.",
        "--force-color": "Colorize the output.",
        "--skip-checks": "Accepted, as by other commands: this one runs no system checks.",
    }
    return [
        click.Option(
            ["--settings"], metavar="MODULE", expose_value=False, hidden=hidden,
            help="The settings of the project.",
        ),
        click.Option(
            ["--pythonpath"], metavar="FOLDER", expose_value=False, hidden=hidden,
            help="A folder to import from.",
        ),
        click.Option(
            ["-v", "--verbosity"], type=click.IntRange(0, 3), expose_value=False, hidden=hidden,
            help="Accepted, as by other commands, without an effect.",
        ),
        *(
            click.Option([name], is_flag=True, expose_value=False, hidden=hidden, help=text)
            for name, text in texts.items()
        ),
    ]  # fmt: skip
