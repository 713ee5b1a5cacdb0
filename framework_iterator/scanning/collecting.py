"""Collect what the workers send, in whatever order it comes: reports, values, the first failure. Pure."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any

from framework.error_text import typed_text_of
from framework_iterator.planning.plan import Plan
from framework_iterator.report import Report
from framework_iterator.scanning.errors import ScanError, name_of
from framework_iterator.scanning.joining import nothing_of
from framework_iterator.scanning.task import Outcome

News = tuple[int, Report | Outcome]
"""The number of a part, and how far it is, or how it has ended."""


class Collector:
    """Combines the values of the parts in their order, as they come.

    Args:
        parts: The plans of the parts.
        combine: Combines two values.
    """

    def __init__(self, parts: cabc.Sequence[Plan], combine: cabc.Callable[[Any, Any], Any]) -> None:
        """Nothing has come yet."""
        self._parts = parts
        self._combine = combine
        self._reports = [nothing_of(part) for part in parts]
        self._waiting: dict[int, Any] = {}
        self._combined = 0
        self.value: Any = None

    @property
    def reports(self) -> tuple[Report, ...]:
        """The latest report of each part, in the order of the parts."""
        return tuple(self._reports)

    @property
    def messages(self) -> int:
        """How many messages the workers have given."""
        return sum(report.messages for report in self._reports)

    def done(self) -> int:
        """Return how many offsets the workers have passed."""
        return sum(each.position - each.start for report in self._reports for each in report)

    def take(self, number: int, news: Report | Outcome) -> None:
        """Take what a part has sent; a failure is a ScanError."""
        report = news if isinstance(news, Report) else news.report
        if report is not None:
            self._reports[number] = report
        if isinstance(news, Outcome):
            if news.failure is not None:
                raise self._error(number, news.failure.restore())
            self._waiting[number] = news.value
            self._combine_ready()

    def _combine_ready(self) -> None:
        while self._combined in self._waiting:
            value = self._waiting.pop(self._combined)
            self.value = value if self._combined == 0 else self._combine(self.value, value)
            self._combined += 1

    def _error(self, number: int, cause: BaseException) -> ScanError:
        part = self._parts[number]
        error = ScanError(
            f"Part {number + 1} of {len(self._parts)} ({name_of(part)}) failed: {typed_text_of(cause)}",
            part=part,
            reports=self.reports,
        )
        error.__cause__ = cause
        return error
