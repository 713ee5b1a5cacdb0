"""A run over a fake source whose topic gets a partition."""

from __future__ import annotations

import collections.abc as cabc
import functools

import pytest

from framework import App
from framework.testing import reset_current_app
from framework_iterator import Ended, loops
from framework_iterator.reading import discovery
from framework_iterator.reading.source import Event, Kind
from tests.unit.iterator.fakes import F0, F1, FakeSource, natives, plan_of
from tests.unit.iterator.sessions import Run, recipe_of


@pytest.fixture(autouse=True)
def app() -> cabc.Iterator[App]:
    reset_current_app()
    yield App(kafka={"bootstrap.servers": "127.0.0.1:1"}, stall_timeout=5.0)
    reset_current_app()


@pytest.fixture
def source() -> FakeSource:
    """flights-0 with two messages, and a new flights-1 with two, which is found during the fetch between."""
    source = FakeSource(natives(F0, 0, 99), [], natives(F1, 0, 1))
    source.existing["flights"] = [0, 1]
    return source


def test_a_run_that_has_reached_its_end_reads_what_was_added_before(app: App, source: FakeSource) -> None:
    run = Run(recipe_of(app, source, follow=True, limit=4))
    assert [(message.partition, message.offset) for message in run] == [(0, 0), (0, 99), (1, 0), (1, 1)]
    assert source.calls == [
        ("assign", {F0: 0}),
        ("ask", ["flights"]),  # for the ids of the topics
        ("find_partitions", ["flights"]),
        ("drop", [F0]),
        ("add", {F1: 0}),
        ("close", 1.0),
    ]
    report = run.session.report
    assert [(each.partition, each.ended) for each in report] == [(0, Ended.END), (1, Ended.LIMIT)]


def test_batches_have_messages_of_new_partitions(
    app: App, source: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "DISCOVER_EVERY", 0.0)
    plan = plan_of(F0, stop=None)
    run = Run(recipe_of(app, source, plan, follow=True, limit=4), functools.partial(loops.batches, size=2))
    assert [[message.partition for message in batch] for batch in run] == [[0, 0], [1, 1]]
    assert ("add", {F1: 0}) in source.calls


def test_a_new_partition_can_be_stopped_and_marked(app: App, source: FakeSource) -> None:
    run = Run(recipe_of(app, source, follow=True))
    for message in run:
        if message.partition == 1:
            run.session.mark(message, blocking=True)
            run.session.stop_partition(F1)
    assert source.committer.committed[0][0] == {F1: 1}
    assert run.session.report[F1].ended is Ended.STOPPED


def test_a_run_whose_last_partition_is_stopped_ends_without_a_look(app: App, source: FakeSource) -> None:
    run = Run(recipe_of(app, source, plan_of(F0, stop=None), follow=True))
    for _ in run:
        run.session.stop_current_partition()
    assert [name for name, _ in source.calls] == ["assign", "ask", "close"]  # asked for the topic's id
    assert run.session.report.ended is Ended.STOPPED


def test_a_run_waits_for_the_last_look_and_gives_none_meanwhile(app: App) -> None:
    source = FakeSource([Event(Kind.END, F0, 100)])
    source.answers_at_once = False
    run = Run(recipe_of(app, source, follow=True, yield_none=True, max_wait=1e-9))
    assert next(run) is None
    source.lookups[0].found = {"flights": [0]}
    assert list(run) == []
    assert run.session.report.ended is Ended.END
