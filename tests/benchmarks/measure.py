"""A process, and the numbers it leaves: time, processor, memory, and what it says it counted."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import json
import os
import subprocess
import tempfile
import threading
import time
from typing import Any

from tests.benchmarks.data import ROOT, Truth

LIMIT = 300.0
"""Seconds until a process that hangs is ended."""


class ContenderError(RuntimeError):
    """A process that failed, or didn't read what there was."""


@dataclasses.dataclass(frozen=True)
class Measurement:
    """One process; seconds and bytes. `inside` and `answer` are what it said itself, where it speaks."""

    whole: float
    processor: float
    peak: int
    inside: float | None
    answer: dict[str, Any]


def measure(
    command: cabc.Sequence[str], read: cabc.Callable[[str], dict[str, Any]], truth: Truth
) -> Measurement:
    """Run a process to its end; one that counted something else than the truth is a ContenderError."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""}
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, cwd=ROOT, env=environment
        )
        alarm = threading.Timer(LIMIT, process.kill)
        alarm.start()
        # wait4() gives the numbers of this process alone; wait() would give none.
        _, status, usage = os.wait4(process.pid, 0)
        whole = time.perf_counter() - begun
        alarm.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            raise ContenderError(f"It ended with {process.returncode}: {errors.read().strip()[-600:]}")
        answer = read(output.read())
    check(answer, truth)
    processor = usage.ru_utime + usage.ru_stime
    return Measurement(
        whole, processor, answer.get("peak", usage.ru_maxrss * 1024), answer.get("seconds"), answer
    )


def check(answer: cabc.Mapping[str, Any], truth: Truth) -> None:
    """Nobody wins by skipping: of what there is to count, all that was counted must be right."""
    counted = {name: answer[name] for name in truth if name in answer}
    expected = {name: truth[name] for name in counted}
    # Messages and a sum over them, where the truth has both.
    if counted != expected or len(counted) < min(2, len(truth)):
        raise ContenderError(f"It counted {counted} where there is {truth}.")


def read_json(output: str) -> dict[str, Any]:
    """What our own programs print."""
    answer: dict[str, Any] = json.loads(output)
    return answer


def read_sizes(output: str) -> dict[str, Any]:
    """What kcat prints: the size of each message."""
    sizes = [int(line) for line in output.split()]
    return {"messages": len(sizes), "bytes": sum(sizes)}


def read_nothing(output: str) -> dict[str, Any]:
    """Of a program that is only started."""
    return {}
