from __future__ import annotations

from typing import Any, cast

import pytest

from framework import CommitError, Message
from framework_iterator.committing.commits import Commits, next_offsets
from framework_iterator.committing.committer import Committer
from tests.clock import Clock
from tests.unit.iterator.fakes import F0, F1, JSON, W0, FakeCommitter, native


@pytest.fixture
def committer() -> FakeCommitter:
    return FakeCommitter()


@pytest.fixture
def clock() -> Clock:
    return Clock(now=100.0)


@pytest.fixture
def commits(committer: FakeCommitter, clock: Clock) -> Commits:
    return Commits(cast("Committer", committer), clock)


# In the background


def test_without_marks_nothing_is_sent(commits: Commits, committer: FakeCommitter) -> None:
    commits.poll()
    commits.flush()
    assert (committer.sent, committer.committed, commits.are_pending) == ([], [], False)


def test_the_first_mark_is_sent_at_once(commits: Commits, committer: FakeCommitter) -> None:
    commits.mark({F0: 5}, blocking=False)
    assert committer.sent == [{F0: 5}]
    assert committer.committed == []


def test_later_marks_are_sent_together_a_second_after(
    commits: Commits, committer: FakeCommitter, clock: Clock
) -> None:
    commits.mark({F0: 5}, blocking=False)
    commits.mark({F0: 6}, blocking=False)
    clock.now += 0.999
    commits.mark({F0: 7, F1: 3}, blocking=False)
    assert committer.sent == [{F0: 5}]
    clock.now += 0.001
    commits.poll()
    assert committer.sent == [{F0: 5}, {F0: 7, F1: 3}]


def test_what_was_sent_is_not_sent_again(commits: Commits, committer: FakeCommitter, clock: Clock) -> None:
    commits.mark({F0: 5}, blocking=False)
    clock.now += 5
    commits.poll()
    commits.poll()
    assert committer.sent == [{F0: 5}]


def test_a_mark_is_pending_until_its_result_has_arrived(commits: Commits) -> None:
    commits.mark({F0: 5}, blocking=False)
    assert commits.are_pending
    commits.poll()
    assert not commits.are_pending


def test_what_the_broker_refuses_is_sent_again(
    commits: Commits, committer: FakeCommitter, clock: Clock
) -> None:
    committer.refuses = True
    commits.mark({F0: 5}, blocking=False)
    committer.refuses = False
    clock.now += 1
    commits.poll()
    assert committer.sent == [{F0: 5}, {F0: 5}]
    commits.poll()
    assert not commits.are_pending


def test_a_mark_that_was_refused_gives_way_to_a_later_one(
    commits: Commits, committer: FakeCommitter, clock: Clock
) -> None:
    committer.refuses = True
    commits.mark({F0: 5}, blocking=False)
    committer.refuses = False
    commits.mark({F0: 9}, blocking=False)
    clock.now += 1
    commits.poll()
    assert committer.sent == [{F0: 5}, {F0: 9}]


def test_the_last_mark_wins_also_when_it_goes_back(
    commits: Commits, committer: FakeCommitter, clock: Clock
) -> None:
    for offset in (5, 9, 3):
        commits.mark({F0: offset}, blocking=False)
    clock.now += 1
    commits.poll()
    assert committer.sent == [{F0: 5}, {F0: 3}]


# At once


def test_a_blocking_mark_is_committed_before_it_returns(commits: Commits, committer: FakeCommitter) -> None:
    commits.mark({F0: 5}, blocking=True)
    assert (committer.sent, committer.committed) == ([], [({F0: 5}, None)])
    assert not commits.are_pending


def test_a_flush_commits_all_that_is_not_confirmed(
    commits: Commits, committer: FakeCommitter, clock: Clock
) -> None:
    commits.mark({F0: 5}, blocking=False)
    commits.poll()
    commits.mark({F1: 6}, blocking=False)
    commits.mark({W0: 7}, blocking=False)
    commits.flush(timeout=0.3)
    assert committer.committed == [({F1: 6, W0: 7}, 0.3)]


def test_what_was_flushed_is_committed_once(commits: Commits, committer: FakeCommitter, clock: Clock) -> None:
    commits.mark({F0: 5}, blocking=True)
    commits.flush()
    clock.now += 5
    commits.poll()
    assert (committer.sent, len(committer.committed)) == ([], 1)


def test_a_flush_that_fails_raises_and_can_be_tried_again(commits: Commits, committer: FakeCommitter) -> None:
    committer.error = CommitError("no coordinator")
    with pytest.raises(CommitError, match="no coordinator"):
        commits.mark({F0: 5}, blocking=True)
    assert commits.are_pending
    committer.error = None
    commits.flush()
    assert [offsets for offsets, _ in committer.committed] == [{F0: 5}, {F0: 5}]
    assert not commits.are_pending


def test_what_a_flush_could_not_commit_is_sent_in_the_background(
    commits: Commits, committer: FakeCommitter, clock: Clock
) -> None:
    committer.error = CommitError("no coordinator")
    with pytest.raises(CommitError):
        commits.mark({F0: 5}, blocking=True)
    clock.now += 1
    commits.poll()
    assert committer.sent == [{F0: 5}]


def test_a_commit_that_ctrl_c_ends_is_pending(commits: Commits, committer: FakeCommitter) -> None:
    committer.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        commits.mark({F0: 5}, blocking=True)
    assert commits.are_pending


# What is committed for messages


def test_the_offset_to_commit_is_the_one_after_the_highest_message_of_each_partition() -> None:
    messages: list[Message[Any]] = [
        Message(native(offset, of=key), key.topic, JSON["flights"])
        for key, offset in [(F0, 4), (F0, 7), (F1, 0), (F0, 5), (W0, 0)]
    ]
    assert next_offsets(messages) == {F0: 8, F1: 1, W0: 1}
    assert next_offsets([]) == {}
