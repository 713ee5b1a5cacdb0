"""A loop over batches has one or two of them in memory at a time, however large the topic is."""

from __future__ import annotations

from tests import support
from tests.scenarios.programs import output_of
from tests.scenarios.test_clean_frees_memory import MEASURE, MEGABYTE


def test_what_the_loop_drops_is_gone(kafka: str, topic: support.TopicFactory) -> None:
    body = """
read = 0
for batch in Iterator(topic, settings=small).batches(size=4):
    read += sum(map(len, batch.payloads))
say(read, "stays" if peak() - before < 60 else f"grew by {peak() - before} MB")
"""
    assert output_of(MEASURE + body, kafka, topic(1, [MEGABYTE] * 150)) == ["150000000 stays"]


def test_what_errors_skip_takes_out_is_gone(kafka: str, topic: support.TopicFactory) -> None:
    body = """
import logging
logging.getLogger("framework_iterator.notes").disabled = True  # a warning: nothing was given
app.topic(topic, payload=int)
iterator = Iterator(topic, settings=small, errors="skip")
say(len(list(iterator.batches(size=4))), iterator.report.unreadable)
say("stays" if peak() - before < 60 else f"grew by {peak() - before} MB")
"""
    assert output_of(MEASURE + body, kafka, topic(1, [MEGABYTE] * 150)) == ["0 150", "stays"]


def test_batches_that_are_kept_hold_no_payload_that_was_cleaned(
    kafka: str, topic: support.TopicFactory
) -> None:
    body = """
kept = []
for batch in Iterator(topic, settings=small, max_wait=20.0).batches(size=4):
    for message in batch:
        message.payload
        message.clean()
    kept.append(batch)
say(len(kept), sum(message.size for batch in kept for message in batch))
say("stays" if peak() - before < 60 else f"grew by {peak() - before} MB")
"""
    assert output_of(MEASURE + body, kafka, topic(1, [MEGABYTE] * 150)) == ["38 150000000", "stays"]
