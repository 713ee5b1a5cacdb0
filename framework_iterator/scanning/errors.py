"""The error of a scan, and how it says which part failed."""

from __future__ import annotations

import collections.abc as cabc
from typing import Any, Final

from framework_iterator.errors import IteratorError
from framework_iterator.planning.plan import Plan
from framework_iterator.report import Report

_NAMED: Final = 3
"""A sentence names so many partitions, and the number of the others."""


class ScanError(IteratorError):
    """A part of a scan failed; `__cause__` is the error of its worker, with the worker's traceback as a note.

    `part` is the plan of the part. `reports` has what each part had read when it was last heard of, in the
    order of the parts. Where all parts ended, and only the marks were not committed,
    `scan` is the result, and `part` the whole plan.
    """

    def __init__(
        self, message: str, *, part: Plan, reports: cabc.Iterable[Report] = (), scan: Any = None
    ) -> None:
        """Keep the text, the part, the reports and the result."""
        super().__init__(message)
        self.part = part
        self.reports = tuple(reports)
        self.scan = scan


def name_of(part: Plan) -> str:
    """`flights-0 0..500, flights-1 0..300`."""
    more = len(part) - _NAMED
    named = ", ".join(str(each) for each in list(part)[:_NAMED])
    return f"{named} and {more} more" if more > 0 else named
