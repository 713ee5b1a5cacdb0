"""Join the reports of the parts into one. Pure."""

from __future__ import annotations

import collections.abc as cabc
from typing import Final

from framework_iterator.planning.plan import Plan, PlannedPartition
from framework_iterator.report import Ended, PartitionReport, Report

_COUNTS: Final = ("messages", "lost", "filtered", "unreadable")


def join(plan: Plan, reports: cabc.Iterable[Report]) -> Report:
    """Return one report over all partitions of a plan, whose parts have these reports.

    A partition that was cut counts up to its first offset that was not read: what a later part has read
    of it is left out, so that `positions` is where to read on.
    """
    slices: dict[tuple[str, int], list[PartitionReport]] = {}
    error = None
    for report in reports:
        error = error or report.error
        for each in report:
            slices.setdefault(each.key, []).append(each)
    partitions = tuple(_join(each, slices.get(each.key, [])) for each in plan)
    ends = [each.ended for each in partitions if each.ended is not Ended.END]
    return Report(partitions, ends[0] if ends else Ended.END, error)


def _join(planned: PlannedPartition, slices: list[PartitionReport]) -> PartitionReport:
    counts = dict.fromkeys(_COUNTS, 0)
    position, ended = planned.start, None
    for each in sorted(slices, key=lambda each: (each.start, each.position)):
        if each.start > position:
            break
        for name in _COUNTS:
            counts[name] += getattr(each, name)
        position, ended = each.position, each.ended
    if planned.stop is not None and position < planned.stop and ended in (None, Ended.END):
        ended = Ended.CLOSED  # the next part has read nothing
    return PartitionReport(
        planned.topic, planned.partition, planned.start, planned.stop, position, ended=ended, **counts
    )


def nothing_of(part: Plan) -> Report:
    """Return the report of a part whose function has read nothing."""
    return Report(
        tuple(
            PartitionReport(*each.key, each.start, each.stop, each.start, 0, 0, Ended.CLOSED) for each in part
        ),
        Ended.CLOSED,
    )
