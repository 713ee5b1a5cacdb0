"""Signals, forks and the end of the process neither hang, nor harm a run, nor leave a mess on stderr."""

from __future__ import annotations

import signal
import socket

import pytest

from framework import App
from framework_iterator import AlreadyIteratingError, Iterator
from tests import support
from tests.child_server import closed_port
from tests.scenarios.programs import output_of, running, wait_until_it_sleeps
from tests.scenarios.reading import shown

# Time-outs of ours, as far as they could end a program that hangs, are far longer than any machine needs.
PATIENT = """
from framework_iterator import open_sessions
open_sessions.EXIT_TIMEOUT = 300.0
patience = app.override(broker_timeout=300.0)
patience.__enter__()
"""
AT_ONCE = 30.0


@pytest.mark.parametrize("take", [0, 1, 2], ids=["first", "second", "last"])
def test_one_run_at_a_time_wherever_the_first_one_stands(
    app: App, topic: support.TopicFactory, take: int
) -> None:
    iterator = Iterator(topic(1, ["a", "b", "c"]))
    run = iter(iterator)
    given = [next(run).payload for _ in range(take + 1)]
    for begin in (lambda: next(iter(iterator)), iterator.first):
        with pytest.raises(AlreadyIteratingError):
            begin()
    assert given + [message.payload for message in run] == ["a", "b", "c"]


def test_one_that_has_not_begun_is_none_and_goes_second(app: App, topic: support.TopicFactory) -> None:
    iterator = Iterator(topic(1, ["a", "b"]))
    early = iter(iterator)
    assert shown(iterator) == "a@0 b@1"
    assert shown(early) == "a@0 b@1"


def test_ctrl_c_during_a_look_up_that_nobody_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        body = 'say("begins")\nfor message in Iterator(topic): say(message)'
        with running(PATIENT + body, address, "flights") as program:
            program.until("begins")
            connection, _ = silent.accept()
            with connection:  # it waits for an answer
                program.process.send_signal(signal.SIGINT)
                assert program.end(AT_ONCE) == -signal.SIGINT
            assert program.stderr().endswith("\nKeyboardInterrupt\n")


def test_ctrl_c_during_a_look_up_with_no_broker() -> None:
    address = f"127.0.0.1:{closed_port()}"
    with running(PATIENT + 'say("begins")\nIterator(topic).plan()', address, "flights") as program:
        program.until("begins")
        wait_until_it_sleeps(program)
        program.process.send_signal(signal.SIGINT)
        assert program.end(AT_ONCE) == -signal.SIGINT
        assert program.stderr().endswith("\nKeyboardInterrupt\n")


def test_ctrl_c_during_an_idle_follow(kafka: str, topic: support.TopicFactory) -> None:
    body = """
iterator = Iterator(topic, follow=True)
try:
    for message in iterator:
        say(message.payload)
except KeyboardInterrupt:
    join_threads()
    say(iterator.report.ended, iterator.report.messages, threading.active_count())
    raise
"""
    with running(PATIENT + body, kafka, topic(1, ["a"])) as program:
        program.until("a")
        wait_until_it_sleeps(program)
        program.process.send_signal(signal.SIGINT)
        assert program.end(AT_ONCE) == -signal.SIGINT
        assert program.lines() == ["closed 1 1"]
        stderr = program.stderr()
        assert stderr.count("Traceback") == 1
        assert stderr.endswith("\nKeyboardInterrupt\n")


def test_ctrl_c_in_the_body(kafka: str, topic: support.TopicFactory) -> None:
    body = """
for message in (iterator := Iterator(topic)):
    say(message.payload)
    if message.offset == 700:
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            assert iterator.report.ended is None
"""
    with running(PATIENT + body, kafka, topic(1, [str(number) for number in range(2000)])) as program:
        assert program.end(AT_ONCE) == -signal.SIGINT
        assert program.lines() == [str(number) for number in range(701)]
        assert program.stderr().endswith("\nKeyboardInterrupt\n")


def test_ctrl_c_that_is_caught_leaves_an_iterator_that_runs_again(
    kafka: str, topic: support.TopicFactory
) -> None:
    body = """
iterator = Iterator(topic)
try:
    for message in iterator:
        signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    say(iterator.report.ended, iterator.report.messages)
say(*[message.payload for message in iterator])
"""
    assert output_of(body, kafka, topic(1, ["a", "b"])) == ["closed 1", "a b"]


@pytest.mark.parametrize("messages", [1, 3000], ids=["idle", "busy"])
def test_sigterm_with_a_handler_that_stops(kafka: str, topic: support.TopicFactory, messages: int) -> None:
    body = """
iterator = Iterator(topic, follow=True)
signal.signal(signal.SIGTERM, lambda *_: iterator.stop())
count = 0
for message in iterator:
    count += 1
    say("read") if message.offset == 0 else None
say(iterator.report.ended, count == iterator.report.messages == message.offset + 1)
"""
    with running(PATIENT + body, kafka, topic(1, ["x"] * messages)) as program:
        program.until("read")
        program.process.send_signal(signal.SIGTERM)
        assert program.end(AT_ONCE) == 0
        assert program.lines() == ["stopped True"]
        assert program.stderr() == ""


def test_sigterm_with_a_handler_that_exits(kafka: str, topic: support.TopicFactory) -> None:
    body = """
def leave(*_):
    raise SystemExit(3)

signal.signal(signal.SIGTERM, leave)
iterator = Iterator(topic, follow=True)
try:
    for message in iterator:
        say("read")
finally:
    join_threads()
    say(iterator.report.ended, iterator.report.error, threading.active_count())
"""
    with running(PATIENT + body, kafka, topic(1, ["x"])) as program:
        program.until("read")
        wait_until_it_sleeps(program)
        program.process.send_signal(signal.SIGTERM)
        assert program.end(AT_ONCE) == 3
        assert program.lines() == ["closed None 1"]
        assert program.stderr() == ""


@pytest.mark.parametrize("follow", [False, True], ids=["finite", "following"])
def test_a_process_that_ends_with_a_run_in_its_hands_ends_at_once(
    kafka: str, topic: support.TopicFactory, follow: bool
) -> None:
    body = f"""
iterator = Iterator(topic, follow={follow})
run = iter(iterator)
say(next(run).payload)
"""
    with running(PATIENT + body, kafka, topic(1, ["a"] * 1000)) as program:
        assert program.end(AT_ONCE) == 0
        assert (program.lines(), program.stderr()) == (["a"], "")


@pytest.mark.parametrize("where", ["idle", "in its body"])
def test_a_process_that_ends_while_a_daemon_thread_reads_ends_at_once(
    kafka: str, topic: support.TopicFactory, where: str
) -> None:
    body = f"""
begun, never = threading.Event(), threading.Event()

def read():
    for message in Iterator(topic, follow=True):
        begun.set()
        {"never.wait()" if where == "in its body" else ""}

threading.Thread(target=read, daemon=True).start()
begun.wait()
"""
    with running(PATIENT + body, kafka, topic(1, ["a"] * 1000)) as program:
        assert program.end(AT_ONCE) == 0
        assert program.stderr() == ""


def test_a_process_that_exits_in_the_body_ends_at_once(kafka: str, topic: support.TopicFactory) -> None:
    body = "for message in Iterator(topic): sys.exit(4)"
    with running(PATIENT + body, kafka, topic(1, ["a"] * 100)) as program:
        assert program.end(AT_ONCE) == 4
        assert program.stderr() == ""


def test_a_fork_in_mid_run_leaves_the_run_to_the_parent(kafka: str, topic: support.TopicFactory) -> None:
    body = """
iterator = Iterator(topic)
offsets = []
child = None
try:
    for message in iterator:
        offsets.append(message.offset)
        if message.offset == 10 and (child := os.fork()) == 0:
            mine = os.getpid()
except NotIteratingError as error:
    said = str(error).replace(str(mine), "PID")
    say("child:", len(offsets), said)
    say("child:", len(list(iterator)), iterator.report.ended)
    sys.exit()
if child == 0:
    say("child: no error")
    os._exit(1)
_, status = os.waitpid(child, 0)
say("parent:", offsets == list(range(3000)), iterator.report.ended, status)
"""
    assert output_of(body, kafka, topic(1, ["x"] * 3000)) == [
        "child: 11 This run belongs to the process that forked this one. Start a new one.",
        "child: 3000 end",
        "parent: True end 0",
    ]


def test_a_child_may_do_with_an_orphaned_run_what_it_likes_and_neither_hangs_nor_harms(
    kafka: str, topic: support.TopicFactory
) -> None:
    body = """
import gc

def in_child(run, iterator):
    say(iterator.report.messages, repr(iterator).endswith(f"{topic}>"))
    for call in (iterator.stop, iterator.stop_current_partition):
        try:
            call()
        except NotIteratingError:
            say("not iterating")
    iterator.close()
    run.close()
    del run
    gc.collect()
    say(len(list(Iterator(topic))))

run = iter(iterator := Iterator(topic))
next(run)
for leave in (sys.exit, os._exit):
    if (child := os.fork()) == 0:
        in_child(run, iterator)
        leave(0)
    say("child", os.waitpid(child, 0)[1])
say("parent", len(list(run)), iterator.report.ended)
"""
    child = ["1 True", "not iterating", "not iterating", "1500", "child 0"]
    assert output_of(body, kafka, topic(1, ["x"] * 1500)) == [*child, *child, "parent 1499 end"]


def test_a_fork_by_another_thread_than_the_one_that_reads(kafka: str, topic: support.TopicFactory) -> None:
    body = """
begun, complete, over = threading.Event(), threading.Event(), threading.Event()
iterator = Iterator(topic, follow=True)

def read():
    for message in iterator:
        begun.set()
        if message.offset == 99:
            complete.set()
    over.set()

threading.Thread(target=read).start()
begun.wait()
for _ in range(5):
    if (child := os.fork()) == 0:
        say("child", len(list(Iterator(topic))), len(list(Iterator(topic, limit=7))))
        sys.exit()
    say(os.waitpid(child, 0)[1])
complete.wait(20)
iterator.stop()
say(over.wait(20), iterator.report.messages)
"""
    assert output_of(body, kafka, topic(1, ["x"] * 100)) == ["child 100 7", "0"] * 5 + ["True 100"]


def test_multiprocessing_with_the_fork_context(kafka: str, topic: support.TopicFactory) -> None:
    body = """
import multiprocessing

def count(number):
    return len(list(Iterator({topic: [number]})))

counts = []
for message in (iterator := Iterator(topic)):
    if not counts:
        with multiprocessing.get_context("fork").Pool(3) as pool:
            counts = pool.map(count, range(3))
say(*counts, iterator.report.messages, iterator.report.ended)
"""
    name = topic(3, {number: ["x"] * 100 * (number + 1) for number in range(3)})
    assert output_of(body, kafka, name) == ["100 200 300 600 end"]


def test_prefork_each_child_reads_with_an_iterator_that_the_parent_made_and_used(
    kafka: str, topic: support.TopicFactory
) -> None:
    body = """
iterator = Iterator(topic)
iterator.plan()
say(len(list(iterator)))
children = []
for _ in range(4):
    if (child := os.fork()) == 0:
        for _ in range(2):
            read = len(list(iterator))
        sys.exit(0 if read == 900 else 1)
    children.append(child)
say(*[os.waitpid(child, 0)[1] for child in children])
say(len(list(iterator)))
"""
    name = topic(3, {number: ["x"] * 300 for number in range(3)})
    assert output_of(body, kafka, name) == ["900", "0 0 0 0", "900"]
