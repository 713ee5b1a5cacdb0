"""Which topics of a run grow, and what is planned for a partition that they get while it reads. Pure.

A new partition starts at its first message, whatever the start of the others was: all its messages are newer
than the run. It ends where the others end.
"""

from __future__ import annotations

import collections.abc as cabc

from framework.types import TopicPartition
from framework_iterator.planning.plan import Plan, PlannedPartition, by_topic
from framework_iterator.planning.starts import Moment, Offset, ParsedStart
from framework_iterator.planning.subscription import Selection, Subscription

Growth = cabc.Mapping[str, ParsedStart | None]
"""The topics whose new partitions are read, and where each of those ends; None is no end."""


def growth_of(subscription: Subscription | Plan, planned: cabc.Collection[TopicPartition]) -> Growth:
    """Return the topics of a following run whose new partitions are read.

    Args:
        subscription: Topics with starts and ends. A plan stays as it is.
        planned: The partitions that existed when the run was planned.
    """
    if isinstance(subscription, Plan):
        return {}
    existing = by_topic(planned)
    return {
        selection.topic: selection.until
        for selection in subscription.selections
        if _grows(selection, existing.get(selection.topic, ()))
    }


def plan_new(key: TopicPartition, until: ParsedStart | None) -> PlannedPartition:
    """Return what is planned for a new partition.

    It needs no request. Messages that Kafka removed from it before the run found it are lost to the run, and
    are counted as lost.
    """
    stop = until.offset if isinstance(until, Offset) else None
    moment = until.milliseconds if isinstance(until, Moment) else None
    return PlannedPartition(*key, low=0, high=0, start=0, stop=stop, until=moment)


def _grows(selection: Selection, planned: cabc.Iterable[int]) -> bool:
    if selection.everywhere is None:
        return False  # only the partitions that were named
    if selection.untils:
        # With an end for each of its partitions the topic is to end; a partition without one would never end.
        return any(selection.untils.get(number) is None for number in planned)
    # Other ends lie in the log as it was when the run began, and so before every message of a new partition.
    return selection.until is None or isinstance(selection.until, Offset | Moment)
