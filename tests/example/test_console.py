from __future__ import annotations

import subprocess
import sys

import pytest

from example_app import console
from framework import FrameworkError


@pytest.mark.parametrize("failure", [console.Failure, FrameworkError, OSError])
def test_what_failed_is_a_line_and_exit_code_1(
    failure: type[Exception], capsys: pytest.CaptureFixture[str]
) -> None:
    def main() -> int:
        raise failure("It can't be.")

    assert console.run(main) == 1
    assert capsys.readouterr() == ("", "It can't be.\n")


def test_ctrl_c_is_exit_code_130_and_no_noise(capsys: pytest.CaptureFixture[str]) -> None:
    def main() -> int:
        raise KeyboardInterrupt

    assert console.run(main) == 130
    assert capsys.readouterr() == ("", "")


def test_other_exceptions_are_mistakes_and_stay_so() -> None:
    def main() -> int:
        raise KeyError("a mistake")

    with pytest.raises(KeyError):
        console.run(main)


def test_the_programs_own_exit_code_counts() -> None:
    assert console.run(lambda: 75) == 75


def test_a_reader_who_has_seen_enough_is_nothing_wrong() -> None:
    program = "import sys; from example_app import console; sys.exit(console.run(lambda: print('x') or 0))"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0
