"""A run that gives less than was asked for says why: offsets without a message, or an open transaction."""

from __future__ import annotations

import logging
import pathlib

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from framework import App
from framework.testing import run_command
from framework_iterator import Iterator, Start
from framework_iterator.planning import queries
from framework_iterator.reading import open_transactions
from tests import support
from tests.scenarios.iterating import Terminal
from tests.scenarios.reading import report_of, shown

NOTES = "framework_iterator.notes"
GAPS = "held no message (transaction markers, aborted or compacted messages)."
READ_NOW = "isolation.level=read_uncommitted reads them now."


@pytest.fixture
def terminal(kafka: str, tmp_path: pathlib.Path) -> Terminal:
    return Terminal(kafka, tmp_path)


@pytest.fixture
def notes(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, NOTES)
    # Where the broker takes longer, a run goes without what it would note.
    monkeypatch.setattr(open_transactions, "_FETCH_TIMEOUT", support.LIMIT)
    monkeypatch.setattr(queries, "IN_MID_RUN", support.LIMIT)
    return caplog


def logged(notes: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(each.levelname, each.getMessage()) for each in notes.records if each.name == NOTES]


def one_by_one(kafka: str, name: str, count: int = 3) -> None:
    """Write messages with a transaction each: a marker follows each of them."""
    for number in range(count):
        with support.transaction(kafka) as writer:
            support.produce(writer, name, [f"{number}"])


def test_the_last_offset_of_one_message_per_transaction_is_a_marker(
    app: App, kafka: str, topic: support.TopicFactory, notes: pytest.LogCaptureFixture, terminal: Terminal
) -> None:
    name = topic()
    one_by_one(kafka, name)
    iterator = Iterator({name: -1})
    assert shown(iterator) == ""
    sentence = f"{name}: 1 offset {GAPS} For more, start further back, such as at -2."
    assert logged(notes) == [("WARNING", sentence)]
    report = report_of(iterator)
    assert (report.messages, report.gaps, report.ended) == (0, 1, "end")
    assert str(report).splitlines()[-1] == f"1 offset {GAPS}"
    assert terminal.run(name, "--start", "-1") == (0, "", f"{sentence}\n")


def test_the_start_that_the_note_names_gives_a_message(
    app: App, kafka: str, topic: support.TopicFactory, notes: pytest.LogCaptureFixture
) -> None:
    name = topic()
    one_by_one(kafka, name)
    assert shown(Iterator({name: -2})) == "2@4"
    assert logged(notes) == [
        ("INFO", f"{name}: 1 offset {GAPS} For more, start further back, such as at -4.")
    ]


def test_a_run_that_follows_says_so_before_it_waits(
    app: App, kafka: str, topic: support.TopicFactory, notes: pytest.LogCaptureFixture
) -> None:
    name = topic()
    one_by_one(kafka, name)
    run = iter(Iterator({name: -1}, follow=True, yield_none=True))
    sentence = f"{name}: 1 offset {GAPS} For more, start further back, such as at -2."
    for _ in range(50):  # each waits for 0.2 s
        assert next(run) is None
        if logged(notes):
            break
    assert [next(run), next(run)] == [None, None]
    assert logged(notes) == [("WARNING", sentence)]


def test_where_nothing_lies_further_back_no_start_is_named(
    app: App, kafka: str, topic: support.TopicFactory, terminal: Terminal
) -> None:
    name = topic()
    one_by_one(kafka, name)
    code, out, error = terminal.run(name, "--start", "-10")
    assert (code, len(out.splitlines()), error) == (0, 3, f"{name}: 3 offsets {GAPS}\n")


@pytest.mark.parametrize("start", [None, 0, 4])
def test_other_starts_name_no_number_of_messages_and_so_nothing_is_said(
    app: App, kafka: str, topic: support.TopicFactory, notes: pytest.LogCaptureFixture, start: Start
) -> None:
    name = topic()
    one_by_one(kafka, name)
    assert "2@4" in shown(Iterator({name: start}))
    assert logged(notes) == []


def test_a_run_that_gives_nothing_says_so_whatever_its_start(
    app: App, kafka: str, topic: support.TopicFactory, notes: pytest.LogCaptureFixture, terminal: Terminal
) -> None:
    name, aborted = topic(), topic()
    one_by_one(kafka, name)
    with support.transaction(kafka, commit=False) as writer:
        support.produce(writer, aborted, ["no", "no"])
    assert shown(Iterator({name: 5})) == ""
    assert shown(Iterator(Iterator(aborted).plan())) == ""
    assert logged(notes) == [
        ("WARNING", f"{name}: 1 offset {GAPS}"),
        ("WARNING", f"{aborted}: 3 offsets {GAPS}"),
    ]
    assert terminal.run(aborted, "--start", "1", "--until", "2") == (0, "", f"{aborted}: 1 offset {GAPS}\n")


def test_beside_a_topic_that_gives_messages_one_that_gives_none_is_told_as_info(
    app: App, kafka: str, topic: support.TopicFactory, notes: pytest.LogCaptureFixture
) -> None:
    name, aborted = topic(1, ["a"]), topic()
    with support.transaction(kafka, commit=False) as writer:
        support.produce(writer, aborted, ["no", "no"])
    assert shown(Iterator([name, aborted])) == "a@0"
    assert logged(notes) == [("INFO", f"{aborted}: 3 offsets {GAPS}")]


def test_with_read_uncommitted_aborted_messages_are_no_reason(
    app: App, kafka: str, topic: support.TopicFactory, notes: pytest.LogCaptureFixture
) -> None:
    name = topic()
    one_by_one(kafka, name)
    assert shown(Iterator({name: -1}, settings={"isolation.level": "read_uncommitted"})) == ""
    [(_, sentence)] = logged(notes)
    assert sentence.startswith(
        f"{name}: 1 offset held no message (transaction markers, compacted messages). For more,"
    )


def test_a_run_that_reached_its_limit_gave_what_was_asked_for(
    app: App, kafka: str, topic: support.TopicFactory, notes: pytest.LogCaptureFixture
) -> None:
    name = topic()
    one_by_one(kafka, name)
    assert shown(Iterator({name: -6}, limit=2)) == "0@0 1@2"
    assert logged(notes) == []


def test_what_lies_behind_an_open_transaction_is_told(
    app: App,
    kafka: str,
    topic: support.TopicFactory,
    producer: Producer,
    notes: pytest.LogCaptureFixture,
    terminal: Terminal,
) -> None:
    name = topic(1, ["a", "b"])
    with support.transaction(kafka) as writer:
        support.produce(writer, name, ["open"])
        support.produce(producer, name, ["behind"] * 11)
        sentence = (
            f"{name}-0: 12 offsets lie behind the last stable offset 2: a transaction is open. {READ_NOW}"
        )
        assert shown(Iterator(name)) == "a@0 b@1"
        assert logged(notes) == [("INFO", sentence)]
        assert terminal.run(name, "--start", "-1", "--hex")[2] == f"{sentence}\n"
    notes.clear()
    assert len(list(Iterator(name))) == 14
    assert logged(notes) == []


def test_a_topic_with_nothing_but_an_open_transaction_is_not_taken_for_an_empty_one(
    app: App, kafka: str, topic: support.TopicFactory, notes: pytest.LogCaptureFixture
) -> None:
    name = topic(3)
    with support.transaction(kafka) as writer:
        support.produce(writer, name, ["open"] * 2, partition=0)
        assert Iterator(name).first() is None
        [(level, sentence)] = logged(notes)
        assert (level, sentence) == (
            "WARNING",
            f"{name}-0: 2 offsets lie behind the last stable offset 0: a transaction is open. {READ_NOW}",
        )
        notes.clear()
        support.produce(writer, name, ["open"] * 3, partition=2)
        assert shown(Iterator({name: -5})) == ""
        [(level, sentence)] = logged(notes)
        where = f"the last stable offsets of 2 partitions, such as {name}-0@0"
        assert sentence == f"{name}: 5 offsets lie behind {where}: transactions are open. {READ_NOW}"
        notes.clear()
        uncommitted = Iterator(name, settings={"isolation.level": "read_uncommitted"})
        assert len(list(uncommitted)) == 5
        assert logged(notes) == []


def test_a_plan_and_a_position_know_of_an_open_transaction(
    app: App, kafka: str, topic: support.TopicFactory, notes: pytest.LogCaptureFixture
) -> None:
    name = topic()
    with support.transaction(kafka) as writer:
        support.produce(writer, name, ["open"] * 2)
        sentence = (
            f"{name}-0: 2 offsets lie behind the last stable offset 0: a transaction is open. {READ_NOW}"
        )
        assert [each.count for each in Iterator(name).plan()] == [0]
        assert logged(notes) == [("WARNING", sentence)]
        assert run_command("iterate", name, "--plan", app=app).stderr == f"{sentence}\n"
        notes.clear()
        assert shown(Iterator(name, resume={name: {0: 1}})) == ""
        assert logged(notes)[0] == (
            "WARNING",
            (
                f"{name}-0: the saved position 1 lies beyond the last stable offset 0: a transaction is "
                "open. Was it reached with isolation.level=read_uncommitted? Reading starts at 0."
            ),
        )
    assert shown(Iterator(name, resume={name: {0: 1}})) == "open@1"


def test_messages_that_are_written_during_a_run_are_no_open_transaction(
    app: App, topic: support.TopicFactory, producer: Producer, notes: pytest.LogCaptureFixture
) -> None:
    name = topic(1, ["a", "b"])
    for message in Iterator(name):
        support.produce(producer, name, [f"after {message.payload}"] * 5)
    assert logged(notes) == []


def test_where_nothing_is_there_it_is_told_as_info_and_so_on_the_command_line(
    app: App,
    admin: AdminClient,
    topic: support.TopicFactory,
    notes: pytest.LogCaptureFixture,
    terminal: Terminal,
) -> None:
    empty, emptied, full = topic(5), topic(1, ["a", "b"]), topic(1, ["a", "b"])
    support.delete_records(admin, emptied, {0: 2})
    assert list(Iterator({empty: -3, emptied: -1, full: "latest"})) == []
    assert list(Iterator(full, until=0)) == []
    assert logged(notes) == [
        ("INFO", f"{empty}: nothing to read: it has no messages."),
        ("INFO", f"{emptied}: nothing to read: its messages were removed."),
        (
            "INFO",
            f"{full}: nothing to read: it starts at the end. With follow, a run waits for new messages.",
        ),
        ("INFO", f"{full}: nothing to read: no message lies between its start and its end."),
    ]
    notes.clear()
    assert list(Iterator(full, limit=0)) == []
    assert logged(notes) == []
    assert terminal.run(emptied) == (0, "", f"{emptied}: nothing to read: its messages were removed.\n")


def test_a_follower_that_waits_behind_an_open_transaction_says_so_once(
    app: App,
    kafka: str,
    topic: support.TopicFactory,
    notes: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("framework_iterator.reading.open_transactions._LONG", 0.0)
    name = topic(1, ["a"])
    with support.transaction(kafka) as writer:
        support.produce(writer, name, ["open"] * 2)
        iterator = Iterator(name, follow=True, yield_none=True)
        given = []
        for message in iterator:
            given.append(message)
            # A minute, but for this test: from the first look, after two seconds without a message.
            if logged(notes):
                iterator.stop()
        assert shown(each for each in given if each is not None) == "a@0"
    [(level, sentence)] = logged(notes)
    assert level == "WARNING"
    assert sentence.startswith(
        f"{name}-0: 2 offsets lie behind the last stable offset 1: a transaction is open."
    )
