"""A plugin of somebody else's package is installed by pip alone; a broken one harms nothing."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

import pytest

from tests import support
from tests.terminal import Installed

TESTS = pathlib.Path(__file__).parents[1]
README = (TESTS.parent / "README.md").read_text()
PLUGINS = (TESTS.parent / "docs" / "plugins.md").read_text()
BROKEN = "Plugin noise (kafka-noise 0.3) doesn't load: RuntimeError: made for another version, as it seems"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder of installed packages: the README's plugin and a broken one, as pip installs them."""
    site = tmp_path_factory.mktemp("site")
    install = ["install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--target", str(site)]
    packages = [str(TESTS / "sample_plugin"), str(TESTS / "broken_plugin")]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, *install, *packages], check=True, timeout=100)
    return site


@pytest.fixture
def line(site: pathlib.Path, kafka: str, tmp_path: pathlib.Path) -> Installed:
    return Installed(tmp_path, {"PYTHONPATH": str(site), "KAFKA_BOOTSTRAP_SERVERS": kafka})


@pytest.mark.parametrize(("language", "file"), [("python", "kafka_count.py"), ("toml", "pyproject.toml")])
def test_the_readme_and_its_page_show_these_very_files(language: str, file: str) -> None:
    written = (TESTS / "sample_plugin" / file).read_text()

    assert f"```{language}\n{written}```\n" in README + PLUGINS


def test_its_command_works_on_a_topic(line: Installed, topic: support.TopicFactory) -> None:
    name = topic(2, {0: ["1", "2"], 1: ["3"]})

    assert line.run("framework", "count", name) == (0, "3\n", f"{BROKEN}\n")
    code, _, error = line.run("framework", "count", name[:-1])
    assert (code, error.count("\n")) == (1, 2)
    assert f"Error: Topic '{name[:-1]}' doesn't exist. Did you mean '{name}'" in error


def test_its_names_are_in_the_shell(line: Installed) -> None:
    code, out, _ = line.run("framework", "shell", "-c", "print(type(admin).__name__, Iterator.__name__)")

    assert (code, out) == (0, "Admin Iterator\n")


def test_it_stands_in_help_and_info(line: Installed) -> None:
    assert re.search(
        r"^  count +Print how many offsets a TOPIC has\.$", line.run("framework", "--help")[1], re.M
    )
    code, out, error = line.run("framework", "info")
    shown = [row.split(maxsplit=1)[1] for row in out.splitlines() if row.startswith("plugin")]
    ours = line.run(
        sys.executable, "-c", "import importlib.metadata as m; print(m.version('framework-iterator'))"
    )[1]

    assert (code, error) == (0, "")
    assert shown == ["count (kafka-count 1.5)", f"iterator (framework-iterator {ours.strip()})", BROKEN]


def test_beside_a_broken_one_everything_else_works(line: Installed, topic: support.TopicFactory) -> None:
    name = topic(1, ["1"])
    code, out, error = line.run("framework", "iterate", name)

    assert (code, out.count("\n"), error) == (0, 1, f"{BROKEN}\n")


def test_an_empty_variable_turns_both_off(line: Installed) -> None:
    code, out, error = line.run("framework", "info", FRAMEWORK_PLUGINS="")
    assert (code, error) == (0, "")
    assert "count" not in out
    assert "noise" not in out
    code, out, error = line.run("framework", "count", "x", FRAMEWORK_PLUGINS="")
    assert (code, out) == (2, "")
    assert "No command 'count'." in error
