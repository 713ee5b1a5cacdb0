"""What Ctrl-C, a fork and the end of the process do to `async for`."""

from __future__ import annotations

import signal

from confluent_kafka.admin import AdminClient

from tests import support
from tests.scenarios.marking import committed
from tests.scenarios.programs import output_of, running, wait_until_it_sleeps


def test_ctrl_c_ends_an_idle_follow(kafka: str, topic: support.TopicFactory, admin: AdminClient) -> None:
    body = """
import asyncio
iterator = Iterator(topic, follow=True, group_id=topic, max_wait=20.0)  # the time for the last commit

async def main():
    async for message in iterator:
        iterator.mark_as_consumed(message)
        say(message.payload)

try:
    asyncio.run(main())
except KeyboardInterrupt:
    join_threads()
    say(iterator.report.ended, iterator.report.messages, threading.active_count())
    raise
"""
    name = topic(1, ["a"])
    with running(body, kafka, name) as program:
        program.until("a")
        wait_until_it_sleeps(program)
        program.process.send_signal(signal.SIGINT)
        assert program.end() == -signal.SIGINT
        assert program.lines() == ["closed 1 1"]
        assert program.stderr().endswith("\nKeyboardInterrupt\n")
    assert committed(admin, name) == {(name, 0): 1}


def test_at_the_end_of_the_process_a_generator_that_is_held_commits_its_marks(
    kafka: str, topic: support.TopicFactory, admin: AdminClient
) -> None:
    body = """
import asyncio
iterator = Iterator(topic, follow=True, group_id=topic)
run = aiter(iterator)

async def main():
    iterator.mark_as_consumed(await anext(run))

loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
say("marked")
"""
    name = topic(1, ["a", "b"])
    assert output_of(body, kafka, name) == ["marked"]
    assert committed(admin, name) == {(name, 0): 1}


def test_at_the_end_of_the_process_an_event_loop_in_a_daemon_thread_commits_its_marks(
    kafka: str, topic: support.TopicFactory, admin: AdminClient
) -> None:
    body = """
import asyncio
iterator = Iterator(topic, follow=True, group_id=topic)
marked = threading.Event()

async def main():
    async for message in iterator:
        iterator.mark_as_consumed(message)
        marked.set()

threading.Thread(target=asyncio.run, args=[main()], daemon=True).start()
marked.wait(20)
say("marked")
"""
    name = topic(1, ["a"])
    assert output_of(body, kafka, name) == ["marked"]
    assert committed(admin, name) == {(name, 0): 1}


def test_a_forked_child_leaves_the_run_to_its_parent_and_can_read_by_itself(
    kafka: str, topic: support.TopicFactory
) -> None:
    body = """
import asyncio
iterator = Iterator(topic)
run = aiter(iterator)

async def one():
    return (await anext(run)).payload

async def rest():
    return [message.payload async for message in run]

loop = asyncio.new_event_loop()
say("parent:", loop.run_until_complete(one()))
if (child := os.fork()) == 0:
    say("child:", iterator.report.ended)
    try:
        asyncio.run(rest())
    except NotIteratingError as error:
        say("child:", error)
    async def again():
        return [message.payload async for message in iterator]
    say("child:", asyncio.run(again()))
    os._exit(0)
say("parent: child ended with", os.waitpid(child, 0)[1])
say("parent:", loop.run_until_complete(rest()))
loop.close()
"""
    assert output_of(body, kafka, topic(1, ["a", "b", "c"])) == [
        "parent: a",
        "child: closed",
        "child: This run belongs to the process that forked this one. Start a new one.",
        "child: ['a', 'b', 'c']",
        "parent: child ended with 0",
        "parent: ['b', 'c']",
    ]


def test_a_task_that_is_destroyed_with_its_event_loop_says_nothing_of_ours(
    kafka: str, topic: support.TopicFactory
) -> None:
    body = """
import asyncio, gc, logging
logging.disable()  # asyncio's own "Task was destroyed but it is pending!"
iterator = Iterator(topic, follow=True)

async def read():
    async for message in iterator:
        pass

async def main():
    global task
    task = asyncio.create_task(read())
    while not iterator.report or not iterator.report.messages:
        await asyncio.sleep(0.01)

loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
del task
deadline = time.monotonic() + 20
while threading.active_count() > 1 and time.monotonic() < deadline:
    gc.collect()  # as Python does sooner or later
    time.sleep(0.01)
say(iterator.report.ended, threading.active_count())
"""
    assert output_of(body, kafka, topic(1, ["a"])) == ["stopped 1"]


TWO_HUNDRED = """
import asyncio
from framework_iterator import Iterator

def threads():
    return len(os.listdir("/proc/self/task"))

async def read(given):
    async for message in Iterator(topic, follow=True, limit=2):
        given.append(message.payload)

async def main():
    lists = [[] for _ in range(200)]
    tasks = [asyncio.create_task(read(given)) for given in lists]
    while any(len(given) < 1 for given in lists):
        await asyncio.sleep(0.01)
    ours = sum(each.name == "framework-iterator-run" for each in threading.enumerate())
    # With one broker: one of ours, and eight of the two clients of a run that follows. Requests have threads
    # for a moment.
    while threads() > 200 * 9 + 1:
        await asyncio.sleep(0.01)
    say("of ours", ours)
    with app.producer() as producer:
        producer.produce(topic, b"b")
    await asyncio.gather(*tasks)
    say(sum(given == ["a", "b"] for given in lists))

with app.override(broker_timeout=30.0):  # so many clients at once take their time on a busy machine
    asyncio.run(main())
deadline = time.monotonic() + 20
while threads() > 1 and time.monotonic() < deadline:
    time.sleep(0.01)
say("left", threads())
"""


def test_two_hundred_followers_have_a_bounded_number_of_threads(
    kafka: str, topic: support.TopicFactory
) -> None:
    assert output_of(TWO_HUNDRED, kafka, topic(1, ["a"])) == [
        "of ours 200",
        "200",
        "left 1",
    ]
