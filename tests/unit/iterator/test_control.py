from __future__ import annotations

import collections.abc as cabc
import os
import threading
import time

import pytest

from framework_iterator.control import Control, raise_ctrl_c_again


@pytest.fixture
def control() -> Control:
    return Control()


def test_a_run_begins_with_nothing_requested(control: Control) -> None:
    assert (control.stop_requested, control.interrupted) == (False, False)


def test_a_stop_interrupts_the_loop_and_stays_requested(control: Control) -> None:
    control.stop()
    assert (control.stop_requested, control.interrupted) == (True, True)
    control.resume()
    assert (control.stop_requested, control.interrupted) == (True, True)


def test_an_interruption_is_over_when_the_loop_resumes(control: Control) -> None:
    control.interrupt()
    assert (control.stop_requested, control.interrupted) == (False, True)
    control.resume()
    assert (control.stop_requested, control.interrupted) == (False, False)


# The generator of the run


def run(control: Control) -> cabc.Generator[tuple[bool, bool]]:
    while True:
        yield control.is_executing, control.is_dropped


def test_without_a_generator_nothing_is_executing_or_dropped(control: Control) -> None:
    assert (control.is_executing, control.is_dropped) == (False, False)


def test_a_generator_that_waits_for_its_reader_is_not_executing(control: Control) -> None:
    generator = run(control)
    control.watch(generator)
    next(generator)
    assert (control.is_executing, control.is_dropped) == (False, False)


def test_a_generator_that_runs_is_executing(control: Control) -> None:
    generator = run(control)
    control.watch(generator)
    assert next(generator) == (True, False)


def test_a_generator_that_runs_in_another_thread_is_executing(control: Control) -> None:
    started, may_end = threading.Event(), threading.Event()

    def wait() -> cabc.Generator[None]:
        started.set()
        may_end.wait(10)
        yield

    generator = wait()
    control.watch(generator)
    thread = threading.Thread(target=next, args=[generator])
    thread.start()
    try:
        assert started.wait(10)
        assert control.is_executing
    finally:
        may_end.set()
        thread.join()
    assert not control.is_executing


def test_a_generator_that_nobody_holds_is_dropped_before_it_is_closed(control: Control) -> None:
    seen: list[bool] = []

    def closing() -> cabc.Generator[None]:
        try:
            yield
        finally:
            seen.append(control.is_dropped)

    generator = closing()
    control.watch(generator)
    next(generator)
    del generator
    assert seen == [True]
    assert (control.is_executing, control.is_dropped) == (False, True)


def test_a_generator_that_is_closed_while_it_is_held_is_not_dropped(control: Control) -> None:
    generator = run(control)
    control.watch(generator)
    next(generator)
    generator.close()
    assert (control.is_executing, control.is_dropped) == (False, False)


def test_ctrl_c_is_raised_again_after_the_finalizer_that_it_met() -> None:
    finalized = []

    def met() -> cabc.Generator[None]:
        try:
            yield
        finally:
            raise_ctrl_c_again()
            finalized.append(True)

    generator = met()
    next(generator)
    with pytest.raises(KeyboardInterrupt):
        del generator
        time.sleep(60)  # the interruption ends it
    assert finalized == [True]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # other tests may have left threads
def test_a_run_is_of_the_process_that_made_it(control: Control) -> None:
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writing, b"yes" if control.is_of_this_process else b"no")
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        assert answer.read() == b"no"
    assert control.is_of_this_process
