"""`framework.testing.run_command`: the command line inside this process."""

from __future__ import annotations

import dataclasses
import pathlib
import subprocess
import sys
from typing import Any

import click
import pytest

from framework import App, BrokerError, current, plugins
from framework.discovery import find_app
from framework.plugins import Plugin
from framework.testing import CommandResult, run_command
from tests.command_line import ROOT


@pytest.fixture
def shop(app: App) -> App:
    """An application with commands, beside which another was made: neither was chosen."""

    @app.command()
    @click.argument("tailnum")
    def find_plane(tailnum: str) -> None:
        click.echo(f"{tailnum} of {find_app().client_id}")
        print("Looking", file=sys.stderr)

    @app.command()
    def fail() -> None:
        raise BrokerError("It can't be.")

    @app.command()
    def leave() -> None:
        sys.exit(7)

    @app.command()
    def complain() -> None:
        sys.exit("It can't be.")

    @app.command()
    def leave_with_reasons() -> None:
        sys.exit(["this", "that"])  # type: ignore[arg-type]

    @app.command()
    def write_bytes() -> None:
        sys.stdout.buffer.write(b"\xff")

    @app.command()
    def interrupt() -> None:
        raise KeyboardInterrupt

    @app.command()
    def repeat() -> None:
        print(sys.stdin.read() * 2)

    App(client_id="another")
    return app


@pytest.mark.parametrize(
    "command", [["topics"], ["shell", "-c", "print(topics)"], ["find-plane"]], ids=" ".join
)
def test_an_application_whose_modules_do_not_load_is_an_error(command: list[str]) -> None:
    result = run_command(*command, app=App(include=["no_such_module"]))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(
        "Error: include=['no_such_module'] is invalid: no module 'no_such_module'. Correct the name"
    )


def test_with_several_applications_one_has_to_be_chosen(shop: App) -> None:
    result = run_command("topics")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: There are 2 applications and none was chosen: ")


def test_a_command_is_run_and_what_it_writes_is_told(shop: App) -> None:
    assert run_command("find-plane", "N14228", app=shop) == CommandResult(
        exit_code=0, stdout="N14228 of framework\n", stderr="Looking\n"
    )


@pytest.mark.parametrize(
    ("arguments", "exit_code", "stderr"),
    [
        pytest.param(["fail"], 1, "Error: It can't be.\n", id="an error of ours"),
        pytest.param(["leave"], 7, "", id="its own exit code"),
        pytest.param(["complain"], 1, "It can't be.\n", id="a text"),
        pytest.param(["leave-with-reasons"], 1, "['this', 'that']\n", id="an object"),
        pytest.param(["interrupt"], 130, "\n", id="Ctrl-C"),
    ],
)
def test_it_ends_as_on_the_command_line(arguments: list[str], exit_code: int, stderr: str, shop: App) -> None:
    assert run_command(*arguments, app=shop) == CommandResult(exit_code, "", stderr)


def test_a_command_may_write_any_bytes(shop: App) -> None:
    assert run_command("write-bytes", app=shop) == CommandResult(0, "\\xff", "")


def test_wrong_use_is_exit_code_2(shop: App) -> None:
    result = run_command("find-plan", app=shop)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "No command 'find-plan'. Did you mean 'find-plane'?" in result.stderr


def test_where_an_error_comes_from_is_shown_with_debug(shop: App) -> None:
    assert "in fail\n" in run_command("fail", "--debug", app=shop).stderr


def test_input_is_what_is_piped_in(shop: App) -> None:
    assert run_command("repeat", input="ab", app=shop).stdout == "abab\n"
    assert run_command("repeat", app=shop).stdout == "\n"


def test_the_frameworks_own_commands_are_there(shop: App) -> None:
    shop.topic("eu-orders")

    assert run_command("shell", "-c", "print(app.client_id, eu_orders)", app=shop).stdout == (
        "framework <Topic eu-orders>\n"
    )


class Greeting:
    """A plugin: a command, and a topic."""

    def commands(self) -> dict[str, click.Command]:
        return {"greet": click.Command("greet", callback=lambda: click.echo("Good morning"))}

    def setup(self, app: App) -> None:
        app.topic("greetings")


@pytest.fixture
def greeting(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Plugin("greeting", "greeting-kafka", "1.5", offer=Greeting())
    monkeypatch.setattr(plugins, "load", lambda: [found])


@pytest.mark.usefixtures("greeting")
def test_commands_of_plugins_are_there(shop: App) -> None:
    assert run_command("greet", app=shop) == CommandResult(0, "Good morning\n", "")


@pytest.mark.usefixtures("greeting")
def test_a_plugin_is_set_up_once_for_an_application(shop: App) -> None:
    run_command("greet", app=shop)

    assert run_command("greet", app=shop).stderr == ""
    assert [topic.name for topic in shop.routes] == ["greetings"]


def test_without_an_app_the_current_one_is_used(shop: App) -> None:
    current.choose(shop)

    assert run_command("find-plane", "N1").stdout == "N1 of framework\n"


def test_without_any_app_commands_that_need_none_run(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert run_command("shell", "-c", "print(app.client_id)").stdout == "framework\n"


@pytest.mark.parametrize("chosen", [True, False])
def test_afterwards_the_current_app_is_the_one_from_before(chosen: bool, tmp_path: pathlib.Path) -> None:
    before = App(client_id="before", broker_timeout=0.3)
    if chosen:
        current.choose(before)
    run_command("new", str(tmp_path), app=App(client_id="other"))
    run_command("info", "-b", "127.0.0.1:1", app=before)

    assert current.chosen() is (before if chosen else None)
    assert before.kafka["bootstrap.servers"] == "127.0.0.1:9092"


def test_an_app_made_by_the_command_is_forgotten(tmp_path: pathlib.Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    run_command("shell", "-c", "from framework import App; App()")

    assert current.find() is None


def test_a_result_is_a_value(shop: App) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        run_command("leave", app=shop).exit_code = 0  # type: ignore[misc]


def test_building_messages_needs_no_command_line() -> None:
    program = "import sys, framework.testing; print({'click', 'rich', 'framework.cli'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "set()\n"
