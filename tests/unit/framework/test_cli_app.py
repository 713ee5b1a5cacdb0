"""The application behind the command: its own commands, and what a broken one does."""

from __future__ import annotations

import pytest

from tests.command_line import CommandLine
from tests.shop import APP, COMMANDS, commands

BROKEN = [
    pytest.param(
        "import nopackage",
        "ModuleNotFoundError: No module named 'nopackage' (app.py, line 1)",
        id="import",
    ),
    pytest.param("x = (", "SyntaxError: '(' was never closed (app.py, line 1)", id="syntax"),
    pytest.param("raise SystemExit(3)", "The application exits while it is imported: sys.exit(3).", id="exit"),  # noqa: E501
    pytest.param(
        "class Halt(BaseException): pass\nraise Halt('no licence')",
        "The application can't be imported: Halt: no licence (app.py, line 2).",
        id="own BaseException",
    ),
    pytest.param(
        "from framework import App\napp = App()\napp.topic('a b')",
        "Topic name 'a b' is invalid: Kafka takes ",
        id="half-made",
    ),
    pytest.param("x = 1", "Module 'app' has no App: neither 'app' nor 'create_app()'.", id="no App"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "reason"), BROKEN)
def test_a_broken_app_fails_alone(source: str, reason: str, line: CommandLine, cluster: str) -> None:
    line.write("app.py", source)

    code, out, error = line.run("--help")
    assert (code, error.count("\n")) == (0, 1)
    assert "Without the application's commands: " in error
    assert "iterate" in commands(out)

    code, out, error = line.run("info", "-b", cluster)
    assert (code, error) == (0, "")
    assert reason[:30] in out

    code, out, error = line.run("shell", "-b", "127.0.0.1:1", "-c", "print(app.kafka['bootstrap.servers'])")
    assert (code, out) == (0, "127.0.0.1:1\n")
    assert error.startswith("Continuing without the application: ")


@pytest.mark.parametrize("arguments", [["topics"], ["iterate", "x"], ["shell", "-c", "1"], ["find-plane"]])
@pytest.mark.parametrize(("source", "reason"), BROKEN)
def test_a_broken_app_is_an_error_where_it_is_needed(
    source: str, reason: str, arguments: list[str], line: CommandLine
) -> None:
    line.write("app.py", source)
    code, out, error = line.run(*arguments)

    assert (code, out) == (1, "")
    assert error.startswith(f"Error: {reason}") or reason in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("how", ["--app", "FRAMEWORK_APP"])
def test_an_app_that_was_named_must_be_there(how: str, line: CommandLine) -> None:
    arguments, environment = (["--app", "nix:x"], {}) if how == "--app" else ([], {how: "nix:x"})
    code, out, error = line.run(*arguments, "iterate", "x", **environment)

    assert (code, out) == (1, "")
    assert error.startswith("Error: No module 'nix' for the app 'nix:x'; searched from ")


@pytest.mark.parametrize(("name", "arguments"), [("topics", ["topics"]), ("shell", ["shell", "-c", "0"])])
def test_a_command_that_runs_says_which_it_hides(line: CommandLine, name: str, arguments: list[str]) -> None:
    line.write("app.py", f"{APP}app.command({name!r})(lambda: None)\n")

    assert line.run(*arguments, "-b", "127.0.0.1:1")[2].startswith(
        f"The application's command '{name}' is hidden by another of this name. "
        "Give it another name: @app.command('...').\n"
    )


def test_an_apps_command_takes_what_click_takes(line: CommandLine) -> None:
    line.write("app.py", COMMANDS)

    assert line.run("find-plane", "n14228", "--loud") == (0, "N14228\n", "")
    assert "Shout." in line.run("find-plane", "--help")[1]


def test_a_command_that_another_hides_is_told(line: CommandLine) -> None:
    line.write("app.py", APP + "app.command('iterate')(lambda: None)\n")
    code, out, error = line.run("--help")

    assert code == 0
    assert commands(out)["iterate"] == "Read topics in the terminal, a message a line."
    assert error == (
        "The application's command 'iterate' is hidden by another of this name. "
        "Give it another name: @app.command('...').\n"
    )


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        pytest.param(
            "app.command('a')(len); app.command('a')(max)", "There are two commands 'a'.", id="twice"
        ),
        pytest.param("app.command(print)", "Write @app.command() with parentheses", id="parentheses"),
    ],
)  # fmt: skip
def test_a_wrong_declaration_is_one_line(declared: str, reason: str, line: CommandLine) -> None:
    line.write("app.py", APP + declared)
    code, _, error = line.run("a")

    assert code == 1
    assert error.startswith(f"Error: {reason}")


INCLUDING = "from framework import App\napp = App(include=['shop_commands'])\n"


def test_the_commands_of_an_included_module_are_there(line: CommandLine) -> None:
    line.write("app.py", INCLUDING)
    line.write("shop_commands.py", "from app import app\n@app.command()\ndef report(): print('included')")

    assert "report" in commands(line.run("--help")[1])
    assert line.run("report") == (0, "included\n", "")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param(
            "from app import app\n@app.command()\ndef report(): ...\nimport nopackage",
            "ModuleNotFoundError: No module named 'nopackage' (shop_commands.py, line 4)",
            id="broken",
        ),
        pytest.param(
            None, "include=['shop_commands'] is invalid: no module 'shop_commands'. Correct", id="missing"
        ),
    ],
)
def test_an_included_module_that_fails_is_a_broken_application(
    source: str | None, reason: str, line: CommandLine
) -> None:
    line.write("app.py", INCLUDING)
    if source is not None:
        line.write("shop_commands.py", source)

    code, out, error = line.run("--help")
    assert (code, error.count("\n")) == (0, 1)
    assert error.startswith(f"Without the application's commands: {reason}")
    assert "iterate" in commands(out)
    code, _, error = line.run("delays")
    assert (code, error.count("\n")) == (1, 1)
    assert error.startswith(f"Error: {reason}")


def test_a_close_name_does_not_hide_that_the_application_is_broken(line: CommandLine) -> None:
    line.write("app.py", INCLUDING)
    code, _, error = line.run("report")
    assert code == 2
    assert error.startswith("Without the application's commands: include=['shop_commands'] is invalid:")
    assert error.endswith("Error: No command 'report'. Did you mean 'export' or 'explore'?\n")
