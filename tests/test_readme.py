"""What README and docs show is true: their Python blocks run, in order, and print what stands below them."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
from typing import NamedTuple

import pytest

from tests.contrib.walkthrough import FOLLOWED

ROOT = pathlib.Path(__file__).parents[1]
DOCS = {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")}
PAGES = ["README.md", *sorted(DOCS.difference(FOLLOWED))]

# The README's own application says where its broker is; here that is the embedded one as well.
PRELUDE = """
import os, sys
from framework.testing import mock_cluster, mock_registry
cluster, registry = mock_cluster(), mock_registry()
os.environ["KAFKA_BOOTSTRAP_SERVERS"] = servers = cluster.__enter__()
os.environ["SCHEMA_REGISTRY_URL"] = registry_url = registry.__enter__()
from example_app.app import app
from example_app.seed import seed
seed(app, create=False)
with app.producer() as producer:
    producer.produce("orders", b'{"customer": "Ada", "total": 12.5}', key=(7).to_bytes(8, "big"))
"""


class Block(NamedTuple):
    """A block of Python, and the output that the README shows for it, if it does."""

    line: int
    code: str
    output: str | None


def blocks(page: str) -> list[Block]:
    text = (ROOT / page).read_text()
    pattern = re.compile(r"^```python\n(.*?)^```\n(?:^```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
    return [Block(text.count("\n", 0, m.start(1)) + 1, m[1], m[2]) for m in pattern.finditer(text)]


def test_a_loop_and_its_real_output_stand_above_line_25() -> None:
    first = blocks("README.md")[0]
    assert first.output is not None
    assert "for message in Iterator(" in first.code
    assert first.line + first.code.count("\n") + first.output.count("\n") + 2 <= 25


@pytest.mark.parametrize("page", PAGES)
def test_every_block_runs_and_prints_what_stands_below_it(page: str) -> None:
    program = [PRELUDE]
    for number, block in enumerate(blocks(page)):
        code = block.code.replace('"127.0.0.1:9092"', "servers")
        code = code.replace('"http://127.0.0.1:8081"', "registry_url")
        program += [f"print('--- {number}')", code]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("KAFKA_", "SCHEMA_"))
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(program)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    printed = dict(re.findall(r"^--- (\d+)\n(.*?)(?=^--- |\Z)", done.stdout, re.MULTILINE | re.DOTALL))
    assert len(printed) == len(blocks(page))
    for number, block in enumerate(blocks(page)):
        if block.output is not None:
            # Partitions come in no order.
            assert sorted(printed[str(number)].splitlines()) == sorted(block.output.splitlines())
