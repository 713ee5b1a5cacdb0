"""Every command and every option has a text of its own, and stands in a README."""

from __future__ import annotations

import pathlib
import re

import click
import pytest

from example_app.app import app
from framework import current
from framework.cli import root
from framework.testing import reset_current_app

# The import above made the example's app the current one of this process, where other tests make theirs.
reset_current_app()

ROOT = pathlib.Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
EXAMPLE = (ROOT / "example_app" / "README.md").read_text()


def every_command() -> dict[str, click.Command]:
    """The root, its commands, those of plugins, and those of the example."""
    with current.preserved(), click.Context(root) as context:
        current.choose(app)
        names = root.list_commands(context)
        commands = {name: root.get_command(context, name) for name in names}
    return {"": root} | {name: command for name, command in commands.items() if command is not None}


COMMANDS = every_command()
OPTIONS = [
    (name, option)
    for name, command in COMMANDS.items()
    for option in command.params
    if isinstance(option, click.Option) and not option.hidden
]
SHARED = {option for parameter in root.params for option in parameter.opts}


def test_those_of_the_framework_of_plugins_and_of_the_example_are_there() -> None:
    assert COMMANDS.keys() >= {"", "info", "shell", "iterate", "find-plane", "check-planes"}
    assert {"--limit", "--top", "--app"} <= {option.opts[-1] for _, option in OPTIONS}


@pytest.mark.parametrize("name", [name for name in COMMANDS if name])
def test_a_command_has_a_text_and_a_short_one_in_full(name: str) -> None:
    command = COMMANDS[name]

    assert len(command.help or "") > 20 < len(root.help or "")
    assert command.get_short_help_str().endswith(".")
    assert not command.get_short_help_str().endswith("...")


@pytest.mark.parametrize(
    ("name", "option"), OPTIONS, ids=[f"{name or 'framework'} {option.opts[-1]}" for name, option in OPTIONS]
)
def test_an_option_has_a_text(name: str, option: click.Option) -> None:
    assert re.fullmatch(r"[A-Z].+\.", option.help or "")


@pytest.mark.parametrize("name", [name for name in COMMANDS if name])
def test_a_command_and_its_options_stand_in_a_table(name: str) -> None:
    rows = [row for row in (README + EXAMPLE).splitlines() if row.startswith("|") and f"`{name}" in row]
    rows += [row for row in README.splitlines() if row.startswith(f"| `framework {name}")]
    options = {option.opts[-1] for owner, option in OPTIONS if owner == name} - SHARED

    assert [option for option in options if not any(option in row for row in rows)] == []
    assert rows


@pytest.mark.parametrize("option", ["--app", "-b", "--debug", "--version", "--help"])
def test_the_options_of_all_commands_stand_in_the_readme(option: str) -> None:
    assert re.search(rf"`(framework )?{option}\b", README)
