"""Blocking calls beside the event loop, in threads that the end of the program doesn't wait for."""

from __future__ import annotations

import asyncio
import collections.abc as cabc
import threading
from typing import Any, Final, TypeVar

T = TypeVar("T")

AT_ONCE: Final = 20
"""Calls at the same time; others wait for one to end."""
_free = threading.BoundedSemaphore(AT_ONCE)


async def in_thread(function: cabc.Callable[..., T], *args: Any) -> T:
    """Return or raise what a blocking function does.

    Without a broker a call lasts `broker_timeout`. The threads of starlette's pool are no daemons, so Ctrl-C
    would have to wait for it.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(method: cabc.Callable[[Any], None], value: Any) -> None:
        if not answer.done():  # the page was left
            method(value)

    def run() -> None:
        with _free:
            try:
                found = function(*args)
            except BaseException as error:
                _call(settle, answer.set_exception, error)
            else:
                _call(settle, answer.set_result, found)

    def _call(*call: Any) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(*call)

    threading.Thread(target=run, name="explorer-page", daemon=True).start()
    return await answer
