"""Ctrl-C ends a query soon, whatever it waits for, and is a KeyboardInterrupt in a program."""

from __future__ import annotations

import os
import pathlib
import signal
import socket
import subprocess

import duckdb
import pytest
from pydantic import BaseModel, field_validator

import framework_iterator
from framework import App
from tests import support
from tests.terminal import BIN, LIMIT


@pytest.mark.parametrize("query", ["select count(*) from a", "select count(*) from a join b using (offset)"])
def test_the_command_while_the_broker_does_not_answer(tmp_path: pathlib.Path, query: str) -> None:
    (tmp_path / "app.py").write_text(
        "from framework import App\napp = App(broker_timeout=300)\n"
        "app.topic('a', payload=str); app.topic('b', payload=str)\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(LIMIT)
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with subprocess.Popen(
            [str(BIN / "framework"), "sql", query.replace("offset", '"offset"')],
            cwd=tmp_path,
            env={**os.environ, "KAFKA_BOOTSTRAP_SERVERS": address},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            connection, _ = silent.accept()
            with connection:
                process.send_signal(signal.SIGINT)
                out, error = process.communicate(timeout=LIMIT)  # of 300 s
    assert (process.returncode, out, error) == (130, "", "\n")


class Interrupting(BaseModel):
    carrier: str

    @field_validator("carrier")
    @classmethod
    def interrupt(cls, _: str) -> str:
        raise KeyboardInterrupt


def test_a_program_that_catches_the_error_of_duckdb_is_interrupted(
    app: App, topic: support.TopicFactory
) -> None:
    name = app.topic(topic(1, ['{"carrier":"UA"}']), payload=Interrupting).name
    with pytest.raises(KeyboardInterrupt):
        try:
            framework_iterator.sql(f'select carrier from "{name}"').fetchall()
        except duckdb.Error:
            support.wait_until(lambda: False, "Ctrl-C")
