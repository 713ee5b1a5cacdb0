"""What the entry point `iterator` of the group `framework.plugins` offers."""

from __future__ import annotations

import collections.abc as cabc

from framework import App


class IteratorPlugin:
    """Puts `Iterator` into the shell, with the shell's application as its default."""

    def shell_names(self, app: App) -> cabc.Mapping[str, object]:
        """The names to add to an interactive shell; its application is the current one there."""
        del app
        from framework_iterator import Iterator

        return {"Iterator": Iterator}


plugin = IteratorPlugin()
