"""When a run is over, what it fetched and didn't give is gone, though the Iterator is kept."""

from __future__ import annotations

import pytest

from tests import support
from tests.scenarios.programs import output_of
from tests.scenarios.test_clean_frees_memory import MEGABYTE

HELD = """
import contextlib, gc, tracemalloc

def held(leave, **options):
    iterator = Iterator(topic, **options)
    tracemalloc.start()
    leave(iterator)
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return "nothing" if held < 500_000 else f"{held} bytes"

def break_out(iterator):
    for _ in iterator: break

def stop(iterator):
    for _ in iterator: iterator.stop()

def close(iterator):
    next(run := iter(iterator))
    iterator.close()
"""


@pytest.mark.parametrize("order", [None, "time", "newest"])
def test_after_every_way_out(kafka: str, topic: support.TopicFactory, order: str | None) -> None:
    body = f"""
for leave in (break_out, stop, close):
    say(held(leave, order={order!r}), held(leave, order={order!r}, where=lambda message: True))
say(held(break_out, order={order!r}, limit=1), held(list, order={order!r}, containing="y"))
"""
    name = topic(2, {0: [MEGABYTE] * 30, 1: [MEGABYTE] * 30})
    assert output_of(HELD + body, kafka, name) == ["nothing nothing"] * 4


def test_after_a_predicate_that_raised(kafka: str, topic: support.TopicFactory) -> None:
    body = """
def fail(message):
    if message.offset == 5:
        raise ValueError
    return True

def caught(iterator):
    with contextlib.suppress(ValueError):
        list(iterator)

for order in (None, "time", "newest"):
    say(held(caught, where=fail, order=order))
"""
    assert output_of(HELD + body, kafka, topic(1, [MEGABYTE] * 30)) == ["nothing"] * 3
