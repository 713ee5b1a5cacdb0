"""Wherever Ctrl-C hits a loop, the report counts what the loop was given: no more, no less.

So positions that were saved on the way out skip nothing that the loop has not had.
"""

from __future__ import annotations

import pytest

from tests import support
from tests.scenarios.programs import output_of

BAD = b"\xff"

# The timer's signal comes at another moment of each run; before it could meet the end, it is turned off.
PROGRAM = """
import random
signal.signal(signal.SIGALRM, signal.default_int_handler)
moments = random.Random(MODE)
wrong, hit = set(), 0
for _ in range(40):
    iterator = Iterator(topic, errors="skip")
    given = []
    try:
        for each in iterator.batches(size=500) if MODE == "batches" else iterator:
            given.append(each)
            if len(given) == 1:
                signal.setitimer(signal.ITIMER_REAL, moments.uniform(1e-5, 0.02))
            if len(given) == MOST:
                signal.setitimer(signal.ITIMER_REAL, 0)
                break
    except KeyboardInterrupt:
        hit += 1
    messages = [message for batch in given for message in batch] if MODE == "batches" else given
    behind = {message.partition: message.offset + 1 for message in messages}
    for each in iterator.report:
        had = sum(message.partition == each.partition for message in messages)
        # Those that can't be read are every fifth; some of them may be passed with what stands in front.
        passed = each.position - behind.get(each.partition, 0)
        if (each.messages, each.gaps) != (had, 0) or not 0 <= passed <= 1:
            wrong.add(f"{each} {had}")
say("hit" if hit else "never hit", *wrong)
"""


@pytest.mark.parametrize(("mode", "most"), [("batches", 18), ("messages", 9000)])
def test_at_any_moment(kafka: str, topic: support.TopicFactory, mode: str, most: int) -> None:
    name = topic(3, {number: [BAD, "a", "b", "c", "d"] * 800 for number in range(3)})
    assert output_of(f"MODE, MOST = {mode!r}, {most}" + PROGRAM, kafka, name) == ["hit"]
