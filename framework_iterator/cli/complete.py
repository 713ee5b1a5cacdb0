"""Completion of topic names in the shell."""

from __future__ import annotations

import contextlib

import click
from click.shell_completion import CompletionItem

from framework import FrameworkError
from framework.cli.common import application

_PATIENCE = 1.0
"""Seconds that the broker has: somebody waits with a finger on the key."""


def complete_topics(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Declared topics, and those of the broker if it answers at once."""
    from framework.admin import Admin  # brings the client library, which no other help needs

    names: set[str] = set()
    with ctx.scope(cleanup=False):
        app = application(tolerant=True)
        names |= {topic.name for topic in app.routes}
        with contextlib.suppress(FrameworkError):  # without the broker, what is declared must do
            names |= Admin(app.kafka, _PATIENCE).topics().keys()
    return [CompletionItem(name) for name in sorted(names) if name.startswith(incomplete)]
