from __future__ import annotations

import pathlib
import signal
import subprocess
import sys

import pytest

from tests.terminal import BIN, LIMIT

# Python runs this before anything else. The first import of click says so, and takes its time.
SLOW = """
import sys, time

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            print("importing", flush=True)
            time.sleep(60)

sys.meta_path.insert(0, Slow())
"""


@pytest.mark.parametrize(
    "command", [[str(BIN / "framework")], [sys.executable, "-m", "framework"]], ids=["script", "module"]
)
def test_ctrl_c_while_python_still_imports_ends_it_without_a_traceback(
    command: list[str], tmp_path: pathlib.Path
) -> None:
    tmp_path.joinpath("sitecustomize.py").write_text(SLOW)
    with subprocess.Popen(
        [*command, "info"],
        env={"PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "importing\n"
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=LIMIT)
    assert (process.returncode, said) == (130, ("", ""))
