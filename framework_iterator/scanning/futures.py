"""Workers of an executor that the caller gave: a pool, loky, Dask."""

from __future__ import annotations

import collections.abc as cabc
import concurrent.futures
from typing import Any

from framework_iterator.errors import IteratorError
from framework_iterator.scanning.collecting import News
from framework_iterator.scanning.failure import Failure
from framework_iterator.scanning.packing import run_packed, unpack
from framework_iterator.scanning.task import Outcome, Task, run


def news_of(executor: concurrent.futures.Executor, tasks: cabc.Sequence[Task]) -> cabc.Generator[News]:
    """Submit the tasks, and yield their outcomes as they come; those left when it is closed are cancelled."""
    futures: dict[concurrent.futures.Future[Any], int] = {}
    try:
        for number, task in enumerate(tasks):
            futures[_submit(executor, task)] = number
        for future in concurrent.futures.as_completed(futures):
            yield futures[future], _outcome(future)
    finally:
        for future in futures:
            future.cancel()


def _submit(executor: concurrent.futures.Executor, task: Task) -> concurrent.futures.Future[Any]:
    work: cabc.Callable[[Task], Any] = run_packed
    if isinstance(executor, concurrent.futures.ThreadPoolExecutor):
        work = run  # nothing is sent
    try:
        return executor.submit(work, task)
    except Exception as error:  # each executor has errors of its own
        raise IteratorError(
            f"{executor!r} doesn't take the work: {type(error).__name__}: {error}. Can function="
            f"{task.function!r} be pickled, and is the executor open?"
        ) from error


def _outcome(future: concurrent.futures.Future[Any]) -> Outcome:
    try:
        error = future.exception()
    except concurrent.futures.CancelledError as cancelled:
        error = cancelled
    if error is not None:
        return Outcome(failure=Failure.of(error, with_traceback=False))
    outcome: Outcome | bytes = future.result()
    return outcome if isinstance(outcome, Outcome) else unpack(outcome)


def width_of(executor: Any) -> int | None:
    """Return how many workers an executor has, or None where it doesn't say."""
    if isinstance(most := getattr(executor, "_max_workers", None), int):  # of the standard library, and loky
        return most
    client: Any = getattr(executor, "_client", None)  # Dask
    return len(client.nthreads()) or None if hasattr(client, "nthreads") else None
