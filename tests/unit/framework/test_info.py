from __future__ import annotations

import importlib.metadata
import pathlib
import platform

import click.testing
import pytest

from framework import App, PluginError, plugins
from framework.cli import root
from framework.plugins import Plugin


def info() -> str:
    """What `framework info` prints, which always ends well."""
    result = click.testing.CliRunner().invoke(root, ["info"], catch_exceptions=False)
    assert result.exit_code == 0
    assert result.stderr == ""
    return result.stdout


@pytest.mark.usefixtures("app")
def test_info_shows_versions() -> None:
    lines = [line.split() for line in info().splitlines()]

    assert ["framework-iterator", importlib.metadata.version("framework-iterator")] in lines
    assert ["confluent-kafka", importlib.metadata.version("confluent-kafka")] in lines
    assert ["python", platform.python_version()] in lines


def test_info_shows_the_app_its_topics_and_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pathlib.Path(__file__).parents[3])
    app = App(client_id="example", kafka={"group.id": "g"}, broker_timeout=0.3)
    app.topic("flights")
    app.topic("weather", active=False)
    shown = info()

    place = repr(app).partition("test_info.py")[2]
    assert f"<App 'example' of tests/unit/framework/test_info.py{place}, 2 topics\n" in shown
    assert "  bootstrap.servers=127.0.0.1:9092\n" in shown
    assert "  client.id=example\n" in shown
    assert "  group.id=g\n" in shown


def test_info_keeps_secrets() -> None:
    kafka = {"sasl.username": "ann", "sasl.password": "s3cret", "ssl.key.pem": "s3cret"}
    App(kafka=kafka, broker_timeout=0.3)
    shown = info()

    assert "s3cret" not in shown
    assert "  sasl.username=ann\n" in shown
    assert "  sasl.password=***\n" in shown


def test_info_keeps_secrets_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_SASL_PASSWORD", "s3cret")
    App(broker_timeout=0.3)

    assert "s3cret" not in info()


def test_info_works_without_an_app(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, cluster: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", cluster)

    assert "none: No application found." in info()


@pytest.mark.usefixtures("app")
def test_info_lists_plugins_broken_ones_with_their_reason_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = Plugin(
        "noisy", "noisy-kafka", "1.5", error=PluginError("Plugin noisy (noisy-kafka 1.5) doesn't load: x")
    )
    fine = Plugin("iterator", "framework-iterator", "0.1.0", offer=object())
    monkeypatch.setattr(plugins, "load", lambda: [fine, broken])

    assert [line.split(maxsplit=1)[1] for line in info().splitlines() if line.startswith("plugin")] == [
        "iterator (framework-iterator 0.1.0)",
        "Plugin noisy (noisy-kafka 1.5) doesn't load: x",
    ]


def test_the_command_says_its_version() -> None:
    result = click.testing.CliRunner().invoke(root, ["--version"])

    assert result.output == f"framework, version {importlib.metadata.version('framework-iterator')}\n"
