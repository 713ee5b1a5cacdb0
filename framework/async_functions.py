"""Recognize functions that need an event loop: nothing here would run what they return."""

from __future__ import annotations

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
    while isinstance(function, functools.partial):
        function = function.func
    calls = [function]
    if callable(function) and not isinstance(function, type):
        calls.append(type(function).__call__)
    return any(is_one(call) for is_one in _OF_ASYNC for call in calls)


def not_async(returned: T) -> T:
    """Return what a function returned; an AsyncFunctionError for a coroutine, which is closed."""
    if inspect.iscoroutine(returned):
        returned.close()  # else Python would warn that it was never awaited
        raise AsyncFunctionError
    if inspect.isasyncgen(returned):
        raise AsyncFunctionError
    return returned
