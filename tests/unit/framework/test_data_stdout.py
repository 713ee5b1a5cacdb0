"""While a command prints data, what the application prints goes to stderr."""

from __future__ import annotations

import collections.abc as cabc
import json

import pytest

from framework import App
from framework.data_stdout import data_stdout
from framework.testing import mock_cluster, run_command
from tests.command_line import CommandLine

APP = """
import logging, sys
from framework import App

print("imported")
logging.basicConfig(stream=sys.stdout, format="%(message)s")

def read(data):
    print("read")
    sys.stdout.buffer.write(b"bytes\\n")
    logging.warning("logged")
    return data.decode()

app = App()
app.topic("s-loud", payload=read)
"""
COMMANDS = {
    "iterate --json": ("iterate s-loud --json", 1),
    "iterate --raw": ("iterate s-loud --raw", 1),
    "iterate --hex": ("iterate s-loud --hex", 1),
    "the plan": ("iterate s-loud --plan --json", 1),
    "sizes": ("sizes s-loud --json", 2),
    "topics": ("topics --json", 1),
    "info": ("info --json", 1),
}


@pytest.fixture(scope="module")
def filled() -> cabc.Iterator[str]:
    """The address of a broker whose topic has one message."""
    with mock_cluster() as servers:
        with App(kafka={"bootstrap.servers": servers}).producer() as producer:
            producer.produce("s-loud", b'"payload"')
        yield servers


@pytest.fixture
def loud(line: CommandLine, filled: str, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """An application that prints whatever it does."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", filled)
    line.write("app.py", APP)
    return line


@pytest.mark.parametrize(("words", "rows"), COMMANDS.values(), ids=COMMANDS)
def test_stdout_has_the_data_alone(words: str, rows: int, loud: CommandLine) -> None:
    code, out, error = loud.run(*words.split())

    assert code == 0
    assert "imported\n" in error
    assert out.count("\n") >= rows
    for printed in ("imported", "bytes", "logged", "read\n"):
        assert printed not in out.replace("payload_bytes", "")
    if words.endswith("--json"):
        assert all(json.loads(row) for row in out.splitlines())


def test_what_deserializers_print_or_log_is_on_stderr(loud: CommandLine) -> None:
    _, out, error = loud.run("iterate", "s-loud", "--json")

    assert json.loads(out)["payload"] == '"payload"'
    assert [error.count(printed) for printed in ("imported\n", "read\n", "bytes\n", "logged\n")] == [
        1,
        1,
        1,
        1,
    ]


def test_lines_for_people_are_printed_where_the_application_prints(loud: CommandLine) -> None:
    _, out, _ = loud.run("iterate", "s-loud")

    assert "imported\n" in out
    assert out.count("s-loud-") == 1


def test_commands_of_the_application_print_where_they_want(loud: CommandLine) -> None:
    loud.write("app.py", APP + "import click\n@app.command()\n@click.option('--json', is_flag=True)\n"
               "def show(json): print('{}')\n")  # fmt: skip

    assert loud.run("show", "--json")[1] == "imported\n{}\n"


def test_a_command_within_a_command_has_its_own(app: App) -> None:
    @app.command()
    def outer() -> None:
        print(run_command("info", "--json", app=app).stdout, file=data_stdout())

    assert json.loads(run_command("outer", app=app).stdout)["broker"].startswith("not reachable")
