"""Where the broker is gone before the marks are committed, a CommitError comes in time, and never a hang."""

from __future__ import annotations

import asyncio
import collections.abc as cabc
import contextlib
import signal
import time
from typing import Any

import pytest

from framework import App, CommitError
from framework.testing import reset_current_app
from framework.types import TopicPartition
from framework_iterator import Iterator
from framework_iterator.committing.committer import Committer
from tests import support
from tests.faults.brokers import Broker, app_of
from tests.held import all_is_as, counts
from tests.kafka_server import KafkaServer
from tests.scenarios.marking import committed
from tests.scenarios.programs import running
from tests.scenarios.reading import report_of, shown

# A few seconds are what it may take; a busy machine gets some more.
BOUND = support.LIMIT


@pytest.fixture
def app(broker: Broker) -> cabc.Iterator[App]:
    reset_current_app()
    yield app_of(broker.straight)
    reset_current_app()


@contextlib.contextmanager
def in_haste() -> cabc.Iterator[None]:
    """Commits have a second here, as with `broker_timeout=1.0`: that would be for connecting as well."""
    commit = Committer.commit

    def in_a_second(
        committer: Committer, offsets: cabc.Mapping[TopicPartition, int], timeout: float | None = None
    ) -> None:
        commit(committer, offsets, 1.0 if timeout is None else min(timeout, 1.0))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Committer, "commit", in_a_second)
        yield


def flights(broker: Broker) -> str:
    """A topic with three messages; the broker has committed for a group before, as it takes its time once."""
    name = broker.topic(1, ["a", "b", "c"])
    iterator: Iterator[Any] = Iterator(name, app=app_of(broker.straight), group_id=f"{name}-another", limit=1)
    for message in iterator:
        iterator.mark_as_consumed(message)
    return name


def close(iterator: Iterator[Any], messages: cabc.Generator[Any]) -> None:
    iterator.close()


def leave_the_with_block(iterator: Iterator[Any], messages: cabc.Generator[Any]) -> None:
    with iterator:
        pass


def stop(iterator: Iterator[Any], messages: cabc.Generator[Any]) -> None:
    iterator.stop()
    next(messages)


def interrupt(iterator: Iterator[Any], messages: cabc.Generator[Any]) -> None:
    messages.throw(KeyboardInterrupt())


WAYS_OUT = [
    (close, CommitError),
    (leave_the_with_block, CommitError),
    (stop, CommitError),
    (interrupt, KeyboardInterrupt),
]


ENDS = pytest.mark.parametrize("end", [KafkaServer.kill, KafkaServer.pause], ids=["killed", "frozen"])


@ENDS
def test_every_way_out_ends_in_time_and_says_what_was_not_committed(
    app: App, broker: Broker, end: cabc.Callable[[KafkaServer], None]
) -> None:
    name = flights(broker)
    runs: list[tuple[Iterator[Any], cabc.Generator[Any]]] = []
    for number in range(len(WAYS_OUT)):
        iterator: Iterator[Any] = Iterator(name, app=app, group_id=f"{name}-{number}")
        messages = iter(iterator)
        assert isinstance(messages, cabc.Generator)
        iterator.mark_as_consumed(next(messages), blocking=True)
        runs.append((iterator, messages))
    end(broker.server)
    for (leave, raised), (iterator, messages) in zip(WAYS_OUT, runs, strict=True):
        iterator.mark_as_consumed(next(messages))
        began = time.monotonic()
        with pytest.raises(raised), in_haste():
            leave(iterator, messages)
        assert time.monotonic() - began < BOUND
        assert iterator.report is not None
        assert isinstance(iterator.report.error, CommitError)
        group = f"{name}-{runs.index((iterator, messages))}"
        assert str(iterator.report.error).startswith(f"The marks were not committed for group '{group}': ")
    broker.recover()
    assert shown(Iterator(name, app=app)) == "a@0 b@1 c@2"


@ENDS
def test_a_commit_that_nobody_answers_leaves_nothing_behind(
    app: App, broker: Broker, end: cabc.Callable[[KafkaServer], None]
) -> None:
    name = flights(broker)
    iterator: Iterator[Any] = Iterator(name, app=app, group_id=name)
    before = counts()
    messages = iter(iterator)
    iterator.mark_as_consumed(next(messages), blocking=True)
    end(broker.server)
    iterator.mark_as_consumed(next(messages))
    with pytest.raises(CommitError), in_haste():
        iterator.close()
    assert all_is_as(before)


THE_END_OF_A_PROCESS = """
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
app = App(kafka={"bootstrap.servers": kafka}, broker_timeout=3.0)
iterator = Iterator(topic, app=app, group_id=topic)
messages = iter(iterator)
iterator.mark_as_consumed(next(messages), blocking=True)
say("marked")
signal.sigwait({signal.SIGUSR1})
iterator.mark_as_consumed(next(messages))
"""


def test_the_end_of_a_process_gives_the_marks_no_longer_than_broker_timeout(broker: Broker) -> None:
    with running(THE_END_OF_A_PROCESS, broker.straight, flights(broker)) as program:
        program.until("marked")
        broker.server.pause()
        program.process.send_signal(signal.SIGUSR1)
        assert program.end(BOUND) == 0
        assert "within 3 s" in program.stderr()


def test_ctrl_c_does_not_wait_for_a_broker_that_is_gone(broker: Broker) -> None:
    reset_current_app()
    patient = App(kafka={"bootstrap.servers": broker.straight}, broker_timeout=60.0)
    name = flights(broker)
    iterator: Iterator[Any] = Iterator(name, app=patient, group_id=name)
    messages = iter(iterator)
    assert isinstance(messages, cabc.Generator)
    iterator.mark_as_consumed(next(messages), blocking=True)
    broker.server.kill()
    iterator.mark_as_consumed(next(messages))
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        messages.throw(KeyboardInterrupt())
    assert time.monotonic() - began < BOUND
    reset_current_app()


def test_a_blocking_mark_raises_in_time_and_is_made_good_when_the_broker_is_back(broker: Broker) -> None:
    app = app_of(broker.straight)
    name = flights(broker)
    iterator: Iterator[Any] = Iterator(name, app=app, group_id=name)
    generator = iter(iterator)
    message = next(generator)
    broker.server.kill()
    began = time.monotonic()
    sentence = f"^The marks were not committed for group '{name}': "
    with pytest.raises(CommitError, match=sentence), in_haste():
        iterator.mark_as_consumed(message, blocking=True)
    assert time.monotonic() - began < BOUND
    broker.server.start()
    assert shown(generator) == "b@1 c@2"
    assert committed(broker.admin, name) == {(name, 0): 1}


def test_marks_survive_a_restart_of_the_broker_in_mid_run(broker: Broker) -> None:
    app = app_of(broker.straight)
    name = flights(broker)
    iterator: Iterator[Any] = Iterator(name, app=app, group_id=name)
    for message in iterator:
        iterator.mark_as_consumed(message)
        if message.offset == 1:
            broker.server.kill()
            broker.server.start()
    assert committed(broker.admin, name) == {(name, 0): 3}


async def cancel(iterator: Iterator[Any], run: cabc.AsyncGenerator[Any], message: Any) -> None:
    following = asyncio.ensure_future(anext(run))
    await asyncio.sleep(0)
    following.cancel()
    await following


async def aclose(iterator: Iterator[Any], run: cabc.AsyncGenerator[Any], message: Any) -> None:
    await iterator.aclose()


async def leave_async_with(iterator: Iterator[Any], run: cabc.AsyncGenerator[Any], message: Any) -> None:
    async with iterator:
        pass


async def amark(iterator: Iterator[Any], run: cabc.AsyncGenerator[Any], message: Any) -> None:
    with pytest.raises(CommitError):
        await iterator.amark_as_consumed(message)
    await run.aclose()


@pytest.mark.parametrize(
    ("leave", "raised"),
    [
        (cancel, asyncio.CancelledError),
        (aclose, CommitError),
        (leave_async_with, CommitError),
        (amark, CommitError),
    ],
)
def test_every_way_out_of_async_for_does_as_well(
    app: App,
    broker: Broker,
    leave: cabc.Callable[[Iterator[Any], Any, Any], cabc.Coroutine[Any, Any, None]],
    raised: type[BaseException],
) -> None:
    name = flights(broker)
    # Where a task is cancelled, `max_wait` is what is waited for the end of the run.
    iterator: Iterator[Any] = Iterator(name, app=app, follow=True, group_id=f"{name}-group", max_wait=5.0)
    before = counts()

    async def main() -> float:
        run = aiter(iterator)
        _, _, message = [await anext(run) for _ in range(3)]
        broker.server.pause()
        iterator.mark_as_consumed(message)
        began = time.monotonic()
        with pytest.raises(raised), in_haste():
            await leave(iterator, run, message)
        return time.monotonic() - began

    assert asyncio.run(main()) < BOUND
    assert report_of(iterator).ended == "closed"
    assert all_is_as(before)
