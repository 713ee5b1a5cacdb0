"""What a worker is sent, what it does, and what it sends back."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
from typing import Any, Final, Never

from framework import App, ConfigError
from framework.discovery import import_app
from framework_iterator.errors import InvalidOptionError
from framework_iterator.iterator import Iterator
from framework_iterator.planning.plan import Plan
from framework_iterator.report import Report
from framework_iterator.scanning.failure import Failure, portable

_MARKED: Final = (
    "Marks inside a scan are refused, since a part says nothing about the others. "
    "Pass scan(..., mark=True): it commits the end of all parts after they have ended."
)


@dataclasses.dataclass(frozen=True)
class Task:
    """What a worker is sent: no App, no settings of the app, and so no secret of it.

    Args:
        scan: A number of the scan; Dask would take two equal tasks for one.
        app: The import path of the application.
        servers: The `bootstrap.servers` that the worker must find, or None for any.
        part: What to read.
        declared: The topics that the application must declare.
        function: What to do with the messages.
        options: Options of the Iterator.
    """

    scan: str
    app: str
    servers: str | None
    part: Plan
    declared: tuple[str, ...]
    function: cabc.Callable[[Iterator[Any]], Any]
    options: cabc.Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a worker sends back when it has ended.

    Args:
        value: What the function returned.
        report: What was read; None where the function has read nothing.
        failure: Why it failed, if it did.
    """

    value: Any = None
    report: Report | None = None
    failure: Failure | None = None


class PartIterator(Iterator[Any]):
    """The Iterator of one part."""

    def mark_as_consumed(self, message: object, *, blocking: bool = False) -> Never:  # noqa: ARG002
        """Raise InvalidOptionError: a worker knows its part only."""
        raise InvalidOptionError(_MARKED)

    async def amark_as_consumed(self, message: object) -> Never:  # noqa: ARG002
        """Raise InvalidOptionError, as `mark_as_consumed`."""
        raise InvalidOptionError(_MARKED)


def run(
    task: Task,
    load: cabc.Callable[[str], App] = import_app,
    on_start: cabc.Callable[[Iterator[Any]], object] = lambda _: None,
) -> Outcome:
    """Run a part in this process and return its outcome; it never raises.

    Args:
        task: What to do.
        load: Imports the application.
        on_start: Is given the iterator before the function is.
    """
    iterator: Iterator[Any] | None = None
    try:
        app = load(task.app)
        _check(app, task)
        iterator = PartIterator(task.part, app=app, **task.options)
        on_start(iterator)
        try:
            value = task.function(iterator)
        finally:
            iterator.close()  # a run that the function has left open
    except BaseException as error:  # also SystemExit: the caller raises it
        return Outcome(report=_report(iterator), failure=Failure.of(error))
    return Outcome(value, _report(iterator))


def _check(app: App, task: Task) -> None:
    """Raise if the worker's application is another one than the caller's."""
    for name in task.declared:
        app.routes[name]
    found = str({**app.kafka, **(task.options.get("settings") or {})}["bootstrap.servers"])
    if task.servers not in (None, found):
        raise ConfigError(
            f"A worker's app {task.app!r} has bootstrap.servers={found!r}, the caller's {task.servers!r}, "
            "such as by app.override(). Pass scan(settings={'bootstrap.servers': ...}): it is sent."
        )


def _report(iterator: Iterator[Any] | None) -> Report | None:
    report = None if iterator is None else iterator.report
    return None if report is None else sendable(report)


def sendable(report: Report) -> Report:
    """Return a report whose error can be pickled."""
    return report if report.error is None else dataclasses.replace(report, error=portable(report.error))
