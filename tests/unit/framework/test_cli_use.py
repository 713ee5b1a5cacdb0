"""How the command is used: its help, its options, and what it says of wrong use."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

from tests.command_line import ROOT, CommandLine
from tests.shop import COMMANDS, commands


def test_help_lists_all_commands_with_a_text_each(line: CommandLine) -> None:
    line.write("app.py", COMMANDS)
    code, out, error = line.run("--help")

    assert (code, error) == (0, "")
    assert commands(out) == {
        "console": "The same as shell.",
        "explore": "Show the topics in a browser.",
        "export": "Write topics into a .parquet, .arrow, .csv or .jsonl file.",
        "fail": "From the application.",
        "find-plane": "Find a plane by its tail number.",
        "info": "Show versions, settings, the broker, the registry and plugins.",
        "iterate": "Read topics in the terminal, a message a line.",
        "mistake": "From the application.",
        "new": "Write a starting app.py.",
        "read-all": "From the application.",
        "servers": "From the application.",
        "shell": "Open a Python shell with the app, its topics and Iterator.",
        "sizes": "Show how large the messages of a topic are.",
        "snapshot": "Print the latest message of each key of a topic.",
        "sql": "Print the rows of an SQL query over topics.",
        "topics": "Show the declared topics, and what the broker has of them.",
        "wait": "From the application.",
    }
    assert "..." not in out.partition("Commands:")[2]


def test_help_without_an_app_loads_nothing_heavy(tmp_path: pathlib.Path) -> None:
    program = (
        "import sys\nfrom framework.cli import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit as left:\n    assert left.code == 0\n"
        "print({'rich', 'pydantic', 'pydantic_core', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path, env={"PYTHONPATH": ROOT}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "set()"


@pytest.mark.parametrize(
    ("arguments", "servers"),
    [
        pytest.param(["--app", "shop", "servers"], "127.0.0.1:1", id="--app before"),
        pytest.param(["servers", "--app", "shop"], "127.0.0.1:1", id="--app behind"),
        pytest.param(["servers", "--app=shop:app"], "127.0.0.1:1", id="--app=, behind"),
        pytest.param(["-b", "127.0.0.1:2", "--app", "shop", "servers"], "127.0.0.1:2", id="-b before"),
        pytest.param(["servers", "--app", "shop", "-b", "127.0.0.1:2"], "127.0.0.1:2", id="-b behind"),
        pytest.param(["--app", "shop", "servers", "-b", "[::1]:2,h,"], "[::1]:2,h,", id="without a port"),
        pytest.param(
            ["--app", "shop", "servers", "--bootstrap-servers=h:1"], "h:1", id="--bootstrap-servers"
        ),
    ],
)
def test_options_count_before_and_behind_the_command(
    arguments: list[str], servers: str, line: CommandLine
) -> None:
    line.write("shop.py", COMMANDS)

    assert line.run(*arguments) == (0, f"{servers}\n", "")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        pytest.param(["topcis"], "No command 'topcis'. Did you mean 'topics'?", id="close"),
        pytest.param(["xyz"], "No command 'xyz'. `framework --help` lists them all.", id="far"),
        pytest.param(["topics", "--al"], "No such option '--al'.", id="option"),
        pytest.param(["iterate", "a", "b", "a"], "Topic 'a' is given twice.", id="a topic twice"),
        pytest.param(["iterate"], "Missing argument 'TOPICS...'.", id="no topic"),
        pytest.param(["iterate", "x", "--limit", "-1"], "-1 is not in the range x>=0", id="limit"),
        pytest.param(
            ["iterate", "x", "--start", "soon"],
            "'--start': 'soon' isn't a start. Write earliest, latest, committed, 100, -10, 5m, ",
            id="start",
        ),
        pytest.param(
            ["iterate", "x", "--until", "committed"],
            "'--until': 'committed' isn't an end. Write earliest, latest, 100, -10, 5m, ",
            id="end",
        ),
        pytest.param(["sizes", "x", "--until", "soon"], "'soon' isn't an end. Write ", id="no end"),
        pytest.param(
            ["iterate", "x", "--partition", "a"],
            "'--partition': 'a' isn't a partition. Write 3, or 3=START.",
            id="partition",
        ),
        pytest.param(
            ["iterate", "x", "--partition", "1=soon"], "'soon' isn't a start.", id="a partition's start"
        ),
        pytest.param(
            ["info", "-b", ""], "'' is invalid: expected host:port, several separated by commas.", id="no -b"
        ),
        pytest.param(["-b", "a:1,b:70000", "info"], "Broker 'b:70000' is invalid: expected", id="port"),
        pytest.param(["new", "app.txt"], "'app.txt' is a file.", id="new"),
    ],
)
def test_wrong_use_is_exit_code_2_and_says_what_would_be_right(
    arguments: list[str], reason: str, line: CommandLine
) -> None:
    line.write("app.txt", "")
    code, out, error = line.run(*arguments)

    assert (code, out) == (2, "")
    assert reason in error
    assert error.startswith("Usage: framework ")
