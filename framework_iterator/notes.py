"""What a run says about itself: why it gave less than was asked for, or what lies beyond its end.

The texts are pure. The logger `framework_iterator.notes` gets them: as warnings where a run gave nothing,
else as info. The command line shows both on stderr.
"""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import itertools
import logging
from typing import Final

from framework.types import TopicPartition
from framework_iterator.planning.plan import Plan, PlannedPartition, by_topic
from framework_iterator.planning.starts import Last
from framework_iterator.planning.subscription import Subscription
from framework_iterator.planning.unlikely import nothing_to_read
from framework_iterator.report import Report, no_message_in

logger: Final = logging.getLogger(__name__)


def log(level: int, *kinds: cabc.Iterable[str]) -> None:
    """Log each sentence of each kind."""
    for sentence in itertools.chain(*kinds):
        logger.log(level, "%s", sentence)


def gaps_in(
    topics: Subscription | Plan, report: Report, *, read_committed: bool = True
) -> cabc.Iterator[str]:
    """Return a sentence for each topic that gave fewer messages than offsets, where that is a surprise.

    That is where the last n offsets were asked for, and where a topic gave no message at all.

    Args:
        topics: What was asked for.
        report: What was read, to the end.
        read_committed: Whether aborted messages are left out.
    """
    asked = {} if isinstance(topics, Plan) else _last_offsets(topics, report)
    for topic, partitions in by_topic(report).items():
        gave_nothing = not any(
            each.messages + each.filtered + each.unreadable for each in partitions.values()
        )
        partial = [each for each in partitions.values() if each.gaps and (gave_nothing or each.key in asked)]
        if not partial:
            continue
        sentence = f"{topic}: {no_message_in(sum(each.gaps for each in partial), read_committed)}"
        # Of a partition that has no more offsets, there is nothing further back.
        further = [
            count
            for each in partial
            if (count := asked.get(each.key))
            and (each.position if each.stop is None else each.stop) - each.start >= count
        ]
        yield sentence + (
            f" For more, start further back, such as at -{2 * max(further)}." if further else ""
        )


def waiting_at(ends: cabc.Mapping[TopicPartition, int], report: Report) -> Report:
    """Return the report of a run that waits at these ends, as if it had passed the offsets before them."""
    partitions = [
        dataclasses.replace(each, position=ends.get(each.key, each.position)) for each in report.partitions
    ]
    return dataclasses.replace(report, partitions=tuple(partitions))


def _last_offsets(subscription: Subscription, report: Report) -> dict[TopicPartition, int]:
    """Return how many offsets before the end were asked for, of the partitions that start there."""
    read = by_topic(report)
    return {
        TopicPartition(selection.topic, number): span.start.count
        for selection in subscription.selections
        for number, span in selection.over(read.get(selection.topic, {})).items()
        if isinstance(span.start, Last)
    }


def nothing_in(
    subscription: Subscription, report: Report, waiting: cabc.Container[str], now: int
) -> cabc.Iterator[str]:
    """Return a sentence for each topic that had nothing to read, and doesn't wait for a transaction.

    Args:
        subscription: What was asked for.
        report: What was read, to the end.
        waiting: The topics in which a transaction is open.
        now: The time in milliseconds since 1970.
    """
    # Where nothing was read, the start is no less than the end.
    plan = Plan(
        tuple(
            PlannedPartition(*each.key, low=0, high=each.start, start=each.start, stop=each.stop)
            for each in report
        )
    )
    for topic, sentence in nothing_to_read(subscription, plan, now).items():
        if topic not in waiting:
            yield sentence


def unreadable_in(report: Report, first: str | None) -> cabc.Iterator[str]:
    """Return a sentence where messages were skipped, with the error of the first one."""
    if report.unreadable:
        skipped = "1 message was" if report.unreadable == 1 else f"{report.unreadable:,} messages were"
        yield f"{skipped} skipped as unreadable. The first: {first}"


def unreadable_key(first: str | None) -> cabc.Iterator[str]:
    """Return a sentence where keys that can't be read were compared with a wanted one."""
    if first is not None:
        yield f"Keys that failed to deserialize were taken for other keys. The first: {first}"


def nothing_passed(report: Report) -> cabc.Iterator[str]:
    """Return a sentence where messages were read, and filters removed all of them."""
    if not report.messages and (count := sum(each.filtered for each in report)):
        read = "1 message was" if count == 1 else f"{count:,} messages were"
        yield f"{read} read, and none matched."


def open_transactions(behind: cabc.Mapping[TopicPartition, tuple[int, int]]) -> cabc.Iterator[str]:
    """Return a sentence for each topic with offsets that can't be read yet.

    Args:
        behind: The last stable offset of a partition, and how many offsets lie behind it.
    """
    for topic, keys in itertools.groupby(behind, key=lambda key: key.topic):
        first, *others = keys
        stable = behind[first][0]
        count = sum(behind[key][1] for key in (first, *others))
        offsets = "1 offset lies" if count == 1 else f"{count:,} offsets lie"
        if not others:
            yield f"{first}: {offsets} behind the last stable offset {stable}: {_ONE_OPEN}"
        else:
            where = f"the last stable offsets of {len(others) + 1} partitions, such as {first}@{stable}"
            yield f"{topic}: {offsets} behind {where}: {_SOME_OPEN}"


_WAY_OUT: Final = "isolation.level=read_uncommitted reads them now."
_ONE_OPEN: Final = f"a transaction is open. {_WAY_OUT}"
_SOME_OPEN: Final = f"transactions are open. {_WAY_OUT}"
