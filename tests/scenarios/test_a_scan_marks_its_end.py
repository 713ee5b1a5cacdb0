"""With mark=True a scan commits where its parts have ended, once all of them have; else nothing."""

from __future__ import annotations

import collections.abc as cabc
import operator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from framework import CommitError
from framework.testing import reset_current_app
from framework_iterator import Iterator, Scan, ScanError, scan
from framework_iterator.committing.committer import Committer
from tests import support
from tests.scenarios import scanning
from tests.scenarios.scanning import APP


@pytest.fixture
def threads() -> cabc.Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(3) as pool:
        yield pool
    reset_current_app()


def places_after(name: str, group: str, kafka: str) -> list[tuple[int, int]]:
    """What a run gives that starts after the marks."""
    settings = {"bootstrap.servers": kafka}
    iterator = Iterator({name: True}, app=scanning.create_app(), settings=settings, group_id=group)
    return sorted((message.partition, message.offset) for message in iterator)


def marked(
    name: str, function: Any, group: str, kafka: str, threads: ThreadPoolExecutor, mark: bool = True
) -> Scan[Any]:
    settings = {"bootstrap.servers": kafka}
    return scan(
        name, function, operator.add, executor=threads, app=APP, settings=settings, group_id=group, mark=mark
    )


def test_the_next_run_begins_after_it(
    topic: support.TopicFactory, kafka: str, threads: ThreadPoolExecutor
) -> None:
    name = topic(3, {0: ["a"] * 10, 2: ["b"] * 5})
    marked(name, scanning.places, name, kafka, threads)
    support.fill(support.make_producer(kafka), name, {0: ["new"], 1: ["new"]})
    assert places_after(name, name, kafka) == [(0, 10), (1, 0)]


def test_a_part_that_was_left_early_is_marked_where_it_was_left(
    topic: support.TopicFactory, kafka: str, threads: ThreadPoolExecutor
) -> None:
    name = topic(1, {0: ["a"] * 5})
    marked(name, scanning.first_two, name, kafka, threads)
    assert places_after(name, name, kafka) == [(0, 2), (0, 3), (0, 4)]


def test_nothing_is_marked_without_it_nor_when_a_part_fails(
    topic: support.TopicFactory, kafka: str, threads: ThreadPoolExecutor
) -> None:
    name = topic(2, {0: ["a"], 1: ["b"]})
    marked(name, scanning.places, name, kafka, threads, mark=False)
    with pytest.raises(ScanError):
        marked(name, scanning.fail_on_one, name, kafka, threads)
    assert places_after(name, name, kafka) == [(0, 0), (1, 0)]


def test_marks_that_are_refused_keep_the_result(
    topic: support.TopicFactory, kafka: str, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise CommitError("Group 'x' refuses.")

    monkeypatch.setattr(Committer, "commit", refuse)
    name = topic(1, {0: ["a"] * 3})
    with pytest.raises(ScanError) as caught:
        marked(name, scanning.places, name, kafka, threads)
    assert str(caught.value) == (
        "All parts have ended, but the marks were not committed: Group 'x' refuses. The result is error.scan."
    )
    assert type(caught.value.__cause__) is CommitError
    assert len(caught.value.scan.value) == 3
