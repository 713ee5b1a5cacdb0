"""The plugin: the entry point `iterator` of the group `framework.plugins`."""

from __future__ import annotations

import collections.abc as cabc

import click

from framework import App
from framework_iterator import Iterator
from framework_iterator.cli.explore import explore
from framework_iterator.cli.export import export_topics
from framework_iterator.cli.iterate import iterate
from framework_iterator.cli.sizes import sizes
from framework_iterator.cli.snapshot import snapshot
from framework_iterator.cli.sql import sql


class IteratorPlugin:
    """Adds `explore`, `export`, `iterate`, `sizes`, `snapshot` and `sql`, and `Iterator` in the shell."""

    def commands(self) -> cabc.Mapping[str, click.Command]:
        """Return those of `framework explore`, `export`, `iterate`, `sizes`, `snapshot` and `sql`."""
        return {
            "explore": explore,
            "export": export_topics,
            "iterate": iterate,
            "sizes": sizes,
            "snapshot": snapshot,
            "sql": sql,
        }

    def shell_names(self, _app: App) -> cabc.Mapping[str, object]:
        """Return the names for an interactive shell, whose application is the current one."""
        return {"Iterator": Iterator}


plugin = IteratorPlugin()
