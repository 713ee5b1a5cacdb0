"""Complete names of topics and deserializers in the shell."""

from __future__ import annotations

import contextlib
from typing import Final

import click
from click.shell_completion import CompletionItem

from framework import FrameworkError
from framework.admin import Admin
from framework.cli.common import application
from framework_iterator.cli.deserializers import NAMES

_TIMEOUT: Final = 1.0
"""Seconds to wait for the broker's topics, while a user waits for the completion."""


def complete_topics(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the declared topics, and those of the broker if it answers within a second."""
    names: set[str] = set()
    with ctx.scope(cleanup=False):
        app = application(tolerant=True)
        names |= {topic.name for topic in app.routes}
        with contextlib.suppress(FrameworkError):  # without a broker, complete the declared topics
            names |= Admin(app.kafka, _TIMEOUT).topics().keys()
    return [CompletionItem(name) for name in sorted(names) if name.startswith(incomplete)]


def complete_deserializers(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the names of the ready deserializers."""
    return [CompletionItem(name) for name in NAMES if name.startswith(incomplete)]
