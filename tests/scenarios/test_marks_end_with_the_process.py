"""What a signal or its own end does to a process: its marks are committed before it is gone."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import signal
import subprocess
import sys

import pytest
from confluent_kafka.admin import AdminClient

from tests import support
from tests.scenarios.marking import committed

BEGIN = """
import signal, sys, time
from framework import App
from framework_iterator import Iterator

signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(3))
servers, name = sys.argv[1:]
app = App(kafka={"bootstrap.servers": servers})
"""
IN_THE_BODY = """
iterator = Iterator(name, group_id=f"{name}-group")
for message in iterator:
    iterator.mark_as_consumed(message)
    if message.offset == 2:
        print("marked", flush=True)
        while True:
            time.sleep(0.05)  # signal.pause() would miss a signal that comes just before it
"""
# `max_wait` is also what the last commit may take after Ctrl-C.
WHILE_WAITING = """
iterator = Iterator(name, follow=True, max_wait=20.0, group_id=f"{name}-group")
for message in iterator:
    iterator.mark_as_consumed(message)
    if message.offset == 2:
        print("marked", flush=True)
"""
IN_A_FUNCTION_WITH_A_BLOCK = """
def main():
    with Iterator(name, follow=True, max_wait=20.0, group_id=f"{name}-group") as iterator:
        for message in iterator:
            iterator.mark_as_consumed(message)
            if message.offset == 2:
                print("marked", flush=True)

main()
"""
STOPPED_BY_ITS_HANDLER = """
iterator = Iterator(name, follow=True, group_id=f"{name}-group")
signal.signal(signal.SIGTERM, lambda number, frame: iterator.stop())
for message in iterator:
    iterator.mark_as_consumed(message)
    if message.offset == 2:
        print("marked", flush=True)
print(iterator.report.ended)
"""
HELD_BY_THE_MODULE = """
iterator = Iterator(name, group_id=f"{name}-group")
messages = iter(iterator)
for _ in range(3):
    iterator.mark_as_consumed(next(messages))
print("marked", flush=True)
"""
IN_A_DAEMON_THREAD = """
import threading

def read():
    iterator = Iterator(name, follow=True, max_wait=20.0, group_id=f"{name}-group")
    for message in iterator:
        iterator.mark_as_consumed(message)
        if message.offset == 2:
            marked.set()

marked = threading.Event()
threading.Thread(target=read, daemon=True).start()
marked.wait()
print("marked", flush=True)
"""


@contextlib.contextmanager
def started(program: str, *arguments: str) -> cabc.Iterator[subprocess.Popen[str]]:
    """The process of a program that has printed "marked"."""
    command = [sys.executable, "-c", BEGIN + program, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "marked\n"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("program", [IN_THE_BODY, WHILE_WAITING, IN_A_FUNCTION_WITH_A_BLOCK])
@pytest.mark.parametrize(
    ("number", "code", "last"),
    [(signal.SIGINT, -signal.SIGINT, "KeyboardInterrupt"), (signal.SIGTERM, 3, "")],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_a_process_that_a_signal_ends_commits_its_marks(
    kafka: str,
    admin: AdminClient,
    topic: support.TopicFactory,
    program: str,
    number: signal.Signals,
    code: int,
    last: str,
) -> None:
    name = topic(2, {0: ["a", "b", "c"]})
    with started(program, kafka, name) as process:
        process.send_signal(number)
        _, errors = process.communicate(timeout=support.LIMIT)
    assert (process.returncode, errors.splitlines()[-1:]) == (code, [last] if last else [])
    assert committed(admin, f"{name}-group") == {(name, 0): 3}


@pytest.mark.parametrize(
    "program", [HELD_BY_THE_MODULE, IN_A_DAEMON_THREAD], ids=["held by the module", "in a daemon thread"]
)
def test_a_process_that_ends_in_the_middle_of_a_run_commits_its_marks(
    kafka: str, admin: AdminClient, topic: support.TopicFactory, program: str
) -> None:
    name = topic(2, {0: ["a", "b", "c"]})
    with started(program, kafka, name) as process:
        _, errors = process.communicate(timeout=support.LIMIT)
    assert (process.returncode, errors) == (0, "")
    assert committed(admin, f"{name}-group") == {(name, 0): 3}


def test_a_handler_that_stops_the_run_has_its_marks_committed(
    kafka: str, admin: AdminClient, topic: support.TopicFactory
) -> None:
    name = topic(2, {0: ["a", "b", "c"]})
    with started(STOPPED_BY_ITS_HANDLER, kafka, name) as process:
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=support.LIMIT)
    assert (process.returncode, output, errors) == (0, "stopped\n", "")
    assert committed(admin, f"{name}-group") == {(name, 0): 3}
