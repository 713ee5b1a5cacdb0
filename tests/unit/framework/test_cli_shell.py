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


def test_no_topic_hides_a_name_of_python_or_of_the_shell(line: CommandLine) -> None:
    more = "[app.topic(name) for name in ('list', 'print', 'Iterator', 'topics', 'eu.orders')]\n"
    line.write("app.py", APP + more)

    assert line.run("shell", "-c", "print(list('ab'), Iterator.__name__, topics['print'])")[:2] == (
        0, "['a', 'b'] Iterator <Topic print>\n",
    )  # fmt: skip
    assert line.run("shell", "-c", "print(list_, Iterator_, topics_, eu_orders, eu_orders_2)")[:2] == (
        0, "<Topic list> <Topic Iterator> <Topic topics> <Topic eu-orders> <Topic eu.orders>\n",
    )  # fmt: skip
