"""Asks the broker what a plan needs to know: the same few requests for one partition and for a thousand."""

from __future__ import annotations

import collections.abc as cabc

from framework import timestamps
from framework.types import Partition
from framework_iterator.planning import plan, starts
from framework_iterator.planning.queries import Queries
from framework_iterator.planning.plan import Plan
from framework_iterator.planning.starts import Committed, OffsetFacts
from framework_iterator.planning.subscription import Subscription


def resolve(lookups: Queries, subscription: Subscription, *, follow: bool, reset: str) -> Plan:
    """The plan for a subscription, as the cluster is now."""
    now = timestamps.now()
    spans = subscription.over(lookups.partitions(subscription.topics))
    watermarks = lookups.watermarks(spans)
    start_moments = {key: starts.moment(span.start, now) for key, span in spans.items()}
    until_moments = {key: starts.moment(span.until, now) for key, span in spans.items()}
    at_start = lookups.offsets_at(_given(start_moments))
    at_until = lookups.offsets_at(_given(until_moments))
    committed = lookups.committed([key for key, span in spans.items() if isinstance(span.start, Committed)])
    facts = {
        key: OffsetFacts(*watermarks[key], at_moment=at_start.get(key), committed=committed.get(key), reset=reset)
        for key in spans
    }
    return plan.resolve(spans, facts, at_until, until_moments=until_moments, follow=follow)


def _given(moments: cabc.Mapping[Partition, int | None]) -> dict[Partition, int]:
    return {key: moment for key, moment in moments.items() if moment is not None}
