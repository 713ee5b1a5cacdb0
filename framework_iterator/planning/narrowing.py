"""Narrow a subscription to some of its partitions. Pure."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses

from framework_iterator.planning.subscription import Selection, Subscription

Chosen = cabc.Mapping[str, cabc.Collection[int] | None]
"""Which partitions of each topic are read; None for all that were asked for."""


def narrowed(subscription: Subscription, chosen: Chosen) -> Subscription:
    """Return a subscription that asks for nothing of the other partitions.

    Notes then mention only partitions that are read.
    """
    selections = tuple(_narrowed(each, chosen.get(each.topic)) for each in subscription.selections)
    return dataclasses.replace(subscription, selections=selections)


def _narrowed(selection: Selection, numbers: cabc.Collection[int] | None) -> Selection:
    if numbers is None:
        return selection
    return dataclasses.replace(
        selection,
        partitions={number: start for number, start in selection.partitions.items() if number in numbers},
        untils={number: until for number, until in selection.untils.items() if number in numbers},
        saved={number: start for number, start in selection.saved.items() if number in numbers},
    )
