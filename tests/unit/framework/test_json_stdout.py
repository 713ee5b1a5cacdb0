"""JSON on stdout is ASCII or UTF-8, whatever the encoding of stdout is."""

from __future__ import annotations

import io
import json

import pytest

from framework.json_stdout import prepare_stdout
from tests.command_line import CommandLine
from tests.shop import APP

ENCODINGS = ["ascii", "latin-1", "utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-7", "cp037", "shift_jis"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_is_written_then_is_ascii(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    stdout = io.TextIOWrapper(written, encoding=encoding)
    monkeypatch.setattr("sys.stdout", stdout)
    found = prepare_stdout()
    print('{"a": "+\\u00e9~"}', flush=True)

    assert found == stdout.encoding
    assert written.getvalue() == b'{"a": "+\\u00e9~"}\n'


def test_a_stream_without_an_encoding_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert prepare_stdout() is None


@pytest.mark.parametrize("command", ["topics", "info"])
@pytest.mark.parametrize("environment", [*ENCODINGS, "C"])
def test_topics_and_info_print_json(command: str, environment: str, line: CommandLine) -> None:
    line.write(
        "app.py", APP.replace("shop", "läden") + "def lés(data): ...\napp.topic('more', payload=lés)\n"
    )
    variables = {"LC_ALL": "C"} if environment == "C" else {"PYTHONIOENCODING": environment}
    with line.start(command, "--json", **variables) as process:
        assert process.stdout is not None
        out = process.stdout.buffer.read()  # type: ignore[attr-defined]

    rows = [json.loads(row.decode("ascii"), parse_constant=pytest.fail) for row in out.splitlines()]
    assert process.returncode == 0
    assert rows
