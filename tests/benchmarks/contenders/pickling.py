"""A thousand flights pickled and read back, one by one: as messages, and as dictionaries of their fields."""

from __future__ import annotations

import pickle

from example_app import records
from example_app.models import Flight
from framework import App
from framework.testing import build_message
from tests.benchmarks.contenders.program import Counts, run, warm

COUNT = 1_000


def messages(_servers: str, _topic: str) -> Counts:
    travel(MESSAGES)
    return {}


def dicts(_servers: str, _topic: str) -> Counts:
    travel(DICTS)
    return {}


def travel(values: list[object]) -> None:
    for value in values:
        pickle.loads(pickle.dumps(value))


PAYLOAD = next(iter(records.flights())).payload
FLIGHTS = App().topic("flights", payload=Flight)
MESSAGES: list[object] = [
    build_message(FLIGHTS, PAYLOAD, key=b"UA1545", offset=offset) for offset in range(COUNT)
]
DICTS: list[object] = [Flight.model_validate_json(PAYLOAD).model_dump() for _ in range(COUNT)]

if __name__ == "__main__":
    run({"messages": warm(messages, 10), "dicts": warm(dicts, 10)})
