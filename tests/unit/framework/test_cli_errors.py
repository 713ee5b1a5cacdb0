"""What a command that fails says, and its exit code."""

from __future__ import annotations

import signal

import pytest

from tests.command_line import CommandLine
from tests.shop import APP, COMMANDS


def test_an_error_of_ours_is_one_line_and_exit_code_1(line: CommandLine) -> None:
    line.write("app.py", COMMANDS)

    assert line.run("fail") == (1, "", "Error: It can't be.\n")


def test_no_terminal_acts_upon_an_error(line: CommandLine) -> None:
    line.write("app.py", APP + "@app.command()\ndef quote(): raise ValueError('\\x1b]0;title\\x07\\u202e')")
    code, _, error = line.run("quote")

    assert (code, error) == (1, "Error: ValueError: \\u001b]0;title\\u0007\\u202e (app.py, line 7)\n")


@pytest.mark.parametrize("arguments", [["fail", "--debug"], ["--debug", "fail"]])
def test_debug_shows_the_traceback(arguments: list[str], line: CommandLine) -> None:
    line.write("app.py", COMMANDS)
    code, _, error = line.run(*arguments)

    assert code == 1
    assert error.startswith("Traceback (most recent call last):\n")
    assert 'raise BrokerError("It can\'t be.")' in error
    assert error.endswith("Error: It can't be.\n")


def test_an_error_of_the_users_own_code_says_where(line: CommandLine) -> None:
    line.write("app.py", COMMANDS)
    number = COMMANDS[: COMMANDS.index('{}["key"]')].count("\n") + 1

    assert line.run("mistake") == (1, "", f"Error: KeyError: 'key' (app.py, line {number})\n")


def test_the_end_of_the_input_is_not_ctrl_c(line: CommandLine) -> None:
    line.write("app.py", COMMANDS)
    code, _, error = line.run("read-all")

    assert code == 1
    assert "Error: EOFError: EOF when reading a line (app.py, line " in error


def test_ctrl_c_is_exit_code_130_without_a_traceback(line: CommandLine) -> None:
    line.write("app.py", COMMANDS)
    with line.start("wait") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=60)

    assert (process.returncode, out, error) == (130, "", "\n")
