"""A command that has something to save is ended by a signal once, and saves it in peace."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from framework_iterator.cli.signals import EndingSignals

PROGRAM = """
import signal, sys, traceback
from framework_iterator.cli.signals import EndingSignals

first, second, held = (getattr(signal, name, None) for name in sys.argv[1:])
try:
    with EndingSignals() as signals:
        try:
            try:
                try:
                    first and signal.raise_signal(first)
                finally:
                    second and signal.raise_signal(second)
            finally:
                signals.hold()
                held and signal.raise_signal(held)
        finally:
            print("saved", flush=True)
except BaseException as error:
    print(type(error).__name__, flush=True)
print("end")
"""


@pytest.mark.parametrize(
    ("first", "second", "held", "code", "printed"),
    [
        pytest.param("-", "-", "-", 0, ["saved", "end"], id="none"),
        pytest.param("SIGINT", "-", "-", 0, ["saved", "KeyboardInterrupt", "end"], id="Ctrl-C"),
        pytest.param("SIGTERM", "-", "-", -15, ["saved"], id="SIGTERM"),
        pytest.param("SIGHUP", "-", "-", -1, ["saved"], id="SIGHUP"),
        pytest.param("SIGINT", "SIGINT", "SIGINT", 0, ["saved", "KeyboardInterrupt", "end"], id="impatient"),
        pytest.param("SIGINT", "SIGTERM", "-", 0, ["saved", "KeyboardInterrupt", "end"], id="the first one"),
        pytest.param("SIGTERM", "SIGINT", "SIGINT", -15, ["saved"], id="the first one, again"),
        pytest.param(
            "-", "-", "SIGINT", 0, ["saved", "KeyboardInterrupt", "end"], id="Ctrl-C while it saves"
        ),
        pytest.param("-", "-", "SIGTERM", -15, ["saved"], id="SIGTERM while it saves"),
    ],
)
def test_the_first_signal_ends_it_after_it_has_saved(
    first: str, second: str, held: str, code: int, printed: list[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, first, second, held],
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )

    assert (done.returncode, done.stdout.split(), done.stderr) == (code, printed, "")


def test_handlers_of_others_stay() -> None:
    received = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: received.append(number))
    try:
        with EndingSignals():
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)

    assert received == [signal.SIGTERM]


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with EndingSignals():
            signal.raise_signal(signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_afterwards_everything_is_as_before() -> None:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    with EndingSignals():
        assert signal.getsignal(signal.SIGTERM) != before[1]

    assert [signal.getsignal(number) for number in numbers] == before


def test_another_thread_receives_no_signals() -> None:
    before = signal.getsignal(signal.SIGTERM)
    found = []

    def run() -> None:
        with EndingSignals():
            found.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()

    assert found == [before]
