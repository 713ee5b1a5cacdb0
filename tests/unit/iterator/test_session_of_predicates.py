"""What a predicate raises reaches the user as if it stood in the loop."""

from __future__ import annotations

import collections.abc as cabc
import functools
import traceback
from typing import Any

import pytest

from framework import App, BrokerTimeoutError, DeserializationError, Message
from framework.testing import reset_current_app
from framework_iterator import Ended, loops
from framework_iterator.selecting.filters import Filters
from tests.unit.iterator.fakes import F0, FakeSource, native, natives
from tests.unit.iterator.sessions import Run, recipe_of


@pytest.fixture(autouse=True)
def app() -> cabc.Iterator[App]:
    reset_current_app()
    yield App(kafka={"bootstrap.servers": "127.0.0.1:1"}, stall_timeout=5.0)
    reset_current_app()


def run_of(app: App, where: cabc.Callable[[Message[Any]], object], size: int = 0, **options: Any) -> Run:
    source = options.pop("source", None) or FakeSource(natives(F0, 0, 1, 2, 3), natives(F0, 4, 99))
    read = functools.partial(loops.batches, size=size) if size else loops.messages
    return Run(recipe_of(app, source, filters=Filters(where=where), **options), read)


def fail_at(offset: int, error: BaseException) -> cabc.Callable[[Message[Any]], bool]:
    def odd_or_fail(message: Message[Any]) -> bool:
        if message.offset == offset:
            raise error
        return bool(message.offset % 2)

    return odd_or_fail


def read_all(run: Run) -> tuple[list[int], BaseException | None]:
    """The offsets that were given, and what was raised after them."""
    given: list[int] = []
    try:
        for item in run:
            given += [item.offset] if isinstance(item, Message) else item.offsets
    except Exception as error:
        return given, error
    return given, None


@pytest.mark.parametrize("size", [0, 10])
def test_what_it_raises_comes_after_the_messages_that_passed_before(app: App, size: int) -> None:
    error = ZeroDivisionError("odd")
    run = run_of(app, fail_at(3, error), size)
    assert read_all(run) == ([1], error)
    assert traceback.extract_tb(error.__traceback__)[-1].name == "odd_or_fail"


def test_the_run_was_left_and_did_not_fail(app: App) -> None:
    run = run_of(app, fail_at(3, ZeroDivisionError()))
    read_all(run)
    report = run.session.report
    assert (report.ended, report.error, run.session.is_closed) == (Ended.CLOSED, None, True)


def test_the_message_that_it_failed_at_was_not_read(app: App) -> None:
    run = run_of(app, fail_at(3, ZeroDivisionError()))
    read_all(run)
    report = run.session.report["flights", 0]
    assert (report.position, report.messages, report.filtered) == (3, 1, 2)


def test_an_error_of_the_run_is_still_one(app: App) -> None:
    class Away(FakeSource):
        def fetch(self, max_wait: float, count: int) -> Any:  # noqa: ARG002
            raise error

    error = BrokerTimeoutError("away")
    run = run_of(app, fail_at(3, ZeroDivisionError()), source=Away())
    assert read_all(run) == ([], error)
    assert (run.session.report.ended, run.session.report.error) == (Ended.ERROR, error)


def test_a_limit_that_was_reached_before_hides_it(app: App) -> None:
    run = run_of(app, fail_at(3, ZeroDivisionError()), limit=1)
    assert read_all(run) == ([1], None)
    assert run.session.report.ended is Ended.LIMIT


def test_a_payload_that_it_can_not_read_is_its_error(app: App) -> None:
    source = FakeSource([native(0), native(1, b"{")])
    run = run_of(app, lambda message: message.payload == 1, source=source)
    given, error = read_all(run)
    assert given == [0]
    assert isinstance(error, DeserializationError)
    assert run.session.report.ended is Ended.CLOSED


def test_it_sees_no_payload_that_is_skipped(app: App) -> None:
    source = FakeSource([native(0, b"{"), native(1), native(99)])
    filters = Filters(where=lambda message: message.payload == 1, skip_unreadable=True)
    run = Run(recipe_of(app, source, filters=filters))
    assert read_all(run) == ([1, 99], None)
    report = run.session.report
    assert (report.messages, report.filtered, report.unreadable) == (2, 0, 1)


@pytest.mark.parametrize("size", [0, 2])
def test_what_it_removes_counts_as_filtered(app: App, size: int) -> None:
    run = run_of(app, lambda message: message.offset % 2, size)
    assert read_all(run) == ([1, 3, 99], None)
    report = run.session.report["flights", 0]
    assert (report.position, report.messages, report.filtered, report.ended) == (100, 3, 3, Ended.END)


def test_a_run_whose_messages_it_all_removes_comes_to_its_end(app: App) -> None:
    run = run_of(app, lambda _message: False)
    assert read_all(run) == ([], None)
    assert (run.session.report.filtered, run.session.report.ended) == (6, Ended.END)


@pytest.mark.parametrize("end", ["stop", "close"])
def test_what_it_raises_after_it_has_ended_the_run_is_raised_all_the_same(app: App, end: str) -> None:
    error = ValueError("seen")

    def end_and_fail(message: Message[Any]) -> bool:
        if message.offset == 2:
            if end == "stop":
                run.control.stop()
            else:
                run.session.close()
            raise error
        return False

    run = run_of(app, end_and_fail)
    assert read_all(run) == ([], error)
    assert run.session.report.ended is Ended.CLOSED
    assert run.session.report.error is None


def test_a_loop_that_stops_before_the_message_it_raises_for_hears_nothing_of_it(app: App) -> None:
    run = run_of(app, fail_at(3, ValueError("later")))
    for message in run:
        assert message.offset == 1
        run.control.stop()
    assert run.session.report.ended is Ended.STOPPED
