"""`framework shell` on a terminal is a prompt, IPython's or the plain one, with the application's names."""

from __future__ import annotations

import pathlib
import re

import pytest

from tests import support
from tests.terminal import Installed, Screen

APP = """
from framework import App
app = App(client_id="shop")
orders = app.topic("{name}", payload=str)
"""
# What hides IPython, as if it were not installed; sitecustomize runs before anything else.
HIDDEN = "import sys\nsys.modules['IPython'] = None\n"


@pytest.fixture(params=["IPython", "plain"])
def prompt(request: pytest.FixtureRequest) -> str:
    """The first prompt of each kind of shell."""
    return "In [" if request.param == "IPython" else ">>> "


@pytest.fixture
def line(kafka: str, topic: support.TopicFactory, prompt: str, tmp_path: pathlib.Path) -> Installed:
    """A folder with an application, whose topic has one message."""
    name = topic(1, ["a message"])
    tmp_path.joinpath("app.py").write_text(APP.format(name=name))
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "HOME": str(tmp_path),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "TOPIC": name,
        "PYTHONWARNINGS": "error",
        # IPython's prompt asks the terminal where its cursor is; here nobody answers.
        "PROMPT_TOOLKIT_NO_CPR": "1",
    }
    if prompt == ">>> ":
        tmp_path.joinpath("hidden").mkdir()
        tmp_path.joinpath("hidden", "sitecustomize.py").write_text(HIDDEN)
        environment["PYTHONPATH"] = str(tmp_path / "hidden")
    return Installed(tmp_path, environment)


def plain(shown: str) -> str:
    return re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", shown)


def ask(screen: Screen, code: str, answer: str) -> None:
    """Type a line; the answer must come, which is not in the line."""
    assert answer not in code
    screen.type(code)
    screen.until(answer)


def test_it_knows_the_application_and_reads_its_topics(line: Installed, prompt: str) -> None:
    with line.open("framework", "shell") as screen:
        banner = screen.until(prompt)
        ask(screen, "app", "/app.py:3>")
        ask(screen, "Iterator", "framework_iterator.iterator.Iterator")
        ask(screen, f"Iterator({line.environment['TOPIC'].replace('-', '_')}).first().payload", "'a message'")
        screen.type("exit()")
        assert screen.end() == 0

    assert "<App 'shop' of app.py:3>\r\nNames: Iterator, app, " in plain(banner)
    assert "Renamed" not in banner
    assert "Warning" not in banner


def test_it_says_which_topics_have_another_name(line: Installed, prompt: str) -> None:
    app = line.folder / "app.py"
    app.write_text(app.read_text() + "[app.topic(name) for name in ('list', 'a-b', 'a.b')]\n")
    with line.open("framework", "shell") as screen:
        banner = screen.until(prompt)
        ask(screen, "list('ab')", "['a', 'b']")
        ask(screen, "list_", "<Topic list>")
        screen.type("exit()")
        assert screen.end() == 0

    assert "Renamed: topic 'a.b' is a_b_2, topic 'list' is list_\r\n" in plain(banner)


def test_ctrl_d_leaves(line: Installed, prompt: str) -> None:
    with line.open("framework", "shell") as screen:
        screen.until(prompt)
        screen.press("D")
        if prompt != ">>> ":
            screen.until("exit")
            screen.type("y")
        assert screen.end() == 0


def test_ctrl_c_at_the_prompt_or_in_a_loop_does_not_end_it(line: Installed, prompt: str) -> None:
    name = line.environment["TOPIC"]
    with line.open("framework", "shell") as screen:
        screen.until(prompt)
        # In between, readline would not see Ctrl-C before the next key.
        screen.until_it_waits()
        screen.press("C")
        if prompt == ">>> ":  # IPython only empties its line
            screen.until("KeyboardInterrupt")
            screen.until(prompt)
        ask(screen, "6 * 7", "42")
        screen.type(f"for m in Iterator('{name}', follow=True): print('offset', m.offset + 0)\r")
        screen.until("offset 0")
        screen.press("C")
        screen.until("KeyboardInterrupt")
        screen.until(prompt)
        ask(screen, "6 * 8", "48")
        screen.type("exit()")
        assert screen.end() == 0


def test_an_exception_is_shown_with_its_traceback_and_does_not_end_it(line: Installed, prompt: str) -> None:
    with line.open("framework", "shell") as screen:
        screen.until(prompt)
        ask(screen, "Iterator('nix-' * 2).first()", "Topic 'nix-nix-' doesn't exist.")
        ask(screen, "6 * 7", "42")
        screen.type("exit()")
        assert screen.end() == 0
