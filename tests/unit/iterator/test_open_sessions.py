"""What happens to sessions that are open when their process ends or forks: in a process of its own."""

from __future__ import annotations

import subprocess
import sys

SESSIONS = """
import os, time
from framework_iterator import open_sessions

class Fake:
    def __init__(self, name, takes=0.0):
        self.name, self.takes = name, takes

    def close_at_exit(self, timeout):
        time.sleep(self.takes)
        print(self.name, "closed within", round(timeout, 1), flush=True)

    def detach(self):
        print(self.name, "detached", flush=True)

"""


def run(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", SESSIONS + program],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_at_the_end_of_the_process_open_sessions_are_closed() -> None:
    lines = run("""
first, second = Fake("first"), Fake("second")
open_sessions.add(first)
open_sessions.add(second)
open_sessions.discard(second)
""")
    assert lines == ["first closed within 10.0"]


def test_sessions_share_the_time_that_the_end_of_a_process_may_take() -> None:
    lines = run("""
open_sessions.EXIT_TIMEOUT = 0.5
sessions = [Fake("each", takes=0.4) for _ in range(3)]
for each in sessions:
    open_sessions.add(each)
""")
    assert lines == ["each closed within 0.5", "each closed within 0.2", "each closed within 0.2"]


def test_sessions_that_nobody_holds_are_not_kept() -> None:
    assert run("open_sessions.add(Fake('dropped'))") == []


def test_in_a_forked_child_sessions_are_detached_and_not_closed() -> None:
    lines = run("""
session = Fake("it")
open_sessions.add(session)
if child := os.fork():
    os.waitpid(child, 0)
    print("parent ends")
else:
    print("child ends", flush=True)
""")
    assert lines == ["it detached", "child ends", "parent ends", "it closed within 10.0"]
