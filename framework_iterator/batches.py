"""A run in batches, for `for` and for `async for`."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Batches(cabc.Generator[T, None, None], cabc.AsyncIterable[T], Generic[T]):
    """What `Iterator.batches()` returns: the generator of a run, or, by `async for`, an asynchronous one.

    Args:
        generator: Of a run, which starts with its first batch.
        start_async: Starts an asynchronous one.
    """

    def __init__(
        self, generator: cabc.Generator[T], start_async: cabc.Callable[[], cabc.AsyncIterator[T]]
    ) -> None:
        """Neither is started yet."""
        self._generator = generator
        self._start_async = start_async

    def __iter__(self) -> cabc.Generator[T]:
        """Return the generator."""
        return self._generator

    def __aiter__(self) -> cabc.AsyncIterator[T]:
        """Return a new run, which starts with its first batch."""
        return self._start_async()

    def send(self, value: None) -> T:
        """Return the next batch."""
        return self._generator.send(value)

    def throw(self, *error: Any) -> T:
        """Raise an exception in the run."""
        return self._generator.throw(*error)

    def close(self) -> None:
        """End the run."""
        self._generator.close()
