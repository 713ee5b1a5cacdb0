"""What `framework topics` finds out about topics that nobody declared."""

from __future__ import annotations

import gzip
import json
import time

import pytest

from framework import App
from framework.deserializers import auto
from framework.samples import Watermarks, last_places
from framework.testing import mock_registry, run_command
from tests.unit.framework.test_app_registry import ORDER, register


@pytest.mark.parametrize(
    ("watermarks", "places"),
    [
        ({}, {}),
        ({"a": {}}, {}),
        ({"a": {0: (0, 0), 1: (5, 5)}}, {}),
        ({"a": {0: (0, 3), 1: (0, 9), 2: (9, 9)}}, {("a", 0): 2, ("a", 1): 8}),
        ({"a": {0: (2, 3)}, "b": {4: (0, 1)}}, {("a", 0): 2, ("b", 4): 0}),
        (
            {"a": {number: (0, number) for number in range(9)}},
            {("a", 5): 4, ("a", 6): 5, ("a", 7): 6, ("a", 8): 7},
        ),
    ],
)
def test_the_last_messages_of_the_four_partitions_with_the_most(
    watermarks: Watermarks, places: dict[tuple[str, int], int]
) -> None:
    assert last_places(watermarks) == places


def test_topics_says_what_auto_takes_each_for(cluster: str) -> None:
    with mock_registry() as url:
        app = App(kafka={"bootstrap.servers": cluster})
        schema_id = register(url, "k-framed-value", json.dumps(ORDER))
        payloads = {
            "k-json": b'{"a": 1}',
            "k-json-text": b'"a"',
            "k-log": b"2024-01-01 started",
            "k-zip": gzip.compress(b"x" * 50),
            "k-tombstone": None,
            "k-framed": b"\x00" + schema_id.to_bytes(4, "big") + b"\x0a",
        }
        with app.producer() as producer:
            for topic, payload in payloads.items():
                producer.produce(topic, payload, key=b"k")
            for partition, payload in enumerate([b"text", None, b"{}", b"[]"]):
                producer.produce("k-mixed", payload, partition=partition)
        app.topic("k-declared", payload=auto)
        app.topic("k-other", payload=str)

        def kinds() -> dict[str, str]:
            rows = map(json.loads, run_command("topics", "--all", "--json", app=app).stdout.splitlines())
            return {row["topic"]: row["payload"] for row in rows if row["topic"].startswith("k-")}

        found = {
            "k-declared": "auto",
            "k-other": "str",
            "k-json": "auto: JSON",
            "k-json-text": "auto: JSON",
            "k-log": "auto: text",
            "k-zip": "auto: bytes",
            "k-tombstone": "auto: tombstone",
            "k-framed": "auto: framed",
            "k-mixed": "auto: text, tombstone, JSON",
        }
        assert kinds() == found
        with app.override(schema_registry=url):
            assert kinds() == found | {"k-framed": "auto: Avro"}


def test_a_registry_that_is_down_is_told_once(cluster: str) -> None:
    app = App(kafka={"bootstrap.servers": cluster}, registry_timeout=0.2)
    with app.producer() as producer:
        producer.produce("d-down", b"\x00\x00\x00\x00\x07abc")
    with app.override(schema_registry="http://127.0.0.1:1"):
        started = time.monotonic()
        result = run_command("topics", "--all", app=app)
    assert (result.exit_code, result.stderr.count("\n")) == (0, 1)
    assert "Schema registry http://127.0.0.1:1 was not available" in result.stderr
    assert time.monotonic() - started < 30
