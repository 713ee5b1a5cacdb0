"""The loops of a run: open a session, give what it reads, close it.

`asynchronous.loops` has the same for `async for`.
"""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
from typing import Any

from framework_iterator.reading.source import FETCH_SIZE
from framework_iterator.recipe import Recipe
from framework_iterator.session import Session

OpenSession = cabc.Callable[[], Session]


def messages(open_session: OpenSession) -> cabc.Generator[Any]:
    """Open a session and yield its messages; with `yield_none` also None."""
    with open_session() as session:
        handover, control = session.handover, session.control
        while (delivery := session.next(1, FETCH_SIZE)) is not None:
            if not len(delivery):
                yield None
                continue
            # Here, and not in a generator of its own: `yield from` costs 15 ns a message.
            for message in handover.messages():
                handover.current = message
                yield message
                if control.interrupted:  # by stop(), stop_partition(), the bar; `next` gives the rest
                    break


def batches(open_session: OpenSession, size: int, least: int = 0) -> cabc.Generator[Any]:
    """Open a session and yield batches of `least` to `size` messages; with `yield_none` also None."""
    with open_session() as session:
        handover = session.handover
        while (delivery := session.next(least or size, size)) is not None:
            if not len(delivery):
                yield None
                continue
            batch = handover.batch()
            # No call between these two lines: Ctrl-C in one would count a batch that the loop never got.
            handover.current = batch
            yield batch


def for_first(recipe: Recipe) -> Recipe:
    """Return the recipe of a run that gives one message."""
    limit = 1 if recipe.limit is None else min(1, recipe.limit)
    return dataclasses.replace(recipe, limit=limit, yield_none=False)
