"""Make a plan: look up watermarks, moments and committed offsets, and resolve starts and ends.

The number of requests doesn't depend on the number of partitions.
"""

from __future__ import annotations

import collections.abc as cabc
from typing import NamedTuple

from framework import timestamps
from framework.types import TopicPartition
from framework_iterator.errors import InvalidStartError
from framework_iterator.planning import starts
from framework_iterator.planning.narrowing import narrowed
from framework_iterator.planning.plan import Plan, PlannedPartition
from framework_iterator.planning.queries import Queries
from framework_iterator.planning.starts import Committed, Moment, Offset, OffsetFacts
from framework_iterator.planning.subscription import Span, Subscription, partition_not_found

Clock = cabc.Callable[[], int]
"""The time in milliseconds since 1970."""

Choose = cabc.Callable[[str, int], frozenset[int] | None]
"""Returns which partitions of a topic with so many are read; None for all that were asked for."""


class Planned(NamedTuple):
    """A plan, the committed offsets that decided some of its starts, and what was asked for of it."""

    plan: Plan
    committed: cabc.Mapping[TopicPartition, int | None]
    subscription: Subscription


def make_plan(
    queries: Queries,
    subscription: Subscription,
    *,
    follow: bool,
    reset: str,
    now: Clock = timestamps.now,
    choose: Choose = lambda _topic, _count: None,
) -> Planned:
    """Return the plan of a subscription for the cluster as it is now.

    Args:
        queries: Asks the broker.
        subscription: Topics with starts and ends.
        follow: Whether a partition without an end gets none.
        reset: `auto.offset.reset`, for partitions where nothing was committed.
        now: The clock that a timedelta counts back from; read once.
        choose: Leaves out partitions that can't have what is wanted.
    """
    began = now()
    existing = queries.partitions(subscription.topics)
    subscription.over(existing)  # an error where it asks for a partition that doesn't exist
    chosen = {topic: choose(topic, len(numbers)) for topic, numbers in existing.items()}
    subscription = narrowed(subscription, chosen)
    spans = subscription.over({topic: chosen[topic] or numbers for topic, numbers in existing.items()})
    facts = _facts(queries, spans, began, reset)
    until_moments = {key: starts.moment(span.until, began) for key, span in spans.items()}
    at_until = queries.offsets_at(_given(until_moments))
    committed = {
        key: facts[key].committed for key, span in spans.items() if isinstance(span.start, Committed)
    }
    plan = resolve(spans, facts, at_until, until_moments=until_moments, follow=follow)
    return Planned(plan, committed, subscription)


def _facts(
    queries: Queries, spans: cabc.Mapping[TopicPartition, Span], began: int, reset: str
) -> dict[TopicPartition, OffsetFacts]:
    """Return what the broker says of each partition, as far as its start needs it."""
    watermarks = queries.watermarks(spans)
    moments = {key: starts.moment(span.start, began) for key, span in spans.items()}
    at_start = queries.offsets_at(_given(moments))
    committed = queries.committed([key for key, span in spans.items() if isinstance(span.start, Committed)])
    return {
        key: OffsetFacts(
            *watermarks[key], at_moment=at_start.get(key), committed=committed.get(key), reset=reset
        )
        for key in spans
    }


def check_plan(queries: Queries, plan: Plan) -> Plan:
    """Return a given plan if its topics and partitions exist; it asks for no watermarks."""
    existing = queries.partitions(plan.topics)
    for each in plan:
        if each.partition not in existing[each.topic]:
            raise partition_not_found(each.topic, each.partition, existing[each.topic])
    return plan


def resolve(
    spans: cabc.Mapping[TopicPartition, Span],
    facts: cabc.Mapping[TopicPartition, OffsetFacts],
    until_offsets: cabc.Mapping[TopicPartition, int | None],
    *,
    until_moments: cabc.Mapping[TopicPartition, int | None] | None = None,
    follow: bool = False,
) -> Plan:
    """Return the plan of these spans. Pure.

    Args:
        spans: Where each partition starts and ends, as it was written.
        facts: What the broker says of each partition.
        until_offsets: For ends that are moments, the first offset at or after it, or None.
        until_moments: Those moments, in milliseconds since 1970.
        follow: Whether a partition without an end gets none.
    """
    partitions = []
    for key, span in spans.items():
        known = facts[key]
        try:
            start = starts.offset(span.start, known)
        except InvalidStartError as error:
            raise InvalidStartError(f"{key[0]}-{key[1]}: {error}") from None
        stop = _stop(span, known, until_offsets.get(key), follow=follow)
        until = until_moments.get(key) if until_moments and stop is None else None
        partitions.append(PlannedPartition(*key, known.low, known.high, start, stop, until))
    return Plan(tuple(partitions))


def _stop(span: Span, known: OffsetFacts, at_moment: int | None, *, follow: bool) -> int | None:
    if span.until is None:
        return None if follow else known.high
    stop = starts.offset(span.until, known._replace(at_moment=at_moment))
    if not follow or stop < known.high:
        return stop
    # Past the end as it is now: following may still reach an offset, or a moment in the future.
    match span.until:
        case Offset(absolute):
            return max(absolute, stop)
        case Moment():
            return None
    return stop


def _given(moments: cabc.Mapping[TopicPartition, int | None]) -> dict[TopicPartition, int]:
    return {key: moment for key, moment in moments.items() if moment is not None}
