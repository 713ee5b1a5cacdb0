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


BROKEN_NAMES = """
@app.shell_names
def fails(): return {"x": 1 / 0}
@app.shell_names
def leaves(): raise SystemExit(3)
@app.shell_names
def nothing(): pass
@app.shell_names
def listed(): return ["a"]
@app.shell_names
def odd(): return {"a-b": 1, "class": 2, 3: 4, "app": 5, "topics": 6, "ok": 7}
@app.shell_names
def harmless(): return {"app": app}
"""


def test_names_that_cannot_be_used_are_one_line_each_and_break_nothing(line: CommandLine) -> None:
    line.write("app.py", APP + BROKEN_NAMES)
    code, out, error = line.run("shell", "-c", "print(ok, app.client_id, topics['eu-orders'])")

    assert (code, out) == (0, "7 shop <Topic eu-orders>\n")
    lines = [each.removeprefix("@app.shell_names of ") for each in error.splitlines()]
    assert lines[0].startswith("'fails': ZeroDivisionError: division by zero (app.py, line ")
    assert lines[1].startswith("'leaves': SystemExit: 3 (app.py, line ")
    assert lines[2:] == [
        "'nothing': it returned None: expected a dict from names to objects.",
        "'listed': it returned a list: expected a dict from names to objects.",
        "'odd': 'a-b' is not a name that Python code can use. Choose another name.",
        "'odd': 'class' is not a name that Python code can use. Choose another name.",
        "'odd': 3 is not a name that Python code can use. Choose another name.",
        "'odd': 'app' is the shell's own name. Choose another name.",
        "'odd': 'topics' is the shell's own name. Choose another name.",
    ]


def test_code_that_uses_the_name_of_a_renamed_topic_is_told_the_other(line: CommandLine) -> None:
    line.write("app.py", APP + "[app.topic(name) for name in ('list', 'eu.orders', 'In')]\n")

    assert line.run("shell", "-c", "list(eu_orders.name)") == (
        0, "", "Topic 'eu.orders' is eu_orders_2 here.\nTopic 'list' is list_ here.\n",
    )  # fmt: skip
    assert line.run("shell", stdin="print(app.client_id)") == (0, "shop\n", "")
    assert line.run("shell", "-c", "In")[2] == (
        "Topic 'In' is In_ here.\n"
        "Error: NameError: name 'In' is not defined. Did you mean 'In_'? (<-c>, line 1)\n"
    )


def test_a_missing_name_says_which_is_close(line: CommandLine) -> None:
    line.write("app.py", APP)

    assert line.run("shell", "-c", "print(eu_ordrs)")[2] == (
        "Error: NameError: name 'eu_ordrs' is not defined. Did you mean 'eu_orders'? (<-c>, line 1)\n"
    )
    assert line.run("shell", "-c", "print(zzz)")[2] == (
        "Error: NameError: name 'zzz' is not defined (<-c>, line 1)\n"
    )


def test_without_an_application_a_missing_name_says_how_a_topic_is_read(line: CommandLine) -> None:
    assert line.run("shell", "-c", "orders")[2] == (
        "Error: NameError: name 'orders' is not defined. No topic is declared: write Iterator('orders'). "
        "(<-c>, line 1)\n"
    )
