"""What makes a contender a program: `python contenders/NAME.py TASK SERVERS TOPIC`.

It prints one line of JSON: what was counted, and the seconds from making the client to its closing. The
imports are over by then; they are in the time of the whole process.
"""

from __future__ import annotations

import collections.abc as cabc
import gc
import json
import statistics
import sys
import time
from typing import Any, TypeAlias, TypeVar

Counts: TypeAlias = dict[str, object]
Task: TypeAlias = cabc.Callable[[str, str], Counts]
M = TypeVar("M")

CHUNK = 500


def run(tasks: cabc.Mapping[str, Task]) -> None:
    """Do the task of the command line."""
    _, task, servers, topic = sys.argv
    begun = time.perf_counter()
    counts = tasks[task](servers, topic)
    seconds = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, **counts, "peak": peak()}))


def warm(task: Task, times: int) -> Task:
    """The same task again and again in one process: its seconds are the median, without the first time."""

    def many(servers: str, topic: str) -> Counts:
        task(servers, topic)
        samples = []
        counts: Counts = {}
        for _ in range(times):
            begun = time.perf_counter()
            counts = task(servers, topic)
            samples.append(time.perf_counter() - begun)
        return {**counts, "seconds": statistics.median(samples), "samples": samples}

    return many


def alone(messages: list[M], read: cabc.Callable[[M], Any], distance: cabc.Callable[[Any], int]) -> Counts:
    """Deserialize messages that are in memory: `each` is the CPU time of one message, in seconds.

    The first chunk is not measured: with it the schema is requested and code is compiled.

    Args:
        messages: All messages of the topic; the list is empty afterwards.
        read: Returns the payload of a message.
        distance: Returns the distance of a payload, for the sum that is checked.
    """
    gc.collect()
    gc.freeze()  # a program that reads a topic has few messages for the collector to look at
    count = len(messages)
    total = 0
    seconds = []
    while messages:
        # As in such a program, what was read is not kept.
        chunk, messages[-CHUNK:] = messages[-CHUNK:], []
        begun = time.process_time()
        payloads = [read(message) for message in chunk]
        seconds.append(time.process_time() - begun)
        total += sum(map(distance, payloads))
        del chunk, payloads  # here, since the next assignments would free them within the measured time
    measured = count - min(CHUNK, count)
    return {"messages": count, "distance": total, "each": sum(seconds[1:]) / measured}


def peak() -> int:
    """The most memory this process ever had, in bytes.

    Not ru_maxrss, which begins with that of the process that started this one.
    """
    with open("/proc/self/status") as status:
        [line] = [line for line in status if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024
