"""Recognize functions that need an event loop, and generators: nothing here would run what they return."""

from __future__ import annotations

import collections.abc as cabc
import functools
import inspect
from typing import Any, Final, TypeVar

T = TypeVar("T")

_OF_ASYNC: Final = inspect.iscoroutinefunction, inspect.isasyncgenfunction


class AsyncFunctionError(TypeError):
    """A function returned a coroutine."""

    def __init__(self) -> None:
        """Say what was expected."""
        super().__init__("it is async: expected a plain function")


def is_async(function: Any) -> bool:
    """Whether it is declared with `async`: a function, a partial of one, or an object with such a call."""
    return _is_any(function, _OF_ASYNC)


def is_generator(function: Any) -> bool:
    """Whether it is declared with `yield`, as `is_async`: a call runs nothing of its body."""
    return _is_any(function, (inspect.isgeneratorfunction,))


def _is_any(function: Any, kinds: tuple[cabc.Callable[[Any], bool], ...]) -> bool:
    while isinstance(function, functools.partial):
        function = function.func
    calls = [function]
    if callable(function) and not isinstance(function, type):
        calls.append(type(function).__call__)
    return any(is_one(call) for is_one in kinds for call in calls)


def not_async(returned: T) -> T:
    """Return what a function returned; an AsyncFunctionError for a coroutine, which is closed."""
    if inspect.iscoroutine(returned):
        returned.close()  # else Python would warn that it was never awaited
        raise AsyncFunctionError
    if inspect.isasyncgen(returned):
        raise AsyncFunctionError
    return returned
