"""Run a process and measure its time, CPU time and memory; read the counts that it prints."""

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
# Compiled modules are kept, as those of a program that has run before.
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)
LIMIT = 300.0
"""Seconds until a hanging process is killed."""


class ContenderError(RuntimeError):
    """A process that failed, or whose counts are wrong."""


@dataclasses.dataclass(frozen=True)
class Measurement:
    """One process, in seconds and bytes. The process itself reports `peak`, `inside` and `answer`."""

    whole: float
    processor: float
    peak: int | None
    inside: float | None
    answer: dict[str, Any]


def measure(
    command: cabc.Sequence[str],
    read: cabc.Callable[[str], dict[str, Any]],
    truth: Truth,
    environment: cabc.Mapping[str, str] | None = None,
) -> Measurement:
    """Run a process to its end; raise ContenderError if its counts differ from the truth.

    Args:
        command: The command line.
        read: Parses the output.
        truth: The expected counts.
        environment: Variables for the process, besides those of this one.
    """
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            cwd=ROOT,
            env={**ENVIRONMENT, **(environment or {})},
        )
        usage = _end(process)
        whole = time.perf_counter() - begun
        output.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            raise ContenderError(f"It ended with {process.returncode}: {errors.read().strip()[-600:]}")
        answer = read(output.read())
    check(answer, truth)
    # ru_maxrss starts with the memory of the parent process, so the process reports its own peak.
    return Measurement(
        whole, usage.ru_utime + usage.ru_stime, answer.get("peak"), answer.get("seconds"), answer
    )


def _end(process: subprocess.Popen[bytes]) -> resource.struct_rusage:
    """Wait for a process with a limit; wait4() returns the usage of this process only."""
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
    """Raise ContenderError if a count differs from the truth, or if too little was counted."""
    counted = {name: answer[name] for name in truth if name in answer}
    expected = {name: truth[name] for name in counted}
    # Messages and a sum over them, where the truth has both.
    if counted != expected or len(counted) < min(2, len(truth)):
        raise ContenderError(f"It counted {counted} where there is {truth}.")


def read_json(output: str) -> dict[str, Any]:
    """Parse the output of our own programs."""
    answer: dict[str, Any] = json.loads(output)
    return answer


def read_sizes(output: str) -> dict[str, Any]:
    """Parse the output of kcat: the size of each message."""
    sizes = [int(line) for line in output.split()]
    return {"messages": len(sizes), "bytes": sum(sizes)}


def read_nothing(output: str) -> dict[str, Any]:
    """Ignore the output of a program that only starts."""
    return {}
