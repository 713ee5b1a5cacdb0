"""Programs of the tests in Java, compiled and run from one file with the jars of Kafka."""

from __future__ import annotations

import functools
import shutil
import subprocess
from pathlib import Path

from tests import maven
from tests.kafka_server import install

FOLDER = Path(__file__).parent / "java"


@functools.cache
def can_compile() -> bool:
    """Whether there is a Java that compiles: one that only runs programs is enough for the servers."""
    if not shutil.which("java"):
        return False
    return "jdk.compiler" in maven.run(["java", "--list-modules"]).stdout


def run(program: str, *arguments: str, stdin: str) -> None:
    """Run a program to its end; where it fails, the error is its output."""
    command = ["java", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", f"{install()}/*"]
    done = subprocess.run(
        [*command, str(FOLDER / program), *arguments],
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{program} failed:\n{done.stdout}")
