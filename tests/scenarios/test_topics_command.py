"""`framework topics` shows what the last message looks like, also where the last offset holds none."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from framework import App
from framework.deserializers import auto
from framework.samples import last_messages
from framework.testing import run_command
from tests import support


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages may take longer than a second to arrive: none of these topics keeps it waiting."""
    monkeypatch.setattr("framework.samples._TIMEOUT", 60)


def kind_of(app: App, name: str) -> Any:
    """What it shows of the payload of a topic."""
    app.topic(name, payload=auto)
    rows = map(json.loads, run_command("topics", "--json", app=app).stdout.splitlines())
    return next(row["payload"] for row in rows if row["topic"] == name)


def test_the_last_offset_is_the_end_of_a_transaction(
    kafka: str, app: App, topic: support.TopicFactory
) -> None:
    name = topic(1, [b"text"])
    with support.transaction(kafka) as producer:
        producer.produce(name, b'{"a": 1}')
        producer.produce(name, b"[]")

    assert kind_of(app, name) == "auto: JSON"


def test_the_last_transaction_was_aborted(kafka: str, app: App, topic: support.TopicFactory) -> None:
    name = topic(1, [b"[]", b"text"])
    with support.transaction(kafka, commit=False) as producer:
        producer.produce(name, b'{"a": 1}')

    assert kind_of(app, name) == "auto: text"


def test_a_transaction_is_open(kafka: str, app: App, topic: support.TopicFactory) -> None:
    name = topic(1, [b"text"])
    with support.transaction(kafka) as producer:
        producer.produce(name, b'{"a": 1}')
        producer.flush(support.LIMIT)

        assert kind_of(app, name) == "auto: text"


def test_where_no_message_is_left_nobody_waits(kafka: str, app: App, topic: support.TopicFactory) -> None:
    name = topic(1)
    with support.transaction(kafka, commit=False) as producer:
        producer.produce(name, b'{"a": 1}')
    started = time.monotonic()

    assert last_messages(app.kafka, app.admin().watermarks(name)) == {}
    assert time.monotonic() - started < 30
    assert kind_of(app, name) == "auto"


def test_all_shows_every_topic_but_kafkas_own(kafka: str, app: App, topic: support.TopicFactory) -> None:
    topic(1)
    with app.admin() as admin:
        own = f"__{support.topic_name('own')}"
        admin.create(own)
        with support.transaction(kafka):
            pass  # makes the topic of the transactions' state
        result = run_command("topics", "--all", app=app)
        admin.delete(own)

    assert own in result.stdout
    assert "__transaction_state" not in result.stdout
    assert "of Kafka" in result.stderr
    assert result.stderr.endswith((" is hidden.\n", " are hidden.\n"))
