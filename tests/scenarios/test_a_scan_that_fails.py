"""A scan that fails names the part and the reason, keeps the reports of the others, and leaves no process."""

from __future__ import annotations

import collections.abc as cabc
import multiprocessing
import operator
import os
import pathlib
import pickle
import signal
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any

import pytest

from framework import BrokerTimeoutError, Topic
from framework.pickled_causes import UnpicklableError
from framework.testing import reset_current_app
from framework_iterator import InvalidOptionError, IteratorError, Report, ScanError, scan
from framework_iterator.scanning import processes
from framework_iterator.scanning.collecting import Collector
from framework_iterator.scanning.task import Outcome
from tests import support
from tests.clock import wait_by
from tests.faults.brokers import Broker, bounded
from tests.scenarios import scanning
from tests.scenarios.scanning import APP


@pytest.fixture(autouse=True)
def _no_apps() -> cabc.Iterator[None]:
    yield
    reset_current_app()
    assert multiprocessing.active_children() == []


@pytest.fixture
def given(kafka: str) -> dict[str, Any]:
    return {"app": APP, "settings": {"bootstrap.servers": kafka}, "workers": 2}


@pytest.fixture
def name(topic: support.TopicFactory) -> str:
    return topic(2, {0: ["1"] * 200, 1: ["1"] * 200})


def failure(name: str, function: Any, given: dict[str, Any]) -> ScanError:
    with pytest.raises(ScanError) as caught:
        scan(name, function, operator.add, **given)
    return caught.value


def test_an_error_of_the_function(name: str, given: dict[str, Any]) -> None:
    with bounded():  # the other part, of a minute, is ended
        error = failure(name, scanning.fail_on_one_beside_one_that_waits, given)
    assert str(error) == f"Part 2 of 2 ({name}-1 0..200) failed: LookupError: not this one"
    assert [str(each) for each in error.part] == [f"{name}-1 0..200"]
    assert type(error.__cause__) is LookupError
    assert "in fail_on_one" in error.__cause__.__notes__[0]
    assert [[each.key for each in report] for report in error.reports] == [[(name, 0)], [(name, 1)]]
    assert error.reports[1].messages == 1


def test_an_error_can_be_pickled_with_its_part(name: str, given: dict[str, Any]) -> None:
    error = failure(name, scanning.fail_on_one, given)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.part, again.reports) == (str(error), error.part, error.reports)
    assert type(again.__cause__) is LookupError


@pytest.mark.parametrize(
    ("function", "cause", "text"),
    [
        (scanning.fail_oddly, UnpicklableError, "tests.scenarios.scanning.OddError: this and that"),
        (scanning.fail_locked, UnpicklableError, "tests.scenarios.scanning.LockedError: a door"),
        (scanning.leave, SystemExit, "3"),
        (scanning.unreadable_value, ValueError, "invalid literal for int() with base 10: 'not a number'"),
    ],
)
def test_errors_and_values_that_can_not_be_sent(
    name: str, given: dict[str, Any], function: Any, cause: type[BaseException], text: str
) -> None:
    error = failure(name, function, given)
    assert type(error.__cause__) is cause
    assert str(error.__cause__) == text
    assert str(error).endswith(f" failed: {cause.__name__}: {text}")


def test_a_value_that_can_not_be_written(name: str, given: dict[str, Any]) -> None:
    error = failure(name, scanning.unwritable_value, given)
    assert "the value of the function, a generator, can't be sent back: cannot pickle" in str(error)


@pytest.fixture
def _heard(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the file HEARD made once messages of all parts were reported."""
    file = tmp_path / "heard"
    monkeypatch.setenv("HEARD", str(file))
    take = Collector.take

    def noted(collector: Collector, number: int, news: Report | Outcome) -> None:
        take(collector, number, news)
        if all(report.messages for report in collector.reports):
            file.touch()

    monkeypatch.setattr(Collector, "take", noted)


@pytest.mark.usefixtures("_heard")
def test_a_worker_that_is_killed(name: str, given: dict[str, Any]) -> None:
    error = failure(name, scanning.die_on_one, given)
    assert [str(each) for each in error.part] == [f"{name}-1 0..200"]
    assert type(error.__cause__) is ChildProcessError
    assert "was killed by SIGKILL, as the system does when memory runs out" in str(error)
    assert error.reports[0].messages > 0
    assert error.reports[1].messages == 1


@pytest.fixture
def _left(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> cabc.Iterator[None]:
    """The processes that workers leave are ended with the test."""
    file = tmp_path / "left"
    monkeypatch.setenv("LEFT", str(file))
    yield
    for pid in file.read_text().split():
        os.kill(int(pid), signal.SIGKILL)


@pytest.mark.usefixtures("_left")
def test_a_worker_that_is_killed_while_a_process_that_it_forked_lives(
    name: str, given: dict[str, Any]
) -> None:
    with bounded():  # the other one lives for a minute
        error = failure(name, scanning.leave_a_process_and_die, given)
    assert "was killed by SIGKILL, as the system does when memory runs out" in str(error)


@pytest.mark.usefixtures("_left")
def test_a_worker_that_ends_while_a_process_that_it_forked_lives(
    name: str, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_EXIT_GRACE", 60.0)  # the time for workers that don't end
    with bounded():
        assert scan(name, scanning.leave_a_process, operator.add, **given).value == 2


def test_a_worker_that_exits(name: str, given: dict[str, Any]) -> None:
    assert str(failure(name, scanning.exit_hard, given)).endswith("ended with exit code 7")


def test_a_worker_of_a_given_pool_that_is_killed(name: str, given: dict[str, Any]) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        error = failure(name, scanning.die, {**given, "executor": pool})
    assert type(error.__cause__) is BrokenProcessPool
    assert f"({name}-" in str(error)


def test_a_value_that_can_not_be_read_leaves_a_given_pool_whole(name: str, given: dict[str, Any]) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        error = failure(name, scanning.unreadable_value, {**given, "executor": pool})
        assert type(error.__cause__) is ValueError
        assert scan(name, scanning.nothing, operator.add, executor=pool, **given).value == 0


def test_a_pool_that_is_closed(name: str, given: dict[str, Any]) -> None:
    with ThreadPoolExecutor(2) as pool:
        pass
    with pytest.raises(IteratorError, match="RuntimeError: cannot schedule new futures after shutdown"):
        scan(name, scanning.nothing, operator.add, executor=pool, **given)


def test_the_first_error_cancels_what_waits(name: str, given: dict[str, Any]) -> None:
    ran: list[str] = []
    has_failed = threading.Event()

    def function(messages: Any) -> int:
        ran.append(str(messages))
        if len(ran) > 1:  # it has begun before the others were cancelled
            has_failed.wait(support.LIMIT)
        raise LookupError("the first")

    with ThreadPoolExecutor(1) as pool:
        error = failure(name, function, {**given, "executor": pool, "workers": 40})
        has_failed.set()
    assert str(error) == f"Part 1 of 40 ({name}-0 0..10) failed: LookupError: the first"
    assert len(ran) <= 2


@pytest.mark.parametrize("function", [scanning.mark, scanning.mark_in_a_coroutine])
def test_marks_of_a_worker(name: str, given: dict[str, Any], function: Any) -> None:
    error = failure(name, function, given)
    assert type(error.__cause__) is InvalidOptionError
    assert str(error.__cause__).startswith(
        "Marks inside a scan are refused, since a part says nothing about the others. "
        "Pass scan(..., mark=True)"
    )


def test_a_broker_that_goes_away(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    name = broker.large(40, 2)
    killed: list[float] = []

    def clock() -> float:  # before that no wait counts, however long the broker takes
        return time.monotonic() - killed[0] if killed else 0.0

    wait_by(clock, monkeypatch)
    options: dict[str, Any] = {
        "app": "tests.scenarios.scanning:create_impatient_app()",
        "settings": {**support.SMALL, "bootstrap.servers": broker.straight},
        "workers": 2,
    }

    are_reading = threading.Barrier(2, timeout=30)

    def function(messages: Any) -> int:
        for message in messages:
            if message.offset == 5 and are_reading.wait() == 0:
                broker.server.kill()
                killed.append(time.monotonic())
        return 0

    with ThreadPoolExecutor(2) as pool:
        error = failure(name, function, {**options, "executor": pool})
    assert type(error.__cause__) is BrokerTimeoutError
    assert "No message for 2 s while waiting for " in str(error)
    assert error.reports[0].messages + error.reports[1].messages >= 6


def test_a_topic_that_the_app_of_the_workers_does_not_declare(
    topic: support.TopicFactory, given: dict[str, Any]
) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        scan(Topic("other", payload=int), scanning.nothing, operator.add, **given)
    assert "<Topic other> isn't a topic of <App 'scan' of" in str(caught.value)
    assert str(caught.value).endswith("Declare it there: app.topic('other', ...).")


def test_a_function_that_can_not_be_sent() -> None:
    nobody = {"bootstrap.servers": "127.0.0.1:1"}  # who isn't asked
    with pytest.raises(InvalidOptionError) as caught:
        scan("flights", lambda _: 0, operator.add, app=APP, settings=nobody, workers=2)
    assert str(caught.value).startswith(
        "function=<function test_a_function_that_can_not_be_sent.<locals>.<lambda>"
    )
    assert "can't be sent to worker processes: Can't " in str(caught.value)
    assert str(caught.value).endswith("lambdas and inner functions have no name there.")


def test_the_signal_mask_is_as_it_was(name: str, given: dict[str, Any]) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    scan(name, scanning.nothing, operator.add, **given)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
