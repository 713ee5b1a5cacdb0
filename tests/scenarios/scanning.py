"""What workers of a scan import: an application whose payloads are text, and functions over a part."""

from __future__ import annotations

import asyncio
import os
import pathlib
import signal
import time
from typing import Any

from framework import App, Deserializers
from framework.retry import Deadline, wait_until

ROOT = pathlib.Path(__file__).parents[2]
APP = "tests.scenarios.scanning:create_app()"


def create_app() -> App:
    app = App(defaults=Deserializers(payload=str), client_id="scan")
    app.topic("declared", payload=int)
    return app


def create_impatient_app() -> App:
    return App(stall_timeout=2.0)


def places(messages: Any) -> list[tuple[str, int, int]]:
    return [(message.topic, message.partition, message.offset) for message in messages]


def numbers(messages: Any) -> tuple[int, int]:
    """How many there are, and their sum."""
    found = [int(message.payload) for message in messages]
    return len(found), sum(found)


def added(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]


def is_even(message: Any) -> bool:
    return int(message.payload) % 2 == 0


def in_batches(messages: Any) -> int:
    return sum(len(batch) for batch in messages.batches(7))


def first_two(messages: Any) -> int:
    for count, _ in enumerate(messages, 1):
        if count == 2:
            break
    return 2


def nothing(_messages: Any) -> int:
    return 0


def fail_on_one(messages: Any, pause: float = 0.01) -> int:
    for message in messages:
        if message.partition == 1:
            raise LookupError("not this one")
        time.sleep(pause)
    return 0


class OddError(Exception):
    """Can be written by pickle, but not read."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other}")
        self.lock = (one, other)


def fail_oddly(_messages: Any) -> int:
    raise OddError("this", "that")


class LockedError(Exception):
    """Can't be written by pickle."""

    def __reduce__(self) -> Any:
        raise TypeError("locked")


def fail_locked(_messages: Any) -> int:
    raise LockedError("a door")


class Unreadable:
    """A value that fails where it is read."""

    def __reduce__(self) -> Any:
        return int, ("not a number",)


def unreadable_value(_messages: Any) -> Any:
    return Unreadable()


def unwritable_value(messages: Any) -> Any:
    return iter(messages)


def leave(_messages: Any) -> int:
    raise SystemExit(3)


def fail_on_one_beside_one_that_waits(messages: Any) -> int:
    return fail_on_one(messages, pause=60.0)


def die(_messages: Any) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def die_on_one(messages: Any) -> int:
    """Once both parts have been heard of: the program makes the file HEARD then."""
    for message in messages:
        if message.partition == 1:
            wait_until(lambda: os.path.exists(os.environ["HEARD"]), Deadline(20.0))
            die(messages)
        time.sleep(0.02)
    return 0


def _leave_a_process() -> None:
    """One that lives on, and has all that is open here; the file LEFT gets its number."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        with open(os.environ["LEFT"], "a") as file:  # here: its parent may be ended at any moment
            file.write(f"{os.getpid()}\n")
        os.write(writer, b".")
        time.sleep(60)
        os._exit(0)
    os.read(reader, 1)


def leave_a_process(_messages: Any) -> int:
    _leave_a_process()
    return 1


def leave_a_process_and_die(_messages: Any) -> int:
    _leave_a_process()
    return die(_messages)


def exit_hard(_messages: Any) -> int:
    os._exit(7)


def mark(messages: Any) -> int:
    for message in messages:
        messages.mark_as_consumed(message)
    return 0


def mark_in_a_coroutine(messages: Any) -> int:
    async def main() -> None:
        async for message in messages:
            await messages.amark_as_consumed(message)

    asyncio.run(main())
    return 0


def say_and_wait(messages: Any) -> int:
    for _ in messages:
        os.write(1, f"worker {os.getpid()}\n".encode())
        time.sleep(60)
    return 0


def wait(messages: Any) -> int:
    """Long enough for a program to hear of it."""
    for _ in messages:
        time.sleep(1.5)
    return 0
