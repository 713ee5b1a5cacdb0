"""Find starts and ends that are valid, give nothing, and were hardly meant. Pure."""

from __future__ import annotations

import collections.abc as cabc
from typing import Final

from framework import timestamps
from framework_iterator.planning.corrections import moment_of
from framework_iterator.planning.plan import Plan, PlannedPartition, by_topic
from framework_iterator.planning.starts import Ago, Earliest, Last, Latest, Moment, Offset, ParsedStart
from framework_iterator.planning.subscription import Selection, Subscription

_FAR: Final = 2
"""An offset beyond so many times the end is no guess at the end."""
_SKEW: Final = 86_400_000
"""Milliseconds that a start may lie ahead of this machine's clock, but not where a run follows."""


def unlikely_starts(subscription: Subscription, plan: Plan, now: int) -> list[str]:
    """Return a sentence for each start and end that can't be meant.

    These are offsets far beyond the end that look like a moment, starts in the future, and ends before the
    start. Saved positions are left out: nobody has written them.

    Args:
        subscription: The starts and ends as they were written.
        plan: What they resolved to.
        now: The time in milliseconds since 1970.
    """
    sentences: list[str] = []
    planned = by_topic(plan)
    for selection in subscription.selections:
        highs = _highs(planned.get(selection.topic, {}))
        starts, ends = _written(selection, highs)
        sentences += _beyond_the_end(selection.topic, "start", starts, highs)
        sentences += _beyond_the_end(selection.topic, "until", ends, highs)
        sentences += _in_the_future(selection.topic, starts, plan, now)
        if starts and all(_is_reversed(start, ends.get(number)) for number, start in starts.items()):
            sentences.append(f"{selection.topic}: the end lies before the start: nothing is read.")
    return sentences


def starts_beyond_the_end(subscription: Subscription, plan: Plan) -> list[str]:
    """Return a sentence for each offset that is beyond the end of all partitions it was written for.

    It may be meant, and looks like no moment. But a run that follows gives messages before it.
    """
    sentences: list[str] = []
    planned = by_topic(plan)
    where = ": following starts at the end" if plan.follows else ""
    for selection in subscription.selections:
        highs = _highs(planned.get(selection.topic, {}))
        for start, numbers in _grouped(_written(selection, highs)[0]).items():
            high = max(highs[number] for number in numbers)
            if isinstance(start, Offset) and start.offset > high and not _is_moment(start.offset, high):
                sentences.append(
                    f"{selection.topic}: offset {start.offset} is beyond the end ({high:,}){where}."
                )
    return sentences


def nothing_to_read(subscription: Subscription, plan: Plan, now: int) -> dict[str, str]:
    """Return a sentence for each topic of which nothing is planned, unless another sentence says why."""
    sentences: dict[str, str] = {}
    planned = by_topic(plan)
    for selection in subscription.selections if not plan.follows else ():
        partitions = planned.get(selection.topic, {})
        alone = Subscription((selection,))
        if any(each.count for each in partitions.values()):
            continue
        if not selection.saved.keys().isdisjoint(partitions):
            continue  # that nothing is new since then is what such a run finds most often
        if not (unlikely_starts(alone, plan, now) or starts_beyond_the_end(alone, plan)):
            sentences[selection.topic] = f"{selection.topic}: nothing to read: {_why(selection, partitions)}"
    return sentences


def _why(selection: Selection, planned: cabc.Mapping[int, PlannedPartition]) -> str:
    spans = selection.over(planned).values()
    if not spans:
        return "the key can't be in the partitions that were asked for."
    if all(span.until is None and isinstance(span.start, Earliest | Last) for span in spans):
        return "its messages were removed." if any(_highs(planned).values()) else "it has no messages."
    if all(isinstance(span.start, Latest) for span in spans):
        return "it starts at the end. With follow, a run waits for new messages."
    if all(span.until is None and isinstance(span.start, Ago | Moment) for span in spans):
        return "no message is newer than its start."
    return "no message lies between its start and its end."


def _highs(planned: cabc.Mapping[int, PlannedPartition]) -> dict[int, int]:
    return {number: each.high for number, each in planned.items()}


_Written = cabc.Mapping[int, ParsedStart]
"""The starts, or the ends, of partitions."""


def _written(selection: Selection, existing: cabc.Collection[int]) -> tuple[_Written, _Written]:
    spans = selection.over(existing)
    starts = {number: span.start for number, span in spans.items() if number not in selection.saved}
    return starts, {number: span.until for number, span in spans.items() if span.until is not None}


def _grouped(written: _Written) -> dict[ParsedStart, list[int]]:
    """Return the partitions by what was written for them: one sentence for all of a topic."""
    grouped: dict[ParsedStart, list[int]] = {}
    for number, start in written.items():
        grouped.setdefault(start, []).append(number)
    return grouped


def _beyond_the_end(
    topic: str, option: str, written: _Written, highs: cabc.Mapping[int, int]
) -> cabc.Iterator[str]:
    for start, numbers in _grouped(written).items():
        if not isinstance(start, Offset):
            continue
        high = max(highs[number] for number in numbers)
        if _is_moment(start.offset, high):
            moment = moment_of(start.offset)
            yield (
                f"{topic}: offset {start.offset} is beyond the end ({high:,}). "
                f"Did you mean the moment {moment}? Write --{option} {moment}, or a datetime."
            )


def _is_moment(offset: int, high: int) -> bool:
    return offset > _FAR * high and moment_of(offset) is not None


def _is_reversed(start: ParsedStart, end: ParsedStart | None) -> bool:
    """Whether an end lies before the start in any log; those of different kinds depend on the messages."""
    match start, end:
        case (Offset(first), Offset(last)) | (Moment(first), Moment(last)):
            return first > last
        case (Last(first), Last(last)) | (Ago(first), Ago(last)):
            return first < last
    return False


def _in_the_future(topic: str, starts: _Written, plan: Plan, now: int) -> cabc.Iterator[str]:
    latest = now if plan.follows else now + _SKEW
    for start, numbers in _grouped(starts).items():
        if not isinstance(start, Moment) or start.milliseconds <= latest:
            continue
        # Timestamps may lie in the future as well: then there is something to read.
        if all(plan[topic, number].start == plan[topic, number].high for number in numbers):
            moment = timestamps.from_milliseconds(start.milliseconds)
            which = "" if moment is None else f" {moment:%Y-%m-%dT%H:%M:%SZ}"
            where = ": following starts at the end" if plan.follows else ", after every message"
            yield f"{topic}: the start{which} lies in the future{where}."
