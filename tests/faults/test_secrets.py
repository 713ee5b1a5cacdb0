"""No password comes out again: in no repr, error, traceback, log line, pickle, nor in what commands print."""

from __future__ import annotations

import collections.abc as cabc
import io
import logging
import os
import pathlib
import pickle
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from framework import App, ConfigError, FrameworkError
from framework.config import redact
from framework_iterator import Iterator
from framework_iterator.reading.settings import read_settings
from tests.faults.brokers import BOUND
from tests.faults.doors import Doors

CANARY = "c4n4ry-in-the-mine"
EVERYWHERE = {
    "sasl.password": CANARY,
    "ssl.key.password": CANARY,
    "ssl.keystore.password": CANARY,
    "sasl.oauthbearer.config": f"principal={CANARY}",
}
NOWHERE = {"bootstrap.servers": "127.0.0.1:1"}
LOGIN = {"security.protocol": "sasl_plaintext", "sasl.mechanism": "PLAIN", "sasl.username": "reader"}


def told(error: BaseException) -> str:
    """All that an error and its causes show, to people, to logs, and to another process."""
    rendered = traceback.TracebackException.from_exception(error, capture_locals=False)
    chain = [error]
    while (cause := _shown_cause(chain[-1])) is not None:
        chain.append(cause)
    shown = [f"{each} {each!r} {each.args!r} {vars(each)!r}" for each in chain]
    return "".join(rendered.format()) + " ".join(shown) + repr(pickle.dumps(error))


def _shown_cause(error: BaseException) -> BaseException | None:
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)


@pytest.fixture
def log() -> cabc.Iterator[io.StringIO]:
    """Every log line of every logger, down to librdkafka's own."""
    stream, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(stream), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def everything_of(app: App, name: str, producing: App | None = None) -> list[str]:
    """What an application and its clients say when all is tried, and all fails.

    A producer waits for its whole broker_timeout: so another application may produce.
    """
    iterator = Iterator(name, app=app, group_id="g")
    texts = [repr(app), str(app), repr(iterator), repr(app.routes), repr(redact(app.kafka))]
    texts.append(repr(read_settings(app.kafka, {"sasl.password": CANARY})))

    def produce() -> None:
        with (producing or app).producer() as producer:
            producer.produce(name, b"1")

    def fail(call: cabc.Callable[[], object]) -> list[str]:
        try:
            call()
        except FrameworkError as error:
            return [told(error), repr(iterator.report)]
        return []

    calls = [iterator.plan, lambda: list(iterator), lambda: app.admin().topics(), produce]
    with ThreadPoolExecutor(len(calls)) as pool:
        return texts + [text for found in pool.map(fail, calls) for text in found]


@pytest.mark.parametrize("source", ["code", "environment", "file"])
def test_a_login_that_is_refused_tells_no_password(
    doors: Doors,
    log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: pathlib.Path,
    source: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    kafka = {"bootstrap.servers": f"127.0.0.1:{doors.plain_port}", **LOGIN, "debug": "all"}
    if source == "code":
        kafka["sasl.password"] = CANARY
    elif source == "environment":
        monkeypatch.setenv("KAFKA_SASL_PASSWORD", CANARY)
    else:
        (tmp_path / "password").write_text(CANARY)
        monkeypatch.setenv("KAFKA_SASL_PASSWORD_FILE", str(tmp_path / "password"))
    app = App(kafka=kafka, broker_timeout=BOUND)
    assert app.kafka["sasl.password"] == CANARY
    texts = everything_of(app, "flights", App(kafka=kafka, broker_timeout=2.0))
    assert sum("AuthenticationError" in text for text in texts) >= 3
    assert "SASL" in log.getvalue()  # librdkafka's lines did come
    assert CANARY not in " ".join(texts)
    assert CANARY not in log.getvalue()
    assert CANARY not in "".join(capfd.readouterr())


@pytest.mark.parametrize("key", EVERYWHERE)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(CANARY, id="text"),
        pytest.param(CANARY.encode(), id="bytes"),
        pytest.param({CANARY: CANARY}, id="dict"),
        pytest.param(f"{CANARY}\0behind", id="zero-byte"),
        pytest.param(f"{CANARY}\ud800", id="no-utf8"),
    ],
)
def test_a_secret_that_can_not_be_is_not_told_either(log: io.StringIO, key: str, value: object) -> None:
    protocol = "ssl" if key.startswith("ssl") else "sasl_plaintext"
    kafka = {**NOWHERE, "security.protocol": protocol, "debug": "all", key: value}
    try:
        texts = everything_of(App(kafka=kafka, broker_timeout=0.1), "flights")
    except ConfigError as error:
        texts = [*traceback.format_exception(error), repr(error)]
    assert CANARY not in " ".join(texts)
    assert CANARY not in log.getvalue()


@pytest.mark.parametrize("key", ["ssl.key.pem", "ssl.certificate.pem", "ssl.ca.pem", "sasl.password"])
def test_a_secret_in_the_wrong_place_or_form_is_not_told(log: io.StringIO, key: str) -> None:
    kafka = {**NOWHERE, "security.protocol": "ssl", "debug": "all", key: CANARY}
    texts = everything_of(App(kafka=kafka, broker_timeout=0.1), "flights")
    assert CANARY not in " ".join(texts)
    assert CANARY not in log.getvalue()


def test_a_password_under_a_misspelt_key_is_not_told(log: io.StringIO) -> None:
    texts = everything_of(App(kafka={**NOWHERE, "sasl.pasword": CANARY}), "flights")
    assert any("is unknown. Did you mean" in text for text in texts)
    assert CANARY not in " ".join(texts)
    assert CANARY not in log.getvalue()


COMMANDS = [
    ["info"],
    ["info", "--json"],
    ["--debug", "info"],
    ["--debug", "topics", "--all"],
    ["--debug", "iterate", "flights"],
    ["--debug", "iterate", "flights", "--plan"],
    ["--debug", "shell", "-c", "print(app, Iterator('flights'), flights)"],
    ["--debug", "no-such-command"],
]
APP = f"""
from framework import App
app = App(kafka={ {**NOWHERE, **LOGIN, **EVERYWHERE} !r}, broker_timeout=0.2)
flights = app.topic("flights")
"""  # fmt: skip


@pytest.mark.parametrize(
    ("command", "where"),
    [(command, "code") for command in COMMANDS] + [(command, "environment") for command in COMMANDS[1:5:3]],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_no_command_prints_one(tmp_path: pathlib.Path, command: list[str], where: str) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KAFKA_")}
    if where == "code":
        (tmp_path / "app.py").write_text(APP)
    else:
        (tmp_path / "app.py").write_text("from framework import App\napp = App(broker_timeout=0.2)\n")
        with (tmp_path / "app.py").open("a") as file:
            file.write('flights = app.topic("flights")\n')
        environment |= {
            "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
            "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
            "KAFKA_SASL_MECHANISM": "PLAIN",
            "KAFKA_SASL_USERNAME": "reader",
            "KAFKA_SASL_PASSWORD": CANARY,
        }
    done = _run(command, tmp_path, environment)
    assert done.stdout + done.stderr != ""
    assert CANARY not in done.stdout + done.stderr


def _run(
    command: list[str], folder: pathlib.Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    settings: dict[str, Any] = {"cwd": folder, "env": environment, "capture_output": True, "text": True}
    return subprocess.run([sys.executable, "-m", "framework", *command], timeout=60, check=False, **settings)
