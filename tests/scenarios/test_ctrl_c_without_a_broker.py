"""Ctrl-C while the broker is gone is Ctrl-C: exit code 130 of the command, KeyboardInterrupt in a program."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess

from tests.faults.brokers import Broker
from tests.scenarios.programs import running
from tests.terminal import BIN, LIMIT

PROCESSES = 4


def test_ctrl_c_while_the_broker_is_gone(broker: Broker, tmp_path: pathlib.Path) -> None:
    name = broker.topic(1, ["1"])
    with contextlib.ExitStack() as stack:
        followers = [
            stack.enter_context(
                subprocess.Popen(
                    [str(BIN / "framework"), "iterate", name, "--follow", "-b", broker.straight],
                    cwd=tmp_path,
                    env=os.environ,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(PROCESSES)
        ]
        for follower in followers:
            assert follower.stdout is not None
            assert f"{name}-0@0" in follower.stdout.readline()
        broker.server.kill()
        endings = []
        for follower in followers:
            follower.send_signal(signal.SIGINT)
            _, error = follower.communicate(timeout=LIMIT)
            endings.append((follower.returncode, "Error" in error))

    assert endings == [(130, False)] * PROCESSES


FOLLOW = """
try:
    for message in Iterator(topic, app=app, follow=True):
        say(message)
except BaseException as error:
    say(type(error).__name__)
"""


def test_a_program_is_raised_what_python_raises_for_ctrl_c(broker: Broker) -> None:
    name = broker.topic(1, ["1"])
    with contextlib.ExitStack() as stack:
        programs = [stack.enter_context(running(FOLLOW, broker.straight, name)) for _ in range(PROCESSES)]
        for program in programs:
            program.until(f"{name}-0@0")
        broker.server.kill()
        for program in programs:
            program.process.send_signal(signal.SIGINT)
        endings = [(program.lines(), program.end()) for program in programs]

    assert endings == [(["KeyboardInterrupt"], 0)] * PROCESSES
