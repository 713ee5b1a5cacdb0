"""Compare saved positions and committed offsets with what there is to read. Pure.

Where they don't fit, the topic was recreated, its log was truncated or has lost offsets, or they are of
something else.
"""

from __future__ import annotations

import collections.abc as cabc
import itertools
from typing import Final, NamedTuple

from framework.types import TopicPartition
from framework_iterator.planning.plan import Plan, PlannedPartition, by_topic
from framework_iterator.planning.starts import Earliest, Offset
from framework_iterator.planning.subscription import Subscription

_NAMED: Final = 3
"""A sentence names so many partitions, and the number of the others."""


class _Position(NamedTuple):
    """Where a partition should begin, and what says so."""

    kind: str
    offset: int
    planned: PlannedPartition


def misfits(
    subscription: Subscription,
    plan: Plan,
    committed: cabc.Mapping[TopicPartition, int | None],
    behind: cabc.Mapping[TopicPartition, tuple[int, int]],
) -> cabc.Iterator[str]:
    """Return a sentence for each topic with positions beyond the end or before the first offset.

    Args:
        subscription: The saved positions, as `resume` gave them.
        plan: What the partitions have.
        committed: The group's committed offsets, of partitions that start there.
        behind: The last stable offset of partitions where a transaction is open, and how many offsets lie
            behind it.
    """

    def is_unstable(each: _Position) -> bool:
        return each.offset <= each.planned.high + behind.get(each.planned.key, (0, 0))[1]

    for _, positions in itertools.groupby(
        _positions(subscription, plan, committed), lambda each: each.planned.topic
    ):
        found = list(positions)
        beyond = [each for each in found if each.offset > each.planned.high]
        for tell, misplaced in (
            (_unstable, [each for each in beyond if is_unstable(each)]),
            (_beyond, [each for each in beyond if not is_unstable(each)]),
            (_removed, [each for each in found if each.offset < each.planned.low]),
        ):
            if misplaced:
                yield tell(misplaced[0]) + _others(len(misplaced) - 1)


def ends_before_positions(
    subscription: Subscription, plan: Plan, committed: cabc.Mapping[TopicPartition, int | None]
) -> dict[TopicPartition, int]:
    """Return the ends of partitions whose saved position or committed offset lies beyond."""
    return {
        each.planned.key: each.planned.high
        for each in _positions(subscription, plan, committed)
        if each.offset > each.planned.high
    }


def unused(subscription: Subscription, plan: Plan) -> cabc.Iterator[str]:
    """Return a sentence where no saved position is of a partition that is read.

    Else return one for each topic that doesn't have all partitions with a position. Positions of other
    topics are usual: several runs may share them. So are those of other partitions where partitions are
    named.
    """
    saved = [TopicPartition(topic, number) for topic, each in subscription.resume.items() for number in each]
    planned = {each.key for each in plan}
    if saved and planned.isdisjoint(saved):
        yield (
            f"resume has no position of what is read, only of {_listed(saved)}: it is not used. "
            "Was it saved by another run, or for another cluster?"
        )
        return
    for selection in subscription.selections if planned else ():
        keys = [TopicPartition(selection.topic, number) for number in sorted(selection.saved)]
        missing = [key for key in keys if key not in planned]
        if missing and selection.everywhere is not None:
            yield (
                f"{_listed(missing)}: resume has positions of partitions that don't exist: "
                "was the topic recreated?"
            )


def new_partitions(subscription: Subscription, plan: Plan) -> cabc.Iterator[str]:
    """Return a sentence where partitions are newer than the saved positions, and so ignore their start."""
    read = by_topic(plan)
    added = [
        TopicPartition(selection.topic, number)
        for selection in subscription.selections
        if not isinstance(selection.everywhere, Earliest)
        for number in selection.newer_than_saved(read.get(selection.topic, ()))
    ]
    if added:
        yield (
            f"New partitions since the positions were saved: {_listed(added)}. "
            "Reading them from their first message."
        )


def nothing_committed(
    plan: Plan, committed: cabc.Mapping[TopicPartition, int | None], group: str
) -> cabc.Iterator[str]:
    """Return a sentence for each topic that starts where the group has committed, and has committed nothing.

    It may be the first run, or the wrong group. Where it has committed some partitions, only those of the
    others are named of which messages are passed over, such as new ones with `auto.offset.reset=latest`.
    """
    for topic, offsets in by_topic(committed).items():
        starts = [plan[topic, number] for number in offsets if committed[offsets[number]] is None]
        passed = [each.key for each in starts if each.start > each.low]
        where = "end" if passed else "first message"
        if starts and len(starts) == len(offsets):
            yield f"{topic}: group '{group}' has committed nothing: reading starts at the {where}."
        elif passed:
            yield f"{_listed(passed)}: group '{group}' has committed nothing: reading starts at the {where}."


def _positions(
    subscription: Subscription, plan: Plan, committed: cabc.Mapping[TopicPartition, int | None]
) -> cabc.Iterator[_Position]:
    saved = {selection.topic: selection.saved for selection in subscription.selections}
    for each in plan:
        position = saved[each.topic].get(each.partition)
        if isinstance(position, Offset):
            yield _Position("saved position", position.offset, each)
        elif (offset := committed.get(each.key)) is not None:
            yield _Position("committed offset", offset, each)


def _beyond(position: _Position) -> str:
    kind, offset, planned = position
    return (
        f"{planned.key}: the {kind} {offset} lies beyond the end ({planned.high:,}): was the topic "
        f"recreated, or its log truncated? Reading starts at {planned.start:,}."
    )


def _unstable(position: _Position) -> str:
    kind, offset, planned = position
    return (
        f"{planned.key}: the {kind} {offset} lies beyond the last stable offset {planned.high}: "
        "a transaction is open. Was it reached with isolation.level=read_uncommitted? "
        f"Reading starts at {planned.start:,}."
    )


def _removed(position: _Position) -> str:
    kind, offset, planned = position
    count = planned.low - offset
    removed = "1 offset was" if count == 1 else f"{count:,} offsets were"
    return (
        f"{planned.key}: {removed} removed between the {kind} {offset} and the first kept "
        f"offset {planned.low}: they were not read."
    )


def _others(count: int) -> str:
    if not count:
        return ""
    return f" The same is true of {'another partition' if count == 1 else f'{count} other partitions'}."


def _listed(keys: cabc.Sequence[TopicPartition]) -> str:
    more = len(keys) - _NAMED
    return ", ".join(map(str, keys[:_NAMED])) + (f" and {more} more" if more > 0 else "")
