"""The plugin: the entry point `iterator` of the group `framework.plugins`."""

from __future__ import annotations

import collections.abc as cabc
from typing import TYPE_CHECKING

import click

from framework_iterator.cli.iterate import iterate
from framework_iterator.cli.sizes import sizes

if TYPE_CHECKING:
    from framework import App


class IteratorPlugin:
    """Adds the commands `iterate` and `sizes`, and `Iterator` in the shell."""

    def commands(self) -> cabc.Mapping[str, click.Command]:
        """Return `framework iterate` and `framework sizes`."""
        return {"iterate": iterate, "sizes": sizes}

    def shell_names(self, _app: App) -> cabc.Mapping[str, object]:
        """Return the names for an interactive shell, whose application is the current one."""
        from framework_iterator import Iterator  # late: the plugin is loaded for --help

        return {"Iterator": Iterator}


plugin = IteratorPlugin()
