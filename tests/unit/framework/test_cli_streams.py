"""stdin, stdout and stderr may be closed, full, or left by their reader."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.command_line import ROOT, CommandLine
from tests.shop import APP


def test_a_reader_who_has_seen_enough_is_nothing_wrong(line: CommandLine) -> None:
    with line.start("shell", "-c", "while True: print('x' * 1000)") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(60) == 0


@pytest.mark.parametrize(
    "arguments", [["hang-up"], ["--app", "broken", "info"], ["--app", "broken", "topics"]]
)
def test_a_connection_that_broke_is_no_reader_who_has_seen_enough(
    arguments: list[str], line: CommandLine, cluster: str
) -> None:
    line.write("app.py", APP + "@app.command()\ndef hang_up(): raise BrokenPipeError(32, 'Broken pipe')")
    line.write("broken.py", "raise BrokenPipeError(32, 'Broken pipe')")
    code, out, error = line.run(*arguments, KAFKA_BOOTSTRAP_SERVERS=cluster)

    assert "BrokenPipeError: [Errno 32] Broken pipe" in out + error
    assert code == (0 if "info" in arguments else 1)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("command", ["info", "topics", "shell", "iterate eu-orders"])
def test_a_stream_may_be_closed(command: str, closed: str, line: CommandLine) -> None:
    line.write("app.py", APP)
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m framework {command} {closed}"],
        cwd=line.folder, env=os.environ | {"PYTHONPATH": ROOT}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert "AttributeError" not in done.stderr
    assert done.returncode == (1 if "iterate" in command else 0)


def test_a_full_disk_is_one_line(line: CommandLine) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "framework", "--version"],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "Error: OSError: [Errno 28] No space left on device\n")
