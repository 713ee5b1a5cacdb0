"""Variables that people take for ours are told, where ours is missed and nowhere else."""

from __future__ import annotations

import pytest

from framework import App, ConfigError, Topic, clients
from framework.environment import near_variable, read_variables
from framework.schemas import avro
from tests.command_line import CommandLine

NAMES = {"KAFKA_SASL_USERNAME": "user", "KAFKA_SASL_PASSWORD": "password"}
BROKERS = " KAFKA_BROKERS is set, but the variable that is read is KAFKA_BOOTSTRAP_SERVERS."


@pytest.mark.parametrize(
    ("environ", "hint"),
    [
        ({}, ""),
        ({"KAFKA_HOME": "/opt/kafka", "KAFKA_HEAP_OPTS": "-Xmx1g", "KAFKA_VERSION": "4"}, ""),
        ({"KAFKA_BROKERS": "a:1"}, BROKERS),
        ({"KAFKA_BROKERS": "a:1", "KAFKA_BOOTSTRAP_SERVERS": "b:1"}, ""),
        ({"KAFKA_BROKERS": ""}, ""),
        ({"KAFKA_BOOTSTRAP_SERVES": "a:1"}, BROKERS.replace("KAFKA_BROKERS", "KAFKA_BOOTSTRAP_SERVES")),
    ],
    ids=lambda each: ",".join(each) if isinstance(each, dict) else "",
)
def test_a_near_variable_is_found_where_ours_is_not_set(environ: dict[str, str], hint: str) -> None:
    assert near_variable("KAFKA_BOOTSTRAP_SERVERS", environ) == hint


def test_a_client_of_the_default_broker_mentions_it_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clients._doubt_default.cache_clear()
    monkeypatch.setenv("KAFKA_BROKERS", "a:1")
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    App(kafka={"bootstrap.servers": "127.0.0.1:1"}).admin().close()
    assert caplog.messages == []
    for _ in range(2):
        App().admin().close()
    assert caplog.messages == [f"The broker is the default, 127.0.0.1:9092.{BROKERS}"]


def test_a_misspelt_variable_of_a_missing_setting_is_mentioned_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clients._doubt_unset.cache_clear()
    monkeypatch.setenv("KAFKA_SECURTY_PROTOCOL", "SSL")
    monkeypatch.setenv("KAFKA_SSL_CRL_LOCATION", "/a.pem")
    App(kafka={"bootstrap.servers": "127.0.0.1:1", "security.protocol": "plaintext"}).admin().close()
    assert caplog.messages == []
    for _ in range(2):
        App(kafka={"bootstrap.servers": "127.0.0.1:1"}).admin().close()
    (message,) = caplog.messages
    assert message == (
        "security.protocol is not set. "
        "KAFKA_SECURTY_PROTOCOL is set, but the variable that is read is KAFKA_SECURITY_PROTOCOL."
    )


def test_a_login_without_its_misspelt_protocol_mentions_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_SECURTY_PROTOCOL", "SASL_SSL")
    monkeypatch.setenv("KAFKA_SASL_USERNAME", "u")
    with pytest.raises(ConfigError) as caught:
        App().admin()
    assert str(caught.value) == (
        "sasl.username has no effect without security.protocol: pass 'sasl_ssl' or 'sasl_plaintext'. "
        "KAFKA_SECURTY_PROTOCOL is set, but the variable that is read is KAFKA_SECURITY_PROTOCOL."
    )


def test_a_missing_login_mentions_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_PASSWORD", "s3cret")
    kafka = {"security.protocol": "sasl_ssl", "sasl.mechanism": "PLAIN", "sasl.username": "u"}
    with pytest.raises(ConfigError) as caught:
        App(kafka=kafka).admin()
    assert str(caught.value) == (
        "sasl.mechanism='PLAIN' needs sasl.password. "
        "KAFKA_PASSWORD is set, but the variable that is read is KAFKA_SASL_PASSWORD."
    )


def test_a_missing_registry_mentions_it(
    monkeypatch: pytest.MonkeyPatch, line: CommandLine, cluster: str
) -> None:
    monkeypatch.setenv("SCHEMA_REGISTRY_URI", "http://127.0.0.1:8081")
    monkeypatch.delenv("SCHEMA_REGISTRY_URL", raising=False)
    hint = "SCHEMA_REGISTRY_URI is set, but the variable that is read is SCHEMA_REGISTRY_URL."
    with pytest.raises(ConfigError, match=hint):
        App().compile_deserializers(Topic("flights", payload=avro()))
    out = line.run("info", "-b", cluster, SCHEMA_REGISTRY_URI="http://127.0.0.1:8081")[1]
    assert f"schema registry     none: {hint}" in out


@pytest.mark.parametrize(
    ("value", "ends"),
    [
        ("'u'", "quotes"),
        ('"u"', "quotes"),
        (" u", "white space"),
        ("u\n", "white space"),
        ("u'", ""),
        ("'", ""),
    ],
)
def test_quotes_and_blanks_are_kept_and_told(value: str, ends: str, caplog: pytest.LogCaptureFixture) -> None:
    environ = {"KAFKA_SASL_USERNAME": value}
    assert read_variables(environ, NAMES, "KAFKA_SASL_PASSWORD", "the password") == {"user": value}
    wanted = [f"KAFKA_SASL_USERNAME begins or ends with {ends}, which belong to the value."] if ends else []
    assert caplog.messages == wanted
