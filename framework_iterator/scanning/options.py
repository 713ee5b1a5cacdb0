"""The options of a scan, and what is checked of them at once."""

from __future__ import annotations

import collections.abc as cabc
import concurrent.futures
import multiprocessing
import re
from typing import Any, Final, TypedDict

from framework import App
from framework.types import KafkaSettings
from framework_iterator.checks import natural
from framework_iterator.errors import InvalidOptionError, IteratorError
from framework_iterator.options import Errors
from framework_iterator.planning.positions import Positions
from framework_iterator.planning.subscription import Until
from framework_iterator.selecting.filters import Predicate

_REFUSED: Final = {
    "follow": "a scan has an end",
    "yield_none": "a scan has an end",
    "limit": "the parts would have to count together; filter with where=, or read with an Iterator",
    "order": "the parts are read at the same time; read with an Iterator",
    "max_wait": "a scan waits for no message",
}
"""Options of an Iterator that a scan can't have, and why."""


class ScanOptions(TypedDict, total=False):
    """What the overloads of `scan` have in common; see there."""

    workers: int | None
    executor: concurrent.futures.Executor | None
    app: App | str | None
    settings: KafkaSettings | None
    until: Until
    resume: Positions | None
    where: Predicate | None
    key: object
    containing: str | bytes | re.Pattern[bytes] | None
    errors: Errors
    group_id: str | None
    mark: bool
    progress: bool


def check_refused(options: cabc.Mapping[str, object]) -> None:
    """Raise InvalidOptionError for options of an Iterator that a scan can't have, TypeError for others."""
    for name, value in options.items():
        if name not in _REFUSED:
            raise TypeError(f"scan() got an unexpected keyword argument {name!r}")
        raise InvalidOptionError(f"{name}={value!r} is refused: {_REFUSED[name]}.")


def check_workers(workers: object) -> int | None:
    """Return a number of workers, or None; anything else is an InvalidOptionError."""
    if workers is None or natural(workers):
        return natural(workers)
    raise InvalidOptionError(f"workers={workers!r} is invalid: expected an int >= 1 or None.")


def check_executor(executor: object) -> None:
    """Raise InvalidOptionError for anything but an executor of concurrent.futures, or None."""
    if not isinstance(executor, concurrent.futures.Executor | None):
        raise InvalidOptionError(
            f"executor={executor!r} is invalid: expected a concurrent.futures.Executor, such as Dask's "
            "client.get_executor()."
        )


def check_not_importing() -> None:
    """Raise IteratorError in a process that imports the program of the caller, in order to work for it."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise IteratorError(
            "scan() is called while a worker process imports this program. Put what the program runs below "
            "if __name__ == '__main__':, since workers import it, too."
        )


def check_callable(name: str, value: object) -> cabc.Callable[..., Any]:
    """Return a function; anything else is an InvalidOptionError."""
    if callable(value):
        return value
    raise InvalidOptionError(f"{name}={value!r} is invalid: expected a function.")
