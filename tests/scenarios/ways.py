"""The two ways to read a run, `for` and `async for`, as one: so a scenario proves its sentence for both."""

from __future__ import annotations

import asyncio
import collections.abc as cabc
from typing import Any, TypeAlias

Source: TypeAlias = Any
"""An Iterator, or its batches."""
Read: TypeAlias = cabc.Callable[[Source], cabc.Iterator[Any]]


def by_for(source: Source) -> cabc.Iterator[Any]:
    """What a plain loop is given."""
    return iter(source)


def by_async_for(source: Source) -> cabc.Generator[Any]:
    """What `async for` is given, in an event loop that runs while the next message is awaited.

    The body of a loop over this is that of the `async for`: when it is left, so is that, and the event loop.
    """
    with asyncio.Runner() as runner:
        run = aiter(source)

        ended = object()

        async def following() -> Any:
            return await anext(run, ended)

        while (given := runner.run(following())) is not ended:
            yield given
