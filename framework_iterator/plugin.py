"""What the entry point `iterator` of the group `framework.plugins` offers."""

from __future__ import annotations

import collections.abc as cabc
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from framework import App


class IteratorPlugin:
    """Adds commands, and puts `Iterator` into the shell, with the shell's application as its default."""

    def commands(self) -> cabc.Mapping[str, click.Command]:
        """`framework iterate` and `framework sizes`."""
        from framework_iterator.cli.iterate import iterate
        from framework_iterator.cli.sizes import sizes

        return {"iterate": iterate, "sizes": sizes}

    def shell_names(self, app: App) -> cabc.Mapping[str, object]:
        """The names to add to an interactive shell; its application is the current one there."""
        del app
        from framework_iterator import Iterator

        return {"Iterator": Iterator}


plugin = IteratorPlugin()
