"""The fixtures of the plugin for pytest, in a real project, which is the one of docs/pytest.md."""

from __future__ import annotations

import re

import pytest

from tests.contrib.walkthrough import PATIENT, Command, Walk
from tests.terminal import Installed

pytestmark = PATIENT


@pytest.fixture(scope="module")
def followed(walk: Walk) -> list[tuple[Command, Command]]:
    """The project, and what its tests printed."""
    return walk.follow("docs/pytest.md")


@pytest.fixture(scope="module")
def line(walk: Walk, followed: list[tuple[Command, Command]]) -> Installed:
    """The folder of the project."""
    return walk.line


def test_the_page_works_as_written(followed: list[tuple[Command, Command]]) -> None:
    assert [shown for shown, _ in followed] == [was for _, was in followed]


def test_a_project_that_does_not_use_it_loads_one_small_module(line: Installed) -> None:
    (line.folder / "plain.py").write_text("""
import sys


def test_plain():
    loaded = [name for name in sys.modules if name.startswith(("framework", "confluent"))]
    assert loaded == ["framework_pytest"]
""")
    code, out, error = line.run("python", "-X", "importtime", "-m", "pytest", "-q", "plain.py")

    assert (code, out.count("1 passed")) == (0, 1), out
    # What it imports by itself; pytest's own import of it isn't shown.
    assert re.findall(r"\| +(framework\S*|confluent\S*)", error) == []


def test_each_worker_has_one_cluster_for_all_its_tests(line: Installed) -> None:
    (line.folder / "workers.py").write_text("""
import pytest


@pytest.mark.parametrize("number", range(4))
def test_shown(number, kafka_servers, worker_id):
    with open(f"{worker_id}.addresses", "a") as file:
        print(kafka_servers, file=file)
""")
    code, out, _ = line.run("python", "-m", "pytest", "-q", "-n", "2", "workers.py")
    files = [file.read_text().split() for file in line.folder.glob("gw*.addresses")]

    assert code == 0, out
    assert [len(addresses) for addresses in files] == [2, 2]
    assert [len(set(addresses)) for addresses in files] == [1, 1]
    assert files[0][0] != files[1][0]


def test_applications_of_a_test_are_forgotten_after_it_and_others_are_back(line: Installed) -> None:
    (line.folder / "apps.py").write_text("""
import pytest

from framework import App
from framework.discovery import find_app

before = App(client_id="before")


@pytest.mark.parametrize("name", ["first", "second"])
def test_own(name, reset_kafka_app):
    app = App(client_id=name)
    assert find_app() is app


def test_without():
    assert find_app() is before
""")
    code, out, _ = line.run("python", "-m", "pytest", "-q", "-p", "no:randomly", "apps.py")

    assert (code, out.count("3 passed")) == (0, 1), out
