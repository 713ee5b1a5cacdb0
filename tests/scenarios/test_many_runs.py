"""Hundreds of runs in one process leave nothing behind, and runs in many threads are each exact."""

from __future__ import annotations

import collections
from concurrent.futures import ThreadPoolExecutor

from framework import App
from framework_iterator import Iterator
from tests import support
from tests.scenarios.programs import output_of

TWO_HUNDRED_RUNS = """
import collections, contextlib, gc, itertools, pathlib

def to_the_end(): return len(list(Iterator(topic)))
def first(): Iterator(topic).first()
def plan(): Iterator(topic).plan()
def limited(): list(Iterator(topic, limit=3))
def sliced(): list(itertools.islice(Iterator(topic), 5))
def broken():
    for message in Iterator(topic):
        break
def raised():
    with contextlib.suppress(ZeroDivisionError):
        for message in Iterator(topic):
            1 / 0
def stopped():
    for message in (iterator := Iterator(topic)):
        iterator.stop()
def followed():
    for message in (iterator := Iterator(topic, follow=True)):
        iterator.stop_current_partition()
def left():
    with Iterator(topic) as iterator:
        next(iter(iterator))
def missing():
    with contextlib.suppress(Exception):
        list(Iterator({topic: [99]}))
again = Iterator(topic)
def the_same(): list(again)

ways = [to_the_end, first, plan, limited, sliced, broken, raised, stopped, followed, left, missing, the_same]
turns = itertools.cycle(ways)

def state():
    # A thread that is over takes a moment to go.
    gc.collect()
    deadline = time.monotonic() + 10
    while (threads := len(os.listdir("/proc/self/task"))) > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
    return threads, len(os.listdir("/proc/self/fd")), pages * os.sysconf("SC_PAGE_SIZE") / 2**20

for _ in range(24): next(turns)()
threads, descriptors, memory = state()
for _ in range(176): next(turns)()
after = state()
say(threads, after[0], after[1] - descriptors)
say("memory", "stays" if after[2] - memory < 30 else f"grows from {memory} to {after[2]} MB")
say(to_the_end())
"""


def test_two_hundred_runs_leave_no_thread_no_descriptor_and_no_memory_behind(
    kafka: str, topic: support.TopicFactory
) -> None:
    name = topic(2, {number: ["x" * 1000] * 600 for number in range(2)})
    assert output_of(TWO_HUNDRED_RUNS, kafka, name) == ["1 1 0", "memory stays", "1200"]


def test_eight_threads_each_with_an_iterator_of_its_own_read_everything(
    app: App, topic: support.TopicFactory
) -> None:
    names = [topic(3, {number: [f"{number}"] * 1500 for number in range(3)}) for _ in range(2)]

    def read(turn: int) -> list[tuple[str, int, list[int]]]:
        offsets = collections.defaultdict(list)
        iterator = Iterator([names[turn % 2]] if turn < 4 else names, app=app)
        for message in iterator:
            assert message.payload == str(message.partition)
            offsets[message.topic, message.partition].append(message.offset)
        assert iterator.report is not None
        assert iterator.report.ended == "end"
        return sorted((*partition, found) for partition, found in offsets.items())

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(read, range(8)))
    for turn, offsets in enumerate(found):
        expected = [names[turn % 2]] if turn < 4 else names
        assert offsets == [
            (name, number, list(range(1500))) for name in sorted(expected) for number in range(3)
        ]
