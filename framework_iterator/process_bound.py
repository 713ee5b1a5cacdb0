"""Refuse to pickle what belongs to a process."""

from __future__ import annotations

from typing import Never


class ProcessBound:
    """Can be neither pickled nor copied: a copy would share the run, its client and its marks."""

    def __reduce__(self) -> Never:
        """Raise a TypeError that says what to pickle instead."""
        raise TypeError(
            f"{self!r} can't be pickled or copied: its run belongs to this process. Pickle what makes one "
            "instead, and write Iterator(...) there: the names of the topics, iterator.plan(), or "
            "iterator.report.positions for resume=."
        )
