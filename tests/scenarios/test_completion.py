"""The tab key completes topics of the broker in bash, zsh and fish, and never makes noise or waits long."""

from __future__ import annotations

import os
import pathlib
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import support
from tests.terminal import Installed

SHELLS = ["bash", "zsh", "fish"]
# Python runs it at its start: a slow broker gets as long as it takes.
PATIENT = "from framework_iterator.cli import complete\ncomplete._TIMEOUT = 20.0\n"
APP = "from framework import App\napp = App()\napp.topic('eu-orders')\n"


def complete(line: Installed, shell: str, *words: str, **environment: str) -> tuple[int, list[str], str]:
    """What the shell's function asks, with the cursor behind the last word: code, completions, stderr."""
    cursor = words[-1] if shell == "fish" else str(len(words))
    asked = {
        "_FRAMEWORK_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": " ".join(["framework", *words]),
        "COMP_CWORD": cursor,
    }
    code, out, error = line.run("framework", **(asked | environment))
    rows = [row for row in out.splitlines() if row]
    if shell == "zsh":  # kind, value and help, a line each
        return code, rows[1::3], error
    return code, [row.split(",", 1)[1].split("\t")[0] for row in rows], error


@pytest.fixture
def line(kafka: str, tmp_path: pathlib.Path) -> Installed:
    return Installed(tmp_path, {"KAFKA_BOOTSTRAP_SERVERS": kafka})


@pytest.fixture
def patient(line: Installed, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The same, where completion waits for the broker for more than a second."""
    folder = tmp_path_factory.mktemp("patient")
    folder.joinpath("sitecustomize.py").write_text(PATIENT)
    given = os.environ.get("PYTHONPATH")
    line.environment["PYTHONPATH"] = f"{folder}{os.pathsep}{given}" if given else str(folder)
    return line


@pytest.mark.parametrize("shell", SHELLS)
def test_topics_of_the_broker_and_declared_ones_are_completed(
    shell: str, patient: Installed, topic: support.TopicFactory
) -> None:
    name = topic()
    patient.folder.joinpath("app.py").write_text(APP + f"app.topic('{name}')\n")

    assert complete(patient, shell, "iterate", name[:-2]) == (0, [name], "")
    assert complete(patient, shell, "iterate", "eu") == (0, ["eu-orders"], "")
    assert complete(patient, shell, "iterate", "x-no-such") == (0, [], "")
    patient.folder.joinpath("app.py").unlink()
    assert complete(patient, shell, "iterate", name[:-2]) == (0, [name], "")


@pytest.mark.parametrize("shell", SHELLS)
def test_commands_and_options_are_completed(shell: str, line: Installed) -> None:
    assert complete(line, shell, "ite") == (0, ["iterate"], "")
    assert complete(line, shell, "iterate", "x", "--fol") == (0, ["--follow"], "")
    assert complete(line, shell, "iterate", "x", "--order", "") == (0, ["time", "newest"], "")


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("import nopackage", id="import"),
        pytest.param("x = (", id="syntax"),
        pytest.param("raise SystemExit(3)", id="exit"),
    ],
)
@pytest.mark.parametrize("shell", SHELLS)
def test_a_broken_application_makes_no_noise(
    source: str, shell: str, patient: Installed, topic: support.TopicFactory
) -> None:
    name = topic()
    patient.folder.joinpath("app.py").write_text(source)

    assert complete(patient, shell, "iterate", name[:-2]) == (0, [name], "")
    assert complete(patient, shell, "ite") == (0, ["iterate"], "")
    assert complete(patient, shell, "no-such-command", "")[2] == ""


@pytest.mark.parametrize(
    "servers",
    [
        pytest.param("127.0.0.1:1", id="nobody-listens"),
        # A part of a name has 63 letters at most: no resolver is asked for this one.
        pytest.param(f"{'x' * 64}.invalid:9092", id="no-such-host"),
    ],
)
def test_without_a_broker_declared_topics_are_completed(servers: str, line: Installed) -> None:
    line.folder.joinpath("app.py").write_text(APP)
    dead = {"KAFKA_BOOTSTRAP_SERVERS": servers}

    def ask(shell: str, *option: str) -> tuple[int, list[str], str]:
        return complete(line, shell, "iterate", *option, "e", **({} if option else dead))

    ways = [(shell, *option) for shell in SHELLS for option in ((), ("-b", servers.split()[0]))]
    with ThreadPoolExecutor() as pool:  # each waits a second for its broker
        asked = [pool.submit(ask, *way) for way in ways]
    assert [(way, each.result()) for way, each in zip(ways, asked, strict=True)] == [
        (way, (0, ["eu-orders"], "")) for way in ways
    ]


@pytest.mark.parametrize("shell", SHELLS)
def test_the_readme_tells_how_it_is_turned_on(shell: str, line: Installed) -> None:
    readme = (pathlib.Path(__file__).parents[2] / "README.md").read_text()
    code, out, error = line.run("framework", _FRAMEWORK_COMPLETE=f"{shell}_source")

    assert f"{shell}_source" in readme
    assert (code, error) == (0, "")
    assert f"_FRAMEWORK_COMPLETE={shell}_complete" in out
    if shutil.which(shell):
        file = line.folder / "completion"
        file.write_text(out)
        assert line.run(shell, "-n", str(file)) == (0, "", "")


def test_in_a_real_bash_the_tab_key_completes_a_topic(
    patient: Installed, topic: support.TopicFactory
) -> None:
    name = topic(1, ["1"])
    with patient.open("bash", "--norc", "--noprofile", PS1="ready> ", INPUTRC="/dev/null") as screen:
        screen.until("ready> ")
        screen.type('eval "$(_FRAMEWORK_COMPLETE=bash_source framework)"')
        screen.until("ready> ")
        screen.press("I", before=f"framework iterate {name[:-3]}")  # the tab key
        screen.until(name)
        screen.press("M")
        screen.until("@0")
        screen.until("ready> ")
        screen.type("exit")
        assert screen.end() == 0
