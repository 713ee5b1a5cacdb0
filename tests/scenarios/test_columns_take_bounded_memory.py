"""Columns of ten times as many messages take no more memory."""

from __future__ import annotations

import json

import pytest

from tests import support
from tests.scenarios.programs import output_of
from tests.scenarios.test_clean_frees_memory import MEASURE

PAYLOAD = json.dumps({"text": "x" * 200, "number": 1, "at": "2013-01-01T05:00:00Z"})
BODY = """
import pydantic

class Small(pydantic.BaseModel):
    text: str
    number: int
    at: pydantic.AwareDatetime

app.topic(topic, payload=Small)
def read(iterator): return sum(batch.num_rows for batch in iterator.to_arrow(columns))
few = read(Iterator(topic, settings=small, limit=30_000))
memory = peak()
say(few, read(Iterator(topic, settings=small)))
say("stays" if peak() < memory * 1.2 else f"grew from {memory} to {peak()} MB")
"""


@pytest.mark.parametrize("columns", ["payload", "raw"])
def test_ten_times_as_many_messages(kafka: str, topic: support.TopicFactory, columns: str) -> None:
    name = topic(4, {number: [PAYLOAD] * 75_000 for number in range(4)})
    lines = output_of(f"columns = {columns!r}{MEASURE}{BODY}", kafka, name)
    assert lines == ["30000 300000", "stays"]
