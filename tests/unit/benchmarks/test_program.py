from __future__ import annotations

from typing import Any

from tests.benchmarks.contenders.program import CHUNK, alone


def test_all_messages_are_counted_and_none_is_kept() -> None:
    messages = list(range(2 * CHUNK + 1))
    counts: Any = alone(messages, lambda number: {"distance": number}, lambda payload: payload["distance"])
    assert (counts["messages"], counts["distance"]) == (1001, sum(range(1001)))
    assert counts["each"] > 0
    assert messages == []


def test_each_message_is_read_once() -> None:
    read: list[int] = []

    def payload(number: int) -> int:
        read.append(number)
        return number

    alone(list(range(CHUNK + 1)), payload, int)
    assert sorted(read) == list(range(CHUNK + 1))
