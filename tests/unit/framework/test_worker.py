from __future__ import annotations

import functools
import subprocess
import sys
import threading
import time

import pytest

from framework.retry import Deadline
from framework.worker import CallCancelledError, Worker, cancelled_by
from tests.clock import Clock

LIMIT = 20.0


def test_a_call_returns_what_the_function_returns() -> None:
    assert Worker("client").call(lambda: 5, LIMIT) == 5
    assert Worker("client").call(lambda: None, LIMIT) is None


@pytest.mark.parametrize("kind", [ValueError, TimeoutError, KeyboardInterrupt, SystemExit])
def test_a_call_raises_what_the_function_raises_with_its_traceback(kind: type[BaseException]) -> None:
    error = kind("here")

    def fail() -> None:
        raise error

    with pytest.raises(kind) as caught:
        Worker("client").call(fail, LIMIT)
    assert caught.value is error
    assert caught.traceback[-1].name == "fail"


def test_a_call_runs_in_a_daemon_thread_with_the_workers_name() -> None:
    thread = Worker("client").call(threading.current_thread, LIMIT)
    assert thread is not threading.current_thread()
    assert (thread.name, thread.daemon) == ("client", True)


def test_calls_of_a_thread_are_cancelled_from_another_one(gate: threading.Event) -> None:
    cancelled, worker = threading.Event(), Worker("client")
    threading.Timer(0.05, cancelled.set).start()
    with cancelled_by(cancelled), pytest.raises(CallCancelledError):
        worker.call(gate.wait, LIMIT)
    assert worker.is_busy
    with cancelled_by(cancelled):
        assert Worker("other").call(lambda: 5, LIMIT) == 5  # one that answers at once has an answer


def test_a_call_outside_of_the_block_is_not_cancelled(gate: threading.Event) -> None:
    cancelled = threading.Event()
    cancelled.set()
    with cancelled_by(cancelled):
        pass
    with pytest.raises(TimeoutError):
        Worker("client").call(gate.wait, 0.2)


def test_a_call_that_takes_too_long_times_out_and_goes_on(gate: threading.Event) -> None:
    worker, done = Worker("client"), threading.Event()

    def call() -> None:
        gate.wait()
        done.set()

    with pytest.raises(TimeoutError) as caught:
        worker.call(call, 0.05)
    assert str(caught.value) == "client: no answer within 0.05 s."
    gate.set()
    assert done.wait(LIMIT)


def test_while_a_call_is_running_no_other_starts(gate: threading.Event) -> None:
    worker, begun = Worker("client"), threading.Event()
    assert worker.submit(gate.wait)
    with pytest.raises(TimeoutError) as caught:
        worker.call(begun.set, 0.05)
    assert str(caught.value) == "client: the previous call is still running."
    assert not begun.is_set()


def test_a_call_waits_for_the_previous_one_to_end(gate: threading.Event) -> None:
    worker, order = Worker("client"), list[str]()

    def first() -> None:
        gate.wait()
        order.append("first")

    worker.submit(first)
    threading.Timer(0.05, gate.set).start()
    worker.call(lambda: order.append("second"), LIMIT)
    assert order == ["first", "second"]


def test_the_time_spent_on_the_previous_call_counts(
    gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, second = Worker("client"), threading.Event()
    clock = Clock()
    monkeypatch.setattr("framework.worker.Deadline", functools.partial(Deadline, clock=clock))

    def previous() -> None:
        gate.wait()
        clock.now += 2 * LIMIT

    worker.submit(previous)
    threading.Timer(0.05, gate.set).start()
    with pytest.raises(TimeoutError):
        worker.call(second.wait, LIMIT)  # nothing of its time is left, else it would wait for ever
    second.set()


def test_a_submitted_call_is_not_waited_for(gate: threading.Event) -> None:
    worker, done = Worker("client"), threading.Event()

    def call() -> None:
        gate.wait()
        done.set()

    assert worker.submit(call) is True
    assert worker.submit(call) is False
    gate.set()
    assert done.wait(LIMIT)


def test_a_call_after_a_failed_one_runs() -> None:
    worker = Worker("client")
    with pytest.raises(ZeroDivisionError):
        worker.call(lambda: 1 // 0, LIMIT)
    assert worker.call(lambda: 5, LIMIT) == 5


def test_close_waits_for_the_client() -> None:
    closed = threading.Event()
    Worker("client").close(closed.set, LIMIT)
    assert closed.is_set()


def test_close_waits_no_longer_than_its_timeout(gate: threading.Event) -> None:
    began = time.monotonic()
    Worker("client").close(gate.wait, 0.05)
    assert time.monotonic() - began < LIMIT / 2


@pytest.mark.parametrize("whose", ["ours", "the other's"])
def test_close_returns_at_once_while_a_call_is_running_and_closes_after_it(
    gate: threading.Event, whose: str
) -> None:
    ours, other, closed = Worker("client"), Worker("commits"), threading.Event()
    (ours if whose == "ours" else other).submit(gate.wait)
    began = time.monotonic()
    ours.close(closed.set, LIMIT, other)
    assert time.monotonic() - began < LIMIT / 2
    assert not closed.is_set()
    gate.set()
    assert closed.wait(LIMIT)


@pytest.mark.parametrize("is_running", [False, True])
def test_at_shutdown_close_closes_the_client_itself_unless_a_call_is_running(
    monkeypatch: pytest.MonkeyPatch, gate: threading.Event, is_running: bool
) -> None:
    worker, closed = Worker("client"), threading.Event()
    if is_running:
        worker.submit(gate.wait)
    monkeypatch.setattr("sys.is_finalizing", lambda: True)
    worker.close(closed.set, LIMIT)
    assert closed.is_set() is not is_running


def test_a_call_at_shutdown_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.is_finalizing", lambda: True)
    with pytest.raises(RuntimeError) as caught:
        Worker("client").call(lambda: 5, LIMIT)
    assert str(caught.value) == "client: the interpreter is shutting down and starts no more threads."


# Of its own, because the timer of this process is pytest-timeout's.
INTERRUPTED = """
import random, signal
from framework.worker import CallCancelledError, Worker, cancelled_by

signal.signal(signal.SIGALRM, signal.default_int_handler)
moments = random.Random(5)
ended = set()
for _ in range(12_000):
    worker = Worker("client")
    try:
        signal.setitimer(signal.ITIMER_REAL, moments.uniform(2e-5, 4e-4))
        worker.call(lambda: None, 20.0)
        worker.close(lambda: None, 20.0)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except BaseException as error:
        ended.add(type(error).__name__)
print(*ended)
"""


def test_ctrl_c_is_a_keyboard_interrupt_wherever_it_hits_a_wait() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "KeyboardInterrupt\n")
