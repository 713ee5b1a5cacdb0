"""`message.clean()` gives the memory back at once: a topic far larger than memory can be read."""

from __future__ import annotations

from tests import support
from tests.scenarios.programs import output_of

MEGABYTE = "x" * 1_000_000

MEASURE = """
def megabytes(what):
    # Not ru_maxrss, which begins with that of the process that started this one.
    with open("/proc/self/status") as status:
        [line] = [line for line in status if line.startswith(what)]
    return int(line.split()[1]) / 1024

def peak(): return megabytes("VmHWM:")

small = {"queued.max.messages.kbytes": 4096, "queued.min.messages": 1, "fetch.max.bytes": 2_000_000}
Iterator(topic, settings=small).first()
before = peak()
"""


def test_reading_with_clean_takes_a_fraction_of_what_is_read(kafka: str, topic: support.TopicFactory) -> None:
    body = """
read = 0
for message in Iterator(topic, settings=small):
    read += len(message.payload)
    message.clean()
say(read, "stays" if peak() - before < 50 else f"grew by {peak() - before} MB")
"""
    assert output_of(MEASURE + body, kafka, topic(1, [MEGABYTE] * 150)) == ["150000000 stays"]


def test_cleaned_messages_that_are_kept_hold_no_payload(kafka: str, topic: support.TopicFactory) -> None:
    body = """
kept = []
for message in (iterator := Iterator(topic, settings=small)):
    message.raw_payload, message.payload, message.headers
    message.clean()
    kept.append(message)
say(len(kept), sum(message.size for message in kept), all(message.is_cleaned for message in kept))
say("stays" if peak() - before < 50 else f"grew by {peak() - before} MB")
"""
    name = topic(2, {number: [MEGABYTE] * 75 for number in range(2)})
    assert output_of(MEASURE + body, kafka, name) == ["150 150000000 True", "stays"]


def test_without_clean_what_the_reader_keeps_is_kept(kafka: str, topic: support.TopicFactory) -> None:
    body = """
kept = list(Iterator(topic, settings=small))
say("grew" if peak() - before > 50 else f"grew by only {peak() - before} MB")
"""
    assert output_of(MEASURE + body, kafka, topic(1, [MEGABYTE] * 60)) == ["grew"]


def test_each_call_frees_its_own_message_though_others_of_the_batch_are_still_to_come(
    kafka: str, topic: support.TopicFactory
) -> None:
    body = """
import gc, tracemalloc

tracemalloc.start()
gc.disable()
freed = []
for message in Iterator(topic):
    size = len(message.payload) + len(message.raw_payload)
    held = tracemalloc.get_traced_memory()[0]
    message.clean()
    freed.append(held - tracemalloc.get_traced_memory()[0])
say(len(freed), all(1_990_000 < each < 2_010_000 for each in freed))
"""
    assert output_of(body, kafka, topic(1, [MEGABYTE] * 20)) == ["20 True"]
