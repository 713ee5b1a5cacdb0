"""`flask kafka` in a real project with an application factory, which is the one of docs/flask.md."""

from __future__ import annotations

import pytest

from tests.contrib.walkthrough import PATIENT, Command, Walk
from tests.terminal import Installed

PLAIN = "from flask import Flask\n\napp = Flask(__name__)\n"


pytestmark = PATIENT


@pytest.fixture(scope="module")
def followed(walk: Walk) -> list[tuple[Command, Command]]:
    """The project, and what its commands printed."""
    return walk.follow("docs/flask.md")


@pytest.fixture(scope="module")
def line(walk: Walk, followed: list[tuple[Command, Command]]) -> Installed:
    """The folder of the project."""
    return walk.line


def flask(line: Installed, *arguments: str) -> tuple[int, str, str]:
    return line.run("flask", "--app", "shop", *arguments)


def test_the_page_works_as_written(followed: list[tuple[Command, Command]]) -> None:
    assert [shown for shown, _ in followed] == [was for _, was in followed]


def test_help_lists_all_commands(line: Installed) -> None:
    code, out, error = flask(line, "kafka", "--help")

    assert (code, error) == (0, "")
    assert out.startswith("Usage: flask kafka [OPTIONS] COMMAND [ARGS]...")
    assert {"iterate", "place-samples", "shell", "spent"} <= set(out.split())


def test_help_without_a_flask_application_lists_the_others(line: Installed) -> None:
    code, out, error = line.run("flask", "--app", "nowhere", "kafka", "--help")

    assert code == 0
    assert "iterate" in out
    assert error.startswith("Without the Flask application: NoAppException: Could not import 'nowhere'.")


def test_no_flask_application_is_flasks_error(line: Installed) -> None:
    code, out, error = line.run("flask", "--app", "nowhere", "kafka", "topics")

    assert (code, out) == (2, "")
    assert error.endswith("Error: Could not import 'nowhere'.\n")


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        pytest.param(
            ["iterate", "orders", "--partition", "9"],
            1,
            "Error: Topic 'orders' has no partition 9. It has partitions 0 to 3.\n",
            id="an error",
        ),
        pytest.param(
            ["iterat", "orders"],
            2,
            "Usage: flask kafka [OPTIONS] COMMAND [ARGS]...\n"
            "Try 'flask kafka --help' for help.\n\n"
            "Error: No command 'iterat'. Did you mean 'iterate'?\n",
            id="wrong use",
        ),
        pytest.param(
            ["spent", "Ada", "--app", "shop.kafka:ap"],
            1,
            "Error: Module 'shop.kafka' has no 'ap'. Did you mean 'app'?\n",
            id="the wrong application",
        ),
    ],
)
def test_an_error_is_a_sentence_and_an_exit_code(
    arguments: list[str], code: int, complaint: str, line: Installed
) -> None:
    assert flask(line, "kafka", *arguments) == (code, "", complaint)


def test_the_configuration_may_have_the_application_itself_and_no_other_thing(line: Installed) -> None:
    program = """
from flask import Flask

from framework import App
from framework_flask import kafka

app = App(client_id="itself")
App(client_id="another")
flask_app = Flask(__name__)
for value in (app, 7, "nowhere:app"):
    flask_app.config["KAFKA_APP"] = value
    print(flask_app.test_cli_runner().invoke(kafka, ["shell", "-c", "print(app.client_id)"]).output, end="")
"""
    code, out, error = line.run("python", "-c", program)
    way_out = 'Expected an App, or its import path: KAFKA_APP = "shop.kafka:app".'

    assert (code, error) == (0, "")
    assert out.replace(str(line.folder), "HERE").splitlines() == [
        "itself",
        f"Error: The setting KAFKA_APP is invalid: it is of int. {way_out}",
        "Error: No module 'nowhere' for the app 'nowhere:app'; searched from HERE.",
    ]


def test_without_the_setting_the_application_is_found_as_usual(line: Installed) -> None:
    (line.folder / "plain.py").write_text(PLAIN)
    command = ["flask", "--app", "plain", "kafka", "iterate", "orders", "--raw", "--limit", "1"]
    first = '{"customer": "Ada", "total": 12.5}\n'

    assert line.run(*command) == (0, first, "")
    assert line.run(*command, "--debug", FRAMEWORK_APP="shop.kafka") == (0, first, "")
    assert line.run(*command, FRAMEWORK_APP="shop.nowhere")[0] == 1


def test_the_help_of_flask_imports_one_small_module_of_ours(line: Installed) -> None:
    (line.folder / "plain.py").write_text(PLAIN)
    program = """
import sys

from flask.cli import cli

cli.main(["--app", "plain", "--help"], standalone_mode=False)
print([name for name in sys.modules if name.startswith(("framework", "confluent"))])
"""
    code, out, error = line.run("python", "-c", program)

    assert (code, error) == (0, "")
    assert "kafka   Read and manage Kafka topics." in out
    assert out.splitlines()[-1] == "['framework_flask']"


def test_ctrl_c_ends_a_command_that_follows(line: Installed) -> None:
    with line.open("flask", "--app", "shop", "kafka", "iterate", "orders", "--raw", "--follow") as screen:
        screen.until('"total": 7')
        screen.press("C")
        shown = screen.rest()

        assert "Traceback" not in shown
        assert screen.end() == 130
