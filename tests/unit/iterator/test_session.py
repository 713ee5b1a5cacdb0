"""A run over a fake source. What only a real broker shows is in the scenarios."""

from __future__ import annotations

import collections.abc as cabc
import functools
import io
import logging
import sys
import threading
import time
import weakref
from typing import Any

import pytest

from framework import App, BrokerTimeoutError, CallbackError, CommitError, TopicNotFoundError
from framework.testing import reset_current_app
from framework_iterator import Ended, NotIteratingError, Plan, loops, open_sessions
from framework_iterator.control import Control
from framework_iterator.reading.source import Event, Kind
from framework_iterator.selecting.filters import Filters
from framework_iterator.session import Session
from tests.clock import Clock, wait_by
from tests.unit.iterator.fakes import F0, F1, W0, FakeSource, native, natives, plan_of
from tests.unit.iterator.sessions import Run, recipe_of

END_OF_F0 = Event(Kind.END, F0, 100)


@pytest.fixture(autouse=True)
def app() -> cabc.Iterator[App]:
    reset_current_app()
    yield App(kafka={"bootstrap.servers": "127.0.0.1:1"}, stall_timeout=5.0)
    reset_current_app()


def offsets(messages: cabc.Iterable[Any]) -> list[Any]:
    return [None if message is None else message.offset for message in messages]


def in_batches(app: App, source: FakeSource, size: int, plan: Plan | None = None, **options: Any) -> Run:
    return Run(recipe_of(app, source, plan, **options), functools.partial(loops.batches, size=size))


def names_of(source: FakeSource) -> list[str]:
    return [name for name, _ in source.calls]


# From opening to closing


def test_a_run_assigns_its_partitions_gives_their_messages_and_closes(app: App) -> None:
    source = FakeSource(natives(F0, 0, 1), natives(F0, 2, 99))
    run = Run(recipe_of(app, source))
    assert offsets(run) == [0, 1, 2, 99]
    assert source.calls == [("assign", {F0: 0}), ("close", 1.0)]
    assert (run.session.report.ended, run.session.is_closed) == (Ended.END, True)


def test_a_plan_with_nothing_to_read_assigns_and_fetches_nothing(app: App) -> None:
    source = FakeSource(natives(F0, 0))
    run = Run(recipe_of(app, source, plan_of(F0, stop=0)))
    assert offsets(run) == []
    assert (names_of(source), source.asked_for) == (["close"], [])
    assert run.session.report.ended is Ended.END


def test_what_fails_while_it_is_opened_closes_the_source(app: App) -> None:
    source = FakeSource()
    source.errors["assign"] = TopicNotFoundError("Topic 'flights' doesn't exist.")
    with pytest.raises(TopicNotFoundError):
        Session.open(recipe_of(app, source), Control())
    assert source.calls[-1] == ("close", 0.0)


def test_messages_past_the_end_are_not_given(app: App) -> None:
    source = FakeSource(natives(F0, 98, 99, 100, 101))
    assert offsets(Run(recipe_of(app, source))) == [98, 99]


def test_a_message_past_the_end_ends_the_run_where_the_last_offsets_hold_none(app: App) -> None:
    source = FakeSource(natives(F0, 97, 100))
    run = Run(recipe_of(app, source))
    assert offsets(run) == [97]
    assert (run.session.report[F0].position, run.session.report.ended) == (100, Ended.END)


def test_an_end_that_came_with_messages_is_answered_after_them(app: App) -> None:
    run = Run(recipe_of(app, FakeSource([*natives(F0, 0, 1), END_OF_F0])))
    assert [next(run).offset, next(run).offset] == [0, 1]
    assert run.session.report[F0].ended is None
    assert offsets(run) == []
    assert run.session.report[F0].position == 100


def test_a_partition_that_ended_is_dropped_while_others_are_read(app: App) -> None:
    source = FakeSource(natives(F0, 99), natives(F1, 99))
    assert len(offsets(Run(recipe_of(app, source, plan_of(F0, F1))))) == 2
    assert source.calls == [("assign", {F0: 0, F1: 0}), ("drop", [F0]), ("close", 1.0)]


def test_an_error_of_the_run_is_in_its_report_and_closes_it(app: App) -> None:
    source = FakeSource([Event(Kind.UNKNOWN, F0, -1)])
    error = source.errors["partitions"] = TopicNotFoundError("Topic 'flights' doesn't exist.")
    run = Run(recipe_of(app, source))
    with pytest.raises(TopicNotFoundError):
        next(run)
    assert (run.session.report.ended, run.session.report.error) == (Ended.ERROR, error)
    assert source.is_closed


@pytest.mark.parametrize(
    ("offset", "options", "ended"), [(99, {}, Ended.END), (98, {"limit": 1}, Ended.LIMIT)]
)
def test_a_callback_that_fails_at_the_end_of_a_run_is_an_error_in_its_report(
    app: App, offset: int, options: dict[str, Any], ended: Ended
) -> None:
    source = FakeSource(natives(F0, offset))
    error = source.errors["serve_callbacks"] = CallbackError("stats_cb raised ValueError: mine.")
    run = Run(recipe_of(app, source, **options))
    next(run)
    with pytest.raises(CallbackError, match="mine"):
        next(run)
    report = run.session.report
    assert (report.messages, report.ended, report.error) == (1, ended, error)
    assert source.is_closed


def test_a_run_without_messages_stalls(app: App) -> None:
    app = App(kafka={"bootstrap.servers": "127.0.0.1:1"}, stall_timeout=0.001)
    with pytest.raises(BrokerTimeoutError, match=r"^No message for 0.001 s while waiting for flights-0@0\."):
        next(Run(recipe_of(app, FakeSource())))


# Leaving the loop


def test_a_loop_that_is_left_has_counted_what_it_was_given(app: App) -> None:
    source = FakeSource(natives(F0, 0, 1, 2, 3))
    run = Run(recipe_of(app, source))
    next(run), next(run)
    run.generator.close()
    report = run.session.report
    assert (report.messages, report[F0].position, report.ended) == (2, 2, Ended.CLOSED)
    assert source.is_closed


def test_the_report_of_a_live_run_counts_up_to_the_current_message(app: App) -> None:
    run = Run(recipe_of(app, FakeSource(natives(F0, 0, 1, 2))))
    next(run), next(run)
    assert (run.session.report.messages, run.session.report.ended) == (2, None)
    assert run.session.remaining == 98


def test_an_exception_of_the_loop_closes_the_run_by_the_reader(app: App) -> None:
    run = Run(recipe_of(app, FakeSource(natives(F0, 0, 1))))
    next(run)
    with pytest.raises(KeyboardInterrupt):
        run.generator.throw(KeyboardInterrupt)
    assert (run.session.report.ended, run.session.report.messages) == (Ended.CLOSED, 1)


def test_a_run_that_was_closed_stays_closed(app: App) -> None:
    source = FakeSource(natives(F0, 0, 1))
    run = Run(recipe_of(app, source))
    next(run)
    run.session.close()
    run.session.close()
    assert offsets(run) == []
    assert names_of(source).count("close") == 1
    assert run.session.report.ended is Ended.CLOSED


def test_what_was_reached_before_an_error_of_the_run_has_ended(app: App) -> None:
    run = Run(recipe_of(app, FakeSource([*natives(F1, 0), *natives(F0, 99)]), plan_of(F0, F1)))
    next(run), next(run)
    with pytest.raises(BrokerTimeoutError):
        run.generator.throw(BrokerTimeoutError("late"))
    report = run.session.report
    assert (report[F0].ended, report[F1].ended, report.ended) == (Ended.END, Ended.ERROR, Ended.ERROR)


def test_a_run_that_was_closed_keeps_no_messages_alive(app: App) -> None:
    run = Run(recipe_of(app, FakeSource(natives(F0, 0, 1))))
    message = weakref.ref(next(run))
    assert message() is not None
    run.generator.close()
    assert message() is None


def test_a_run_that_is_open_is_known_until_it_is_closed(app: App) -> None:
    run = Run(recipe_of(app, FakeSource(natives(F0, 0))))
    next(run)
    assert run.session in open_sessions._open
    run.generator.close()
    assert run.session not in open_sessions._open


# Stopping


def test_a_stop_ends_the_run_after_the_current_message(app: App) -> None:
    run = Run(recipe_of(app, FakeSource(natives(F0, 0, 1, 2))))
    next(run)
    run.control.stop()
    assert offsets(run) == []
    assert (run.session.report.ended, run.session.report.messages) == (Ended.STOPPED, 1)


def test_a_stop_before_the_first_message_gives_none(app: App) -> None:
    run = Run(recipe_of(app, FakeSource(natives(F0, 0))))
    run.control.stop()
    assert offsets(run) == []
    assert run.session.report.ended is Ended.STOPPED


def test_a_stop_ends_the_filling_of_a_batch(app: App) -> None:
    source = FakeSource(natives(F0, 0), natives(F0, 1), natives(F0, 2))
    run = in_batches(app, source, 1000, max_wait=10.0)
    source.on_fetch = lambda: run.control.stop() if len(source.fetches) == 2 else None
    assert offsets(message for batch in run for message in batch) == []
    assert len(source.fetches) == 1


def test_of_a_partition_that_was_stopped_nothing_more_is_given(app: App) -> None:
    fetched = [*natives(F0, 0), *natives(F1, 0), *natives(F0, 1), *natives(F1, 99)]
    run = Run(recipe_of(app, FakeSource(fetched), plan_of(F0, F1)))
    next(run)
    run.session.stop_current_partition()
    assert [str(message) for message in run] == ["flights-1@0", "flights-1@99"]
    report = run.session.report
    assert (report[F0].ended, report[F0].messages, report.ended) == (Ended.STOPPED, 1, Ended.END)


def test_a_partition_that_was_stopped_is_dropped_before_the_next_fetch(app: App) -> None:
    source = FakeSource(natives(F0, 0), natives(F1, 99))
    run = Run(recipe_of(app, source, plan_of(F0, F1)))
    next(run)
    run.session.stop_partition(F0)
    next(run)
    assert source.calls[1] == ("drop", [F0])


def test_where_every_partition_was_stopped_the_run_was(app: App) -> None:
    run = Run(recipe_of(app, FakeSource(natives(F0, 0, 1))))
    next(run)
    run.session.stop_current_partition()
    assert offsets(run) == []
    assert run.session.report.ended is Ended.STOPPED


def test_a_partition_that_is_stopped_after_its_last_message_came_to_its_end(app: App) -> None:
    run = Run(recipe_of(app, FakeSource(natives(F0, 99))))
    next(run)
    run.session.stop_current_partition()
    assert run.session.report[F0].ended is Ended.END


def test_a_partition_of_another_run_can_not_be_stopped(app: App) -> None:
    run = Run(recipe_of(app, FakeSource(natives(F0, 0))))
    next(run)
    with pytest.raises(NotIteratingError) as caught:
        run.session.stop_partition(W0)
    assert str(caught.value) == "weather-0 isn't read by this run."


def test_of_a_batch_in_which_a_partition_was_stopped_the_rest_was_given(app: App) -> None:
    fetches = [[*natives(F0, 0), *natives(F1, 0)], natives(F0, 1), natives(F1, 99)]
    run = in_batches(app, FakeSource(*fetches), 2, plan_of(F0, F1))
    assert next(run).offsets == [0, 0]
    run.session.stop_partition(F0)
    assert [batch.partitions for batch in run] == [[1]]
    assert run.session.report[F0].messages == 1


def test_an_interruption_is_over_with_the_next_message(app: App) -> None:
    run = Run(recipe_of(app, FakeSource(natives(F0, 0, 1, 2))))
    next(run)
    run.control.interrupt()
    assert next(run).offset == 1
    assert not run.control.interrupted


# Limits


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_a_limit_is_exact(app: App, limit: int) -> None:
    run = Run(recipe_of(app, FakeSource(natives(F0, 0, 1, 2), natives(F0, 3, 4, 5)), limit=limit))
    assert offsets(run) == list(range(limit))
    report = run.session.report
    assert (report.ended, report.messages, report[F0].position) == (Ended.LIMIT, limit, limit)


def test_a_limit_of_nothing_assigns_nothing(app: App) -> None:
    source = FakeSource(natives(F0, 0))
    run = Run(recipe_of(app, source, limit=0))
    assert offsets(run) == []
    assert (names_of(source), run.session.report.ended) == (["close"], Ended.LIMIT)


def test_a_limit_that_the_last_message_reaches_is_the_limit(app: App) -> None:
    run = Run(recipe_of(app, FakeSource(natives(F0, 98, 99)), limit=2))
    assert offsets(run) == [98, 99]
    assert (run.session.report.ended, run.session.report[F0].ended) == (Ended.END, Ended.END)


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_a_limit_is_exact_in_batches(app: App, limit: int) -> None:
    run = in_batches(app, FakeSource(natives(F0, 0, 1, 2), natives(F0, 3, 4)), 2, limit=limit)
    assert [offset for batch in run for offset in batch.offsets] == list(range(limit))


def test_a_limit_counts_messages_that_are_given(app: App) -> None:
    source = FakeSource([native(0, b"{"), native(1), native(2, b"{"), native(3), native(4)])
    run = Run(recipe_of(app, source, limit=2, filters=Filters(skip_unreadable=True)))
    assert offsets(run) == [1, 3]
    report = run.session.report[F0]
    assert (report.messages, report.unreadable, report.position) == (2, 2, 4)


# Batches


def test_a_batch_is_filled_from_several_fetches(app: App) -> None:
    source = FakeSource(natives(F0, 0), natives(F0, 1), natives(F0, 2), natives(F0, 99))
    run = in_batches(app, source, 3, max_wait=10.0)
    assert [batch.offsets for batch in run] == [[0, 1, 2], [99]]
    assert [count for _, count in source.asked_for] == [3, 2, 1, 3]


def test_a_batch_does_not_wait_past_max_wait_for_more(app: App) -> None:
    run = in_batches(app, FakeSource(natives(F0, 0), [], natives(F0, 1)), 1000, max_wait=1e-9)
    assert next(run).offsets == [0]


def test_a_batch_ends_where_every_end_was_reached(app: App) -> None:
    source = FakeSource([*natives(F0, 0), END_OF_F0])
    run = in_batches(app, source, 1000, max_wait=60.0)
    assert [batch.offsets for batch in run] == [[0]]
    assert len(source.asked_for) == 1


def test_an_event_that_needs_an_answer_ends_a_batch(app: App) -> None:
    source = FakeSource([*natives(F0, 0), Event(Kind.OUT_OF_RANGE, F0, -1)], natives(F0, 99))
    run = in_batches(app, source, 1000, max_wait=60.0)
    assert next(run).offsets == [0]
    assert ("watermarks", [F0]) not in source.calls
    assert next(run).offsets == [99]
    assert ("watermarks", [F0]) in source.calls


def test_a_batch_is_counted_when_it_is_given(app: App) -> None:
    run = in_batches(app, FakeSource(natives(F0, 0, 1)), 2)
    next(run)
    assert run.session.report.messages == 2
    run.generator.close()
    assert run.session.report.messages == 2


def test_what_is_skipped_is_counted_though_nothing_is_given(app: App) -> None:
    source = FakeSource([native(0, b"{"), native(1, b"{")], [native(99, b"{")])
    run = Run(recipe_of(app, source, filters=Filters(skip_unreadable=True)))
    assert offsets(run) == []
    report = run.session.report[F0]
    assert (report.unreadable, report.messages, report.gaps, report.ended) == (3, 0, 97, Ended.END)


# Silence


def test_silence_is_none_and_no_message(app: App) -> None:
    run = Run(recipe_of(app, FakeSource([], natives(F0, 99)), yield_none=True, max_wait=1e-9))
    assert offsets(run)[-2:] == [None, 99]
    assert run.session.report.messages == 1


def test_silence_is_none_in_batches_too(app: App) -> None:
    source = FakeSource([], natives(F0, 99))
    run = in_batches(app, source, 10, yield_none=True, max_wait=1e-9)
    first, *_, last = list(run)
    assert (first, last.offsets) == (None, [99])


def test_without_yield_none_silence_is_not_given(app: App) -> None:
    run = Run(recipe_of(app, FakeSource([], [], natives(F0, 99)), max_wait=1e-9))
    assert offsets(run) == [99]


def test_silence_is_counted_from_the_last_message(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    wait_by(clock, monkeypatch)
    source = FakeSource(natives(F0, 0), natives(F0, 1), natives(F0, 2), [], natives(F0, 99))
    source.on_fetch = lambda: clock.sleep(0.15)
    assert offsets(Run(recipe_of(app, source, yield_none=True, max_wait=0.5))) == [0, 1, 2, 99]


def test_what_was_given_stays_the_current_message_in_silence(app: App) -> None:
    source = FakeSource(natives(F0, 0), [], [], [])
    run = Run(recipe_of(app, source, yield_none=True, max_wait=1e-9, follow=True))
    assert next(message for message in run if message is not None).offset == 0
    assert next(run) is None
    run.session.stop_current_partition()
    assert run.session.report[F0].ended is Ended.STOPPED


# A progress bar


def test_a_bar_is_drawn_while_the_run_reads_and_gives_the_terminal_back(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    source = FakeSource(natives(F0, 0))
    source.on_fetch = lambda: time.sleep(0.01)
    run = Run(recipe_of(app, source, progress=True, yield_none=True))
    while "1 messages" not in terminal.getvalue():  # after half a second; without a bar, the run stalls
        next(run)
    assert "\x1b[?25h" not in terminal.getvalue()
    run.generator.close()
    assert "\x1b[?25h" in terminal.getvalue()


# Marks


def test_marks_are_committed_when_the_run_is_closed(app: App) -> None:
    source = FakeSource(natives(F0, 0, 1, 2))
    run = Run(recipe_of(app, source))
    for message in (next(run), next(run)):
        run.session.mark(message, blocking=False)
    run.generator.close()
    assert source.committer.sent == [{F0: 1}]
    assert [offset for offset, _ in source.committer.committed] == [{F0: 2}]


def test_a_batch_marks_the_last_message_of_each_partition(app: App) -> None:
    source = FakeSource([*natives(F0, 0, 1), *natives(F1, 7)])
    run = in_batches(app, source, 3, plan_of(F0, F1))
    batch = next(run)
    run.session.mark(batch, blocking=True)
    assert source.committer.committed == [({F0: 2, F1: 8}, None)]


def test_a_message_of_another_run_can_not_be_marked(app: App) -> None:
    run = Run(recipe_of(app, FakeSource(natives(F0, 0))))
    next(run)
    other = next(Run(recipe_of(app, FakeSource(natives(W0, 5)), plan_of(W0))))
    with pytest.raises(NotIteratingError) as caught:
        run.session.mark(other, blocking=False)
    assert str(caught.value) == "weather-0@5 isn't of this run, so it can't be marked here."
    assert run.session._commits.are_pending is False


def test_the_results_of_commits_are_taken_between_fetches(app: App) -> None:
    source = FakeSource(natives(F0, 0), natives(F0, 1))
    run = Run(recipe_of(app, source))
    message = next(run)
    run.session.mark(message, blocking=False)
    assert len(source.committer.results) == 1
    next(run)
    assert source.committer.results == []


@pytest.fixture
def refused(app: App) -> cabc.Iterator[Run]:
    """A run with a mark that the broker refuses."""
    source = FakeSource(natives(F0, 0, 1), natives(F0, 99))
    source.committer.refuses = True
    source.committer.error = CommitError("refused")
    run = Run(recipe_of(app, source))
    message = next(run)
    run.session.mark(message, blocking=False)
    yield run
    run.session.close(quiet=True)


def test_a_commit_that_fails_is_raised_at_the_end_of_the_run(refused: Run) -> None:
    with pytest.raises(CommitError, match="refused"):
        list(refused)
    report = refused.session.report
    assert (report.ended, str(report.error)) == (Ended.END, "refused")
    assert refused.session.is_closed


def test_a_commit_that_fails_is_raised_where_the_run_is_closed(refused: Run) -> None:
    with pytest.raises(CommitError, match="refused"):
        refused.session.close()
    assert refused.session.report.ended is Ended.CLOSED
    refused.session.close()


def test_a_commit_that_fails_where_nobody_could_catch_it_is_logged_and_raised_once_later(
    refused: Run, caplog: pytest.LogCaptureFixture
) -> None:
    refused.session.close(quiet=True)
    assert caplog.record_tuples == [("framework_iterator.session", logging.ERROR, "refused")]
    with pytest.raises(CommitError, match="refused"):
        refused.session.close()
    refused.session.close()


def test_what_a_callback_of_the_commits_raises_is_raised_at_the_end_of_the_run(app: App) -> None:
    source = FakeSource(natives(F0, 99))
    error = source.committer.failure = CallbackError("logger raised ValueError: mine.")
    run = Run(recipe_of(app, source))
    with pytest.raises(CallbackError, match="mine"):
        list(run)
    assert (run.session.report.ended, run.session.report.error) == (Ended.END, error)


def test_what_a_callback_of_the_commits_raises_does_not_replace_an_exception_of_the_loop(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    source = FakeSource(natives(F0, 98))
    source.committer.failure = CallbackError("logger raised ValueError: mine.")
    run = Run(recipe_of(app, source))
    next(run)
    with pytest.raises(ZeroDivisionError):
        run.generator.throw(ZeroDivisionError)
    assert caplog.messages == ["logger raised ValueError: mine."]


def test_a_loop_that_is_left_raises_a_commit_that_fails(refused: Run) -> None:
    with pytest.raises(CommitError, match="refused"):
        refused.generator.close()


def test_at_the_end_of_the_process_a_commit_that_fails_is_logged(
    refused: Run, caplog: pytest.LogCaptureFixture
) -> None:
    refused.session.close_at_exit(1.0)
    assert caplog.messages == ["refused"]


def test_an_exception_of_the_loop_after_the_run_was_closed_changes_nothing(refused: Run) -> None:
    refused.session.close(quiet=True)
    with pytest.raises(ZeroDivisionError):
        refused.generator.throw(ZeroDivisionError)
    assert str(refused.session.report.error) == "refused"
    with pytest.raises(CommitError, match="refused"):
        refused.session.close()


def test_a_quiet_call_that_follows_takes_the_error_away(refused: Run) -> None:
    refused.session.close(quiet=True)
    refused.session.close(quiet=True)
    refused.session.close()  # raises nothing
    assert isinstance(refused.session.report.error, CommitError)


def test_a_commit_that_fails_does_not_replace_an_error_of_the_run(refused: Run) -> None:
    with pytest.raises(BrokerTimeoutError):
        refused.generator.throw(BrokerTimeoutError("late"))
    assert isinstance(refused.session.report.error, BrokerTimeoutError)


def test_a_commit_that_fails_does_not_replace_an_exception_of_the_loop(refused: Run) -> None:
    with pytest.raises(ZeroDivisionError):
        refused.generator.throw(ZeroDivisionError)
    report = refused.session.report
    assert (report.ended, str(report.error)) == (Ended.CLOSED, "refused")


def test_a_loop_that_is_left_and_dropped_logs_a_commit_that_fails(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    source = FakeSource(natives(F0, 0, 1))
    source.committer.refuses, source.committer.error = True, CommitError("refused")
    run = Run(recipe_of(app, source))
    message = next(run)
    session = run.session
    session.mark(message, blocking=False)
    del run
    assert (session.is_closed, caplog.messages) == (True, ["refused"])


def test_the_last_commit_after_ctrl_c_has_its_own_timeout(refused: Run) -> None:
    committer: Any = refused.session._source.committer
    with pytest.raises(KeyboardInterrupt):
        refused.generator.throw(KeyboardInterrupt)
    assert committer.committed == [({F0: 1}, 0.2)]


def test_ctrl_c_while_a_run_is_closed_is_raised(app: App) -> None:
    source = FakeSource(natives(F0, 0, 1))
    source.errors["close"] = KeyboardInterrupt()
    run = Run(recipe_of(app, source))
    next(run)
    with pytest.raises(KeyboardInterrupt):
        run.generator.close()
    assert run.session not in open_sessions._open


def test_ctrl_c_while_a_run_that_was_dropped_is_closed_is_raised_in_the_main_thread(app: App) -> None:
    source = FakeSource(natives(F0, 0, 1))
    source.errors["close"] = KeyboardInterrupt()
    run = Run(recipe_of(app, source))
    next(run)
    with pytest.raises(KeyboardInterrupt):
        del run
        time.sleep(60)  # the interruption ends it


# The end of the process, and a fork


def test_at_the_end_of_the_process_a_run_commits_its_marks_and_closes(app: App) -> None:
    source = FakeSource(natives(F0, 0, 1))
    source.committer.refuses = True
    run = Run(recipe_of(app, source))
    message = next(run)
    run.session.mark(message, blocking=False)
    run.session.close_at_exit(3.0)
    assert source.committer.committed == [({F0: 1}, 3.0)]
    assert source.is_closed


@pytest.mark.parametrize(("is_marked", "is_stopped"), [(True, True), (False, False)])
def test_at_the_end_of_the_process_a_loop_that_runs_in_a_thread_is_stopped_where_marks_are_pending(
    app: App, is_marked: bool, is_stopped: bool
) -> None:
    source = FakeSource(natives(F0, 0), natives(F0, 1), natives(F0, 99))
    source.committer.refuses = True
    run = Run(recipe_of(app, source))
    message = next(run)
    if is_marked:
        run.session.mark(message, blocking=False)
    # As if the process ended while the loop fetches.
    source.on_fetch = lambda: run.session.close_at_exit(0.0)
    next(run, None)
    assert run.control.stop_requested is is_stopped


@pytest.mark.timeout(60)
def test_at_the_end_of_the_process_it_waits_until_the_loop_has_closed_the_run(app: App) -> None:
    fetching = threading.Event()
    source = FakeSource(natives(F0, 0), natives(F0, 1), natives(F0, 2), natives(F0, 99))
    source.committer.refuses = True
    run = Run(recipe_of(app, source))
    message = next(run)
    run.session.mark(message, blocking=False)

    def fetch() -> None:
        fetching.set()
        while not run.control.stop_requested:
            time.sleep(0.001)

    source.on_fetch = fetch
    thread = threading.Thread(target=list, args=[run.generator])
    thread.start()
    assert fetching.wait(20)
    run.session.close_at_exit(60.0)
    is_closed = source.is_closed
    thread.join()
    assert (is_closed, run.session.report.ended) == (True, Ended.STOPPED)


def test_in_a_forked_child_the_run_is_left_to_the_parent(app: App) -> None:
    source = FakeSource(natives(F0, 0, 1))
    run = Run(recipe_of(app, source))
    next(run)
    run.session.detach()
    assert source.calls[-1] == ("abandon", None)
    assert (run.session.is_closed, run.session.report.ended) == (True, Ended.CLOSED)
    with pytest.raises(NotIteratingError) as caught:
        next(run)
    assert str(caught.value) == ("This run belongs to the process that forked this one. Start a new one.")
    assert not source.is_closed
