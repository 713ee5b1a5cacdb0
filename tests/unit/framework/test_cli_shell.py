"""The shell: its names, and its errors."""

from __future__ import annotations

import pytest

from tests.command_line import CommandLine
from tests.shop import APP


@pytest.mark.parametrize("command", ["shell", "console"])
def test_the_shell_runs_code_with_names(command: str, line: CommandLine) -> None:
    more = "@app.shell_names\ndef more():\n    return {'answer': 42}\n"
    line.write("app.py", APP + more)
    program = "print(app.client_id, eu_orders, Iterator.__name__, answer, __name__)"

    assert line.run(command, "-c", program) == (0, "shop <Topic eu-orders> Iterator 42 __main__\n", "")
    assert line.run(command, stdin=f"def f():\n    {program}\n\nf()\n")[:2] == (
        0,
        "shop <Topic eu-orders> Iterator 42 __main__\n",
    )


def test_an_error_in_the_shells_code_says_where(line: CommandLine) -> None:
    assert line.run("shell", stdin="x = 1\nx / 0\n") == (
        1, "", "Error: ZeroDivisionError: division by zero (<stdin>, line 2)\n",
    )  # fmt: skip
