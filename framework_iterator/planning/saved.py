"""Find saved positions that don't fit the log: it was recreated, truncated, or has lost offsets. Pure."""

from __future__ import annotations

from framework_iterator.planning.plan import Plan, by_topic
from framework_iterator.planning.starts import Offset
from framework_iterator.planning.subscription import Subscription


def misfits(subscription: Subscription, plan: Plan) -> list[str]:
    """Return a sentence for each saved position beyond the end of its partition, or before its first offset.

    Args:
        subscription: The positions, as `resume` gave them.
        plan: What the partitions have.
    """
    sentences: list[str] = []
    planned = by_topic(plan)
    for selection in subscription.selections:
        for number, each in planned.get(selection.topic, {}).items():
            position = selection.saved.get(number)
            if not isinstance(position, Offset):
                continue
            name, offset = f"{each.topic}-{each.partition}", position.offset
            if offset > each.high:
                sentences.append(
                    f"{name}: the saved position {offset} lies beyond the end ({each.high:,}): was the topic "
                    f"recreated, or its log truncated? Reading starts at {each.start:,}."
                )
            elif offset < each.low:
                removed = "1 offset was" if each.low - offset == 1 else f"{each.low - offset:,} offsets were"
                sentences.append(
                    f"{name}: {removed} removed between the saved position {offset} and the first kept "
                    f"offset {each.low}: they were not read."
                )
    return sentences
