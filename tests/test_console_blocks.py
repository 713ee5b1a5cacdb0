"""What README and the example show of terminals is true: their console blocks run, on a seeded broker."""

from __future__ import annotations

import collections.abc as cabc
import contextlib
import pathlib
import re
import shutil
from typing import Any, NamedTuple

import pytest

from framework.testing import mock_registry
from tests.contrib.walkthrough import FOLLOWED
from tests.kafka_server import KafkaServer
from tests.terminal import Installed

ROOT = pathlib.Path(__file__).parents[1]
PAGES = [
    "README.md",
    "example_app/README.md",
    *sorted({f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")}.difference(FOLLOWED)),
]
SEED = "python -m example_app.seed"
ELSEWHERE = {
    "pip install framework-iterator",
    'pip install "framework-iterator[protobuf,json-schema]"',
    "make demo",  # tests/example/test_demo.py
    "make kafka",
}
DESIGN = [
    "framework info",
    "framework topics",
    "framework shell",
    "framework iterate flights --start -10",
    "framework iterate flights --start 5m --json | jq .payload",
    "framework sizes flights --plot sizes.png",
    "framework find-plane N14228",
    "framework --app example_app.app info",
]


class Shown(NamedTuple):
    """A command that a page shows, and the lines below it."""

    page: str
    line: int
    command: str
    output: str


def shown(page: str) -> cabc.Iterator[Shown]:
    text = (ROOT / page).read_text()
    for block in re.finditer(r"^```console\n(.*?)^```\n", text, re.MULTILINE | re.DOTALL):
        for one in re.finditer(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block[1], re.MULTILINE):
            line = text.count("\n", 0, block.start(1) + one.start()) + 1
            yield Shown(page, line, one[1].replace(".venv/bin/", ""), one[2])


ALL = [one for page in PAGES for one in shown(page)]


class Console(NamedTuple):
    """Where the commands run, and what seeding the broker printed."""

    line: Installed
    seeded: str


@contextlib.contextmanager
def seeded() -> cabc.Iterator[tuple[dict[str, str], str]]:
    """A broker with the example's topics and nothing else, and a registry: as `make kafka` runs them.

    It gives the environment that names them, and what seeding them printed.
    """
    with KafkaServer() as server, mock_registry() as registry:
        environment = {"KAFKA_BOOTSTRAP_SERVERS": server.bootstrap_servers, "SCHEMA_REGISTRY_URL": registry}
        code, out, complaints = Installed(ROOT, environment).run(*SEED.split())
        if code or complaints:
            raise RuntimeError(f"{SEED} ended with {code}: {complaints}")
        yield environment, out


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, borrow: cabc.Callable[[str], Any]) -> Console:
    """A checkout's folder, as far as is needed, and the broker."""
    folder = tmp_path_factory.mktemp("checkout")
    folder.joinpath("example_app").symlink_to(ROOT / "example_app")
    environment, out = borrow("tests.test_console_blocks:seeded")
    line = Installed(folder, environment | {"FRAMEWORK_APP": "example_app.app"})
    return Console(line, out)


def normalised(text: str, line: Installed) -> list[str]:
    """The lines without colours, in order; what is different elsewhere is made the same."""
    text = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", text)
    text = re.sub(r".*\u2501.*[\r\n]*", "", text)  # a bar, where the machine is busy for half a second
    text = text.replace(line.environment["KAFKA_BOOTSTRAP_SERVERS"], "127.0.0.1:9092")
    text = text.replace(line.environment["SCHEMA_REGISTRY_URL"], "http://127.0.0.1:8081")
    text = re.sub(r"\b\d+\.\d+\.\d+(?=\s|\)|$)", "VERSION", text)
    return sorted(row.rstrip() for row in text.splitlines())  # partitions come in any order


@pytest.mark.parametrize(
    "one", [pytest.param(one, id=f"{one.page}:{one.line}") for one in ALL if one.command not in ELSEWHERE]
)
def test_a_command_prints_what_stands_below_it(one: Shown, console: Console) -> None:
    if "jq" in one.command and not shutil.which("jq"):
        pytest.skip("jq is missing: apt-get install jq")
    if one.command == SEED:
        code, out = 0, console.seeded
    else:
        command = one.command.replace(
            "http://127.0.0.1:8081", console.line.environment["SCHEMA_REGISTRY_URL"]
        )
        code, out = console.line.show("bash", "-c", command)

    assert normalised(out, console.line) == normalised(one.output, console.line)
    assert code == 0


def test_each_page_has_commands_that_run() -> None:
    assert {one.page for one in ALL} >= {"README.md", "example_app/README.md"}
    assert {one.command for one in ALL} >= ELSEWHERE | {SEED}


@pytest.mark.parametrize("command", DESIGN)
def test_what_people_will_try_first_ends_well(command: str, console: Console) -> None:
    if "jq" in command and not shutil.which("jq"):
        pytest.skip("jq is missing: apt-get install jq")
    code, out, error = console.line.run("bash", "-o", "pipefail", "-c", command)

    note = "flights: nothing to read: no message is newer than its start.\n" if command == DESIGN[4] else ""
    assert (code, error) == (0, note)
    assert bool(out) == (command not in ("framework shell", DESIGN[4]))
