"""Ctrl-C while the broker is gone is Ctrl-C: exit code 130 of the command, KeyboardInterrupt in a program."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import os
import pathlib
import signal
import subprocess

import pytest

from tests import support
from tests.kafka_server import KafkaServer
from tests.scenarios.programs import running
from tests.terminal import BIN, LIMIT

PROCESSES = 4


@pytest.fixture
def server(kafka: str) -> cabc.Iterator[KafkaServer]:
    """A broker of the test's own; where there can be none, the other fixture says so."""
    with KafkaServer() as server:
        yield server


def test_ctrl_c_while_the_broker_is_gone(server: KafkaServer, tmp_path: pathlib.Path) -> None:
    servers = server.bootstrap_servers
    support.create_topic(support.make_admin(servers), "flights")
    support.produce(support.make_producer(servers), "flights", ["1"])
    with contextlib.ExitStack() as stack:
        followers = [
            stack.enter_context(
                subprocess.Popen(
                    [str(BIN / "framework"), "iterate", "flights", "--follow", "-b", servers],
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
            assert "flights-0@0" in follower.stdout.readline()
        server.kill()
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


def test_a_program_is_raised_what_python_raises_for_ctrl_c(server: KafkaServer) -> None:
    servers = server.bootstrap_servers
    support.create_topic(support.make_admin(servers), "delays")
    support.produce(support.make_producer(servers), "delays", ["1"])
    with contextlib.ExitStack() as stack:
        programs = [stack.enter_context(running(FOLLOW, servers, "delays")) for _ in range(PROCESSES)]
        for program in programs:
            program.until("delays-0@0")
        server.kill()
        for program in programs:
            program.process.send_signal(signal.SIGINT)
        endings = [(program.lines(), program.end()) for program in programs]

    assert endings == [(["KeyboardInterrupt"], 0)] * PROCESSES
