"""Tasks in a real prefork worker: those of docs/celery.md, and one whose processes are killed."""

from __future__ import annotations

import collections.abc as cabc
import os
import pathlib
import signal
import subprocess

import pytest

from tests import support
from tests.contrib.walkthrough import PATIENT, Command, Walk

SLOW = """
import os
import pathlib
import signal
import time

from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded
from kombu.transport import filesystem

from framework import App
from framework_iterator import Iterator


def open_once_written(path, mode, **options):
    # Where the sender was kept between the two, the worker would take a message from its queue before it is
    # written, and end with a JSONDecodeError.
    while mode == "rb" and not os.path.getsize(path):
        time.sleep(0.01)
    return open(path, mode, **options)


filesystem.open = open_once_written
app = App(client_id="slow")
celery = Celery("slow", config_source="celeryconfig")
opened = Iterator(os.environ["TOPIC"])
opened.plan()  # before the fork


@celery.task
def read(killed_at):
    iterator = Iterator({os.environ["TOPIC"]: True}, group_id=os.environ["TOPIC"])
    with pathlib.Path("offsets").open("a") as file:
        for message in iterator:
            print(message.offset, os.getpid(), file=file, flush=True)
            iterator.mark_as_consumed(message, blocking=message.offset == killed_at)
            if message.offset == killed_at:
                os.kill(os.getpid(), signal.SIGKILL)
    return iterator.report.messages


@celery.task(soft_time_limit=100)
def follow():
    iterator = Iterator({os.environ["TOPIC"]: True}, group_id="soft", follow=True, yield_none=True)
    try:
        for message in iterator:
            if message is not None:
                iterator.mark_as_consumed(message)
            elif iterator.report.messages == 100:
                os.kill(os.getpid(), signal.SIGUSR1)  # as the worker does when the time is over
    except SoftTimeLimitExceeded:
        left = Iterator({os.environ["TOPIC"]: True}, group_id="soft").plan().count
        return f"{iterator.report.ended}, {left} left"


@celery.task
def read_with_one_from_before_the_fork():
    return sum(1 for _ in opened)
"""


FAST = 'broker_transport_options["polling_interval"] = 0.05\nworker_lost_wait = 0.1\n'


pytestmark = PATIENT


@pytest.fixture(scope="module")
def followed(walk: Walk) -> list[tuple[Command, Command]]:
    """The project, and what its commands printed."""
    walk.line.environment["PYTHONWARNINGS"] = "ignore"  # Celery's own, as of a worker of root
    return walk.follow("docs/celery.md")


def test_the_page_works_as_written(followed: list[tuple[Command, Command]]) -> None:
    assert [shown for shown, _ in followed] == [was for _, was in followed]


class Slow:
    """Workers for the tasks of `slow.py` on a real broker, and their answers."""

    def __init__(self, walk: Walk, folder: pathlib.Path, **environment: str) -> None:
        self._walk = Walk(walk.line.__class__(folder, walk.line.environment | environment))
        folder.joinpath("slow.py").write_text(SLOW)
        folder.joinpath("celeryconfig.py").write_text(
            (walk.line.folder / "celeryconfig.py").read_text() + FAST
        )
        folder.joinpath("queue").mkdir()
        folder.joinpath("control").mkdir()
        self.end = self._walk.end

    def start(self) -> subprocess.Popen[bytes]:
        return self._walk.start("celery --app slow.celery worker --concurrency 1 --loglevel critical")

    def call(self, task: str) -> str:
        program = f"import slow; print(slow.{task}.get(timeout=30))"
        code, out, error = self._walk.line.run("python", "-c", program)
        assert code == 0, error
        return out.strip()


@pytest.fixture
def slow(
    walk: Walk, followed: object, kafka: str, topic: support.TopicFactory, tmp_path: pathlib.Path
) -> cabc.Iterator[Slow]:
    """A topic with a hundred messages."""
    name = topic(messages=[str(number) for number in range(100)])
    workers = Slow(walk, tmp_path, KAFKA_BOOTSTRAP_SERVERS=kafka, TOPIC=name)
    yield workers
    workers.end()


def test_a_task_that_is_killed_is_resumed_at_its_marks(slow: Slow, tmp_path: pathlib.Path) -> None:
    slow.start()
    answer = slow.call("read.delay(40)")

    offsets, processes = zip(
        *(row.split() for row in (tmp_path / "offsets").read_text().splitlines()), strict=True
    )
    assert list(map(int, offsets)) == list(range(100))
    assert len(set(processes)) == 2
    assert answer == "59"


def test_a_worker_that_is_killed_loses_nothing(slow: Slow, tmp_path: pathlib.Path) -> None:
    worker = slow.start()
    assert slow.call("read.delay(None)") == "100"
    os.killpg(worker.pid, signal.SIGKILL)
    slow.start()

    assert slow.call("read.delay(None)") == "0"
    assert slow.call("follow.delay()") == "closed, 0 left"
    assert slow.call("read_with_one_from_before_the_fork.delay()") == "100"
