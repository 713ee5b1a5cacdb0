"""The command line of a case, and the function that parses its output."""

from __future__ import annotations

import collections.abc as cabc
import json
import pathlib
import shutil
import subprocess
import sys
from typing import Any, NamedTuple

from tests.benchmarks.cases import Case
from tests.benchmarks.data import ROOT
from tests.benchmarks.measure import read_json, read_nothing, read_sizes

CONTENDERS = ROOT / "tests" / "benchmarks" / "contenders"
FRAMEWORK = pathlib.Path(sys.executable).parent / "framework"

_KCAT = {
    "scan": ["-o", "beginning", "-e"],
    "tail": ["-o", "-10", "-e"],
    "first": ["-o", "beginning", "-c", "1"],
}


class Command(NamedTuple):
    """A command line, and the function that parses its output."""

    line: list[str]
    read: cabc.Callable[[str], dict[str, Any]]


def command(case: Case, servers: str, pythons: cabc.Mapping[str, str]) -> Command | str:
    """Return the command of a case, or why it is left out; `pythons` are those of the peers' environments."""
    match case.program:
        case "kcat":
            return _kcat(case, servers)
        case "python":
            return Command([sys.executable, "-c", case.task], read_nothing)
        case "framework":
            return _framework(case, servers)
    if case.peer is not None and case.peer not in pythons:
        return f"{case.peer} isn't installed"
    python = sys.executable if case.peer is None else pythons[case.peer]
    program = str(CONTENDERS / f"{case.program}.py")
    return Command([python, program, case.task, servers, case.topic], read_json)


def _kcat(case: Case, servers: str) -> Command | str:
    found = shutil.which("kcat")
    if found is None:
        return "kcat isn't installed (apt-get install kcat)"
    line = [found, "-C", "-q", "-b", servers, "-t", case.topic, *_KCAT[case.task], "-f", "%S\n"]
    return Command(line, read_sizes)


def _framework(case: Case, servers: str) -> Command | str:
    if case.task == "--help":
        return Command([str(FRAMEWORK), "--help"], read_nothing)
    if subprocess.run([FRAMEWORK, case.task, "--help"], capture_output=True, check=False).returncode != 0:
        return f"there is no `framework {case.task}` yet"
    return Command([str(FRAMEWORK), "-b", servers, case.task, case.topic, "--json"], _read_sum)


def _read_sum(output: str) -> dict[str, Any]:
    """Parse the line for all partitions of `framework sizes --json`."""
    [total] = [line for line in map(json.loads, output.splitlines()) if line["partition"] is None]
    return {"messages": total["count"]}
