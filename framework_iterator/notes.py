"""What a run says about itself: why it gave less than was asked for, or what lies beyond its end.

The texts are pure. The logger `framework_iterator.notes` gets them: as warnings where a run gave nothing,
else as info. The command line shows both on stderr.
"""

from __future__ import annotations

import collections.abc as cabc
import itertools
import logging
from typing import Final

from framework.types import TopicPartition
from framework_iterator.planning.plan import by_topic
from framework_iterator.planning.starts import Last
from framework_iterator.planning.subscription import Subscription
from framework_iterator.report import Report, no_message_in

logger: Final = logging.getLogger(__name__)


def log(level: int, *kinds: cabc.Iterable[str]) -> None:
    """Log each sentence of each kind."""
    for sentence in itertools.chain(*kinds):
        logger.log(level, "%s", sentence)


def gaps_in(subscription: Subscription, report: Report) -> cabc.Iterator[str]:
    """Return a sentence for each topic of which the last n offsets were asked for, and held fewer messages.

    Other starts name no number of messages.
    """
    read = by_topic(report)
    for selection in subscription.selections:
        partitions = read.get(selection.topic, {})
        spans = selection.over(partitions).items()
        asked = {number: span.start.count for number, span in spans if isinstance(span.start, Last)}
        partial = {number: partitions[number] for number in asked if partitions[number].gaps}
        if not partial:
            continue
        sentence = f"{selection.topic}: {no_message_in(sum(each.gaps for each in partial.values()))}"
        # Of a partition that has no more offsets, there is nothing further back.
        further = [
            asked[number]
            for number, each in partial.items()
            if each.stop is not None and each.stop - each.start >= asked[number]
        ]
        yield sentence + (
            f" For more, start further back, such as at -{2 * max(further)}." if further else ""
        )


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
