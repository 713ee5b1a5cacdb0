"""The result of a scan."""

from __future__ import annotations

import dataclasses
from typing import Generic, TypeVar

from framework_iterator.report import Report

V = TypeVar("V", covariant=True)


@dataclasses.dataclass(frozen=True, repr=False)
class Scan(Generic[V]):
    """What a scan has found.

    Args:
        value: The combined values of the parts.
        report: What was read, of all parts together. A partition counts up to its first offset that was not
            read, so `report.positions` is where to read on.
        reports: What was read of each part, in the order of the parts.
    """

    value: V
    report: Report
    reports: tuple[Report, ...] = ()

    def __repr__(self) -> str:
        """`<Scan of 2 parts: 1,000 messages>`; the value may be large."""
        parts = "1 part" if len(self.reports) == 1 else f"{len(self.reports)} parts"
        return f"<Scan of {parts}: {self.report.messages:,} messages>"
