"""A process, and the numbers it leaves: time, processor, memory, and what it says it counted."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import json
import os
import resource
import subprocess
import tempfile
import threading
import time
from typing import Any

from tests.benchmarks.data import ROOT, Truth

# Contenders run by their path, as their users' programs do; their common parts are in the project.
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}
LIMIT = 300.0
"""Seconds until a process that hangs is ended."""


class ContenderError(RuntimeError):
    """A process that failed, or didn't read what there was."""


@dataclasses.dataclass(frozen=True)
class Measurement:
    """One process; seconds and bytes. `peak`, `inside` and `answer` are what it said itself."""

    whole: float
    processor: float
    peak: int | None
    inside: float | None
    answer: dict[str, Any]


def measure(
    command: cabc.Sequence[str], read: cabc.Callable[[str], dict[str, Any]], truth: Truth
) -> Measurement:
    """Run a process to its end; one that counted something else than the truth is a ContenderError."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, cwd=ROOT, env=ENVIRONMENT
        )
        usage = _end(process)
        whole = time.perf_counter() - begun
        output.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            raise ContenderError(f"It ended with {process.returncode}: {errors.read().strip()[-600:]}")
        answer = read(output.read())
    check(answer, truth)
    # The system's own number for the memory begins with that of the process that started this one: of no use.
    return Measurement(
        whole, usage.ru_utime + usage.ru_stime, answer.get("peak"), answer.get("seconds"), answer
    )


def _end(process: subprocess.Popen[bytes]) -> resource.struct_rusage:
    """Wait for a process, for so long; wait4() gives the numbers of this one alone."""
    alarm = threading.Timer(LIMIT, process.kill)
    alarm.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return usage
    finally:
        alarm.cancel()
        if process.returncode is None:  # Ctrl-C
            process.kill()
            process.wait()


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
