"""An export leaves the whole file, or nothing."""

from __future__ import annotations

import json
import os
import pathlib
import resource
import signal
import stat
import subprocess
import sys
from typing import Any

import duckdb
import pyarrow.parquet
import pytest
from pydantic import BaseModel

import framework_iterator
from framework import App, DeserializationError, Topic
from framework.deserializers import auto
from framework.testing import mock_registry, run_command
from framework_iterator import Iterator
from tests import support
from tests.scenarios.programs import output_of
from tests.scenarios.test_clean_frees_memory import MEASURE
from tests.terminal import BIN, LIMIT


class Flight(BaseModel):
    carrier: str
    delay: int | None = None


@pytest.fixture
def flights(app: App, topic: support.TopicFactory) -> Topic[Flight]:
    return app.topic(topic(1, ['{"carrier":"UA","delay":2}', '{"carrier":"AA"}', None]), payload=Flight)


@pytest.mark.parametrize("ending", ["parquet", "arrow", "csv", "jsonl"])
def test_each_format(flights: Topic[Flight], tmp_path: pathlib.Path, ending: str) -> None:
    path = tmp_path / f"flights.{ending}"
    report = framework_iterator.export(Iterator(flights), path)
    assert (report.messages, report.ended) == (3, "end")
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    if ending == "parquet":
        assert pyarrow.parquet.read_table(path)["delay"].to_pylist() == [2, None, None]
    if ending in ("csv", "parquet"):
        found = duckdb.connect().sql(f"select carrier, delay from '{path}' order by \"offset\"")
        assert found is not None
        assert found.fetchall() == [("UA", 2), ("AA", None), (None, None)]


def test_a_link_stays_and_its_file_is_replaced(flights: Topic[Flight], tmp_path: pathlib.Path) -> None:
    (tmp_path / "data").mkdir()
    link = tmp_path / "latest.csv"
    link.symlink_to(tmp_path / "data" / "today.csv")
    framework_iterator.export(Iterator(flights), link)
    assert link.is_symlink()
    assert (tmp_path / "data" / "today.csv").read_text().count("\n") == 4


def test_a_run_that_fails_leaves_nothing(
    app: App, topic: support.TopicFactory, tmp_path: pathlib.Path
) -> None:
    name = topic(1, ['{"carrier":"UA"}'] * 20_000 + ["{"])
    path = tmp_path / "flights.jsonl"
    path.write_text("as it was")
    with pytest.raises(DeserializationError):
        framework_iterator.export(Iterator(Topic(name, payload=Flight)), path)
    assert (list(tmp_path.iterdir()), path.read_text()) == ([path], "as it was")


@pytest.mark.parametrize("ending", ["parquet", "arrow", "csv", "jsonl"])
def test_a_disk_that_is_full_is_an_error_that_names_the_file(
    flights: Topic[Flight], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    # Else Python would keep 20 bytes of what it compiles, and no process could import these modules again.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    path = tmp_path / f"flights.{ending}"
    path.write_text("as it was")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, limits[1]))  # as a quota of 20 bytes
    try:
        with pytest.raises(OSError, match=rf"^\[Errno 27\] File too large: '{path}'$"):
            framework_iterator.export(Iterator(flights), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (list(tmp_path.iterdir()), path.read_text()) == ([path], "as it was")


def test_a_file_that_is_replaced_keeps_its_rights(flights: Topic[Flight], tmp_path: pathlib.Path) -> None:
    path = tmp_path / "flights.csv"
    path.touch(mode=0o600)
    framework_iterator.export(Iterator(flights), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size > 0


def test_ctrl_c_leaves_nothing_and_ends_the_run(
    app: App, topic: support.TopicFactory, tmp_path: pathlib.Path
) -> None:
    def interrupt(_message: Any) -> bool:
        raise KeyboardInterrupt

    iterator = Iterator(topic(1, ["a"]), where=interrupt)
    with pytest.raises(KeyboardInterrupt):
        framework_iterator.export(iterator, tmp_path / "a.csv")
    assert list(tmp_path.iterdir()) == []
    assert iterator.report is not None
    assert iterator.report.ended == "closed"


SLOW = """
import time
from pydantic import BaseModel, field_validator
from framework import App

class Slow(BaseModel):
    letter: str

    @field_validator("letter")
    @classmethod
    def wait(cls, letter: str) -> str:
        time.sleep(0.05)
        return letter

app = App()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_the_command_leaves_nothing_when_a_signal_ends_it(
    kafka: str, topic: support.TopicFactory, tmp_path: pathlib.Path, number: signal.Signals, code: int
) -> None:
    name, folder = topic(1, ['{"letter":"a"}'] * 1000), tmp_path / "files"
    folder.mkdir()
    (tmp_path / "app.py").write_text(SLOW + f"app.topic({name!r}, payload=Slow)\n")
    with subprocess.Popen(
        [str(BIN / "framework"), "export", name, str(folder / "a.csv")],
        cwd=tmp_path,
        env={**os.environ, "KAFKA_BOOTSTRAP_SERVERS": kafka},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            support.wait_until(lambda: list(folder.iterdir()), "a file that is being written")
            process.send_signal(number)
            out, _ = process.communicate(timeout=LIMIT)
        finally:
            process.kill()
    assert (process.returncode, out, list(folder.iterdir())) == (code, "", [])


def test_the_command(app: App, flights: Topic[Flight], tmp_path: pathlib.Path) -> None:
    path = tmp_path / "flights.jsonl"
    result = run_command("export", flights.name, str(path), "--limit", "2", app=app)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{path}: 2 messages, {path.stat().st_size} bytes\n"
    rows = [json.loads(each) for each in path.read_text().splitlines()]
    assert [(each["offset"], each["carrier"]) for each in rows] == [(0, "UA"), (1, "AA")]


def test_the_command_with_raw_and_skip(app: App, topic: support.TopicFactory, tmp_path: pathlib.Path) -> None:
    flights = app.topic(topic(1, ["{", '{"carrier":"UA"}']), payload=Flight)
    path = tmp_path / "flights.parquet"
    result = run_command("export", flights.name, str(path), "--raw", app=app)
    assert result.exit_code == 0
    assert pyarrow.parquet.read_table(path)["raw_payload"].to_pylist() == [b"{", b'{"carrier":"UA"}']
    assert run_command("export", flights.name, str(path), app=app).exit_code == 1
    assert run_command("export", flights.name, str(path), "--skip", app=app).exit_code == 0
    assert pyarrow.parquet.read_table(path)["carrier"].to_pylist() == ["UA"]


def test_text_objects_and_bytes_of_an_undeclared_topic_are_one_column(
    app: App, topic: support.TopicFactory, tmp_path: pathlib.Path
) -> None:
    # The first messages decide the type of the column: it has to take each of them.
    name = app.topic(topic(1, [b"text", b'{"a": 1}', b"\xff\xfe", None]), payload=auto).name
    path = tmp_path / "mixed.jsonl"
    assert run_command("export", name, str(path), app=app).stderr == ""
    rows = [json.loads(each) for each in path.read_text().splitlines()]
    assert [each["payload"] for each in rows] == ["text", {"a": 1}, "//4=", None]


def test_bytes_that_the_registry_does_not_decode_are_not_written_as_text(
    app: App, topic: support.TopicFactory, tmp_path: pathlib.Path
) -> None:
    # As text, or as base64, they would be values among the others.
    name, path = topic(1, [b'{"a": 1}', b"\x00\x00\x00\x00\x63\x02"]), tmp_path / "orders.jsonl"
    with mock_registry() as url:
        command = ["export", name, str(path), "-r", url, "--payload-as", "auto"]
        result = run_command(*command, app=app)
        assert (result.exit_code, result.stdout, path.exists()) == (1, "", False)
        assert result.stderr.startswith(
            f"Error: Can't read the payload of {name}-0@1 with auto: Schema 99 isn't in the registry {url}"
        )
        result = run_command(*command, "--skip", app=app)
    assert result.stderr.startswith("1 message was skipped as unreadable. The first: ")
    assert [json.loads(each)["a"] for each in path.read_text().splitlines()] == [1]


def test_the_command_with_an_unknown_ending(app: App, tmp_path: pathlib.Path) -> None:
    result = run_command("export", "flights", str(tmp_path / "flights.xls"), app=app)
    assert result.exit_code == 2
    assert "has an unknown ending: expected .arrow, .csv, .jsonl or .parquet." in result.stderr


def test_an_export_takes_bounded_memory(
    kafka: str, topic: support.TopicFactory, tmp_path: pathlib.Path
) -> None:
    body = f"""
import framework_iterator
app.topic(topic, payload=dict)
framework_iterator.export(Iterator(topic, limit=100_000), {str(tmp_path / "a.parquet")!r})
few = peak()
framework_iterator.export(Iterator(topic), {str(tmp_path / "a.parquet")!r})
say("stays" if peak() < few * 1.2 else f"grew from {{few}} to {{peak()}} MB")
"""
    payload = json.dumps({"text": "x" * 300, "number": 1})
    assert output_of(MEASURE + body, kafka, topic(4, {n: [payload] * 75_000 for n in range(4)})) == ["stays"]
