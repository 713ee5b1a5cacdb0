"""What this process holds: threads of the system, open files."""

from __future__ import annotations

import gc
import os
import threading

from tests import support


def threads() -> int:
    """All threads of this process: librdkafka has several for each client."""
    return len(os.listdir("/proc/self/task"))


def descriptors() -> int:
    """All open files, sockets among them."""
    return len(os.listdir("/proc/self/fd"))


def counts() -> tuple[int, int]:
    """Threads and descriptors."""
    return threads(), descriptors()


def all_is_as(before: tuple[int, int], within: float = support.LIMIT) -> bool:
    """Whether there are no more threads and descriptors; a thread that is over takes a moment to go."""
    gc.collect()

    def no_more() -> bool:
        return all(now <= then for now, then in zip(counts(), before, strict=True))

    support.wait_until(no_more, "threads and descriptors that go", within)
    return True


def is_quiet() -> bool:
    """Whether no client is closing, nor says anything: each such call has a thread of its own."""
    return not any(each.name.startswith("framework-") for each in threading.enumerate())
