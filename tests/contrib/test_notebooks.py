"""Tables and the bar in a notebook, whose kernel runs the cells of docs/notebooks.md."""

from __future__ import annotations

import collections.abc as cabc
import html.parser
import pathlib
import re
from typing import Any

import nbclient
import nbformat
import pytest

from framework.testing import mock_cluster
from tests.contrib.walkthrough import PATIENT, ROOT

pytestmark = PATIENT

PAGE = (ROOT / "docs/notebooks.md").read_text()
CELLS = re.findall(r"^```python\n(.*?)^```\n\n?(.*?)(?=^```python|\Z)", PAGE, re.MULTILINE | re.DOTALL)

HOSTILE = """
text = '<script>alert("shop")</script>'
hostile = app.topic("hostile", payload=str)
with app.producer() as producer:
    producer.produce("hostile", text, key=text, headers=[(text, text.encode())], partition=0)
    producer.produce("hostile", b"\\xff" + text.encode(), partition=0)
    producer.produce("hostile", b"x" * 100_000, partition=0)
whole, unreadable, long = Iterator({hostile: [0]})
"""
BAR = """
from framework_iterator.progress_bar import ProgressBar
seconds = iter(range(100))
bar = ProgressBar("<reading>", 10, True, clock=lambda: next(seconds))
bar.update(lambda: 5, 4)
bar.close(lambda: 10, 9)
"""
RUN = """
import time
for message in Iterator({orders: [0]}, progress=True):
    time.sleep(0.2)
"""
INTERRUPTED = """
import os, signal, threading, time
tail = Iterator({orders: True}, group_id="tail", follow=True)
marked = []

def interrupt():
    while len(marked) < 3:
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)  # as Jupyter does

threading.Thread(target=interrupt).start()
try:
    for message in tail:
        tail.mark_as_consumed(message)
        marked.append(message)
except KeyboardInterrupt:
    print(tail.report.ended, Iterator({orders: True}, group_id="tail").plan().count)
"""


class Table(html.parser.HTMLParser):
    """The cells of a table, and the names of all elements."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.elements: set[str] = set()
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.elements.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        self.rows[-1][-1] += data


class Kernel:
    """Runs cells, and gives the output of each, by its type."""

    def __init__(self, client: nbclient.NotebookClient) -> None:
        self._client = client
        self.page: list[dict[str, str]] = []

    def run(self, code: str) -> dict[str, str]:
        cell = nbformat.v4.new_code_cell(code)
        self._client.nb.cells.append(cell)
        self._client.execute_cell(cell, len(self._client.nb.cells) - 1)
        outputs: list[Any] = cell.outputs
        assert len(outputs) <= 1, outputs
        return dict(outputs[0].get("data") or {"text": outputs[0].text}) if outputs else {}


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> cabc.Iterator[Kernel]:
    """A kernel in an empty folder, with a broker in its environment, after the cells of the page."""
    folder: pathlib.Path = tmp_path_factory.mktemp("notebook")
    notebook = nbformat.v4.new_notebook()
    client = nbclient.NotebookClient(
        notebook, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    with mock_cluster() as servers, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KAFKA_BOOTSTRAP_SERVERS", servers)
        with client.setup_kernel():
            kernel = Kernel(client)
            kernel.page += [kernel.run(code) for code, _ in CELLS]
            kernel.run(HOSTILE)
            yield kernel


def markdown(text: str) -> list[list[str]]:
    """The cells of the Markdown table that a text begins with; an empty head is left out."""
    lines = re.match(r"(\|.*\n)*", text)
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in (lines[0] if lines else "").splitlines()
    ]
    return [row for row in rows if set(row) not in ({"---"},) and (any(row))]


def test_each_cell_of_the_page_shows_what_stands_below_it(kernel: Kernel) -> None:
    for (code, below), shown in zip(CELLS, kernel.page, strict=True):
        if "text/html" in shown:
            assert Table(shown["text/html"]).rows == markdown(below), code
        elif shown:
            assert below.startswith(f"```text\n{shown['text']}```\n"), code

    assert [list(shown) for shown in kernel.page].count(["text/plain", "text/html"]) == 5


def test_html_in_messages_is_text(kernel: Kernel) -> None:
    text = '<script>alert("shop")</script>'
    shown = Table(kernel.run("whole")["text/html"])

    assert "script" not in shown.elements
    parts = dict(shown.rows)
    assert parts["payload"] == text
    assert parts["key"] == text
    assert parts["headers"] == f"{{{text!r}: {text!r}}}"


def test_a_payload_that_can_not_be_read_shows_the_reason_and_its_bytes(kernel: Kernel) -> None:
    shown = Table(kernel.run("unreadable")["text/html"])

    assert "script" not in shown.elements
    reason, raw = dict(shown.rows)["payload"].split("\n")
    assert reason.startswith("Can't read the payload of hostile-0@")
    assert raw == repr(b'\xff<script>alert("shop")</script>')


def test_a_long_payload_is_cut(kernel: Kernel) -> None:
    shown = Table(kernel.run("long")["text/html"])

    assert dict(shown.rows)["payload"] == "x" * 4000 + "\u2026 and 96,000 more characters"


def test_a_cleaned_message_says_so(kernel: Kernel) -> None:
    shown = Table(kernel.run("first = iterator.first()\nfirst.clean()\nfirst")["text/html"])

    assert dict(shown.rows)["payload"] == "The payload of orders-0@0 was freed by clean(). Read it before."
    assert dict(shown.rows)["size"] == "37 bytes"


def test_the_bar_is_one_output_with_the_last_state(kernel: Kernel) -> None:
    assert kernel.run(BAR) == {
        "text/html": '&lt;reading&gt; <progress value="10" max="10"></progress> 9 messages 2/s 0:00:00',
        "text/plain": "<reading> 9 messages 2/s 0:00:00",
    }


def test_a_run_shows_the_bar(kernel: Kernel) -> None:
    shown = kernel.run(RUN)

    assert '<progress value="3" max="3"></progress> 3 messages' in shown["text/html"]


def test_an_interrupt_ends_a_run_and_flushes_its_marks(kernel: Kernel) -> None:
    assert kernel.run(INTERRUPTED) == {"text": "closed 0\n"}
