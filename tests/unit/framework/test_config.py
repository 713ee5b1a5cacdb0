from __future__ import annotations

import pathlib
from typing import Any

import pytest

from framework import App, ConfigError
from framework.config import (
    check_flag,
    check_seconds,
    from_environment,
    is_secret,
    is_true,
    merge,
    redact,
    without,
)
from framework.config_keys import CONSUMER_ONLY, PRODUCER_ONLY


@pytest.mark.parametrize(
    ("layers", "merged"),
    [
        pytest.param((), {}, id="nothing"),
        pytest.param((None, {}), {}, id="None is an empty layer"),
        pytest.param(({"a": 1, "b": 1}, {"b": 2}), {"a": 1, "b": 2}, id="key by key, later ones win"),
        pytest.param(({"a": 1}, {"a": None}), {"a": None}, id="None is a value"),
        pytest.param(
            ({"bootstrap.servers": "a:1"}, {"metadata.broker.list": "b:1"}),
            {"bootstrap.servers": "b:1"},
            id="an alias wins over the name",
        ),
        pytest.param(
            ({"metadata.broker.list": "a:1"}, {"bootstrap.servers": "b:1"}),
            {"bootstrap.servers": "b:1"},
            id="the name wins over an alias",
        ),
        pytest.param(({"sasl.mechanisms": "PLAIN"},), {"sasl.mechanism": "PLAIN"}, id="sasl.mechanisms"),
        pytest.param(({"queue.buffering.max.ms": 5},), {"linger.ms": 5}, id="queue.buffering.max.ms"),
        pytest.param(({"compression.codec": "lz4"},), {"compression.type": "lz4"}, id="compression.codec"),
        pytest.param(({"request.required.acks": 1},), {"acks": 1}, id="request.required.acks"),
        pytest.param(({"message.send.max.retries": 1},), {"retries": 1}, id="message.send.max.retries"),
        pytest.param(({"message.timeout.ms": 1},), {"delivery.timeout.ms": 1}, id="message.timeout.ms"),
        pytest.param(
            ({"max.in.flight": 1},), {"max.in.flight.requests.per.connection": 1}, id="max.in.flight"
        ),
        pytest.param(
            ({"fetch.message.max.bytes": 1},), {"max.partition.fetch.bytes": 1}, id="fetch.message.max.bytes"
        ),
        pytest.param(
            ({"auto.commit.enable": False},), {"enable.auto.commit": False}, id="auto.commit.enable"
        ),
        pytest.param(
            ({"sasl.oauthbearer.client.credentials.client.secret": "x"},),
            {"sasl.oauthbearer.client.secret": "x"},
            id="sasl.oauthbearer.client.credentials.client.secret",
        ),
    ],
)
def test_layers_merge(layers: tuple[Any, ...], merged: dict[str, Any]) -> None:
    assert merge(*layers) == merged


def test_merging_leaves_its_layers_alone() -> None:
    layer = {"metadata.broker.list": "a:1"}
    merge(layer)["b"] = 2

    assert layer == {"metadata.broker.list": "a:1"}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        pytest.param(
            "127.0.0.1:9092",
            "Kafka settings of type str are invalid: "
            "expected a dict of librdkafka's keys, such as {'bootstrap.servers': 'localhost:9092'}.",
            id="an address",
        ),
        pytest.param(
            [("acks", 1)],
            "Kafka settings of type list are invalid: "
            "expected a dict of librdkafka's keys, such as {'bootstrap.servers': 'localhost:9092'}.",
            id="a list",
        ),
        pytest.param(
            {1: 2},
            "Kafka setting 1 is invalid: expected a str, such as 'bootstrap.servers'.",
            id="a number as key",
        ),
    ],
)
def test_kafka_settings_are_a_dictionary_with_text_as_keys(settings: Any, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        App(kafka=settings)

    assert str(caught.value) == sentence


def test_the_last_resort_is_this_machine() -> None:
    assert App().kafka == {"bootstrap.servers": "127.0.0.1:9092", "client.id": "framework"}


@pytest.mark.parametrize(
    ("variable", "key", "environment", "code"),
    [
        ("KAFKA_BOOTSTRAP_SERVERS", "bootstrap.servers", "environment:9092", "code:9092"),
        ("KAFKA_SECURITY_PROTOCOL", "security.protocol", "sasl_ssl", "sasl_plaintext"),
        ("KAFKA_SASL_MECHANISM", "sasl.mechanism", "PLAIN", "SCRAM-SHA-512"),
        ("KAFKA_SASL_USERNAME", "sasl.username", "environment", "code"),
        ("KAFKA_SASL_PASSWORD", "sasl.password", "environment", "code"),
        ("KAFKA_SSL_CA_LOCATION", "ssl.ca.location", "environment", "code"),
    ],
)
def test_the_environment_is_above_the_last_resort_and_below_the_code(
    variable: str, key: str, environment: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, environment)

    assert App().kafka[key] == environment
    assert App(kafka={key: code}).kafka[key] == code


def test_an_alias_in_the_code_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "environment:9092")

    assert App(kafka={"metadata.broker.list": "code:9092"}).kafka["bootstrap.servers"] == "code:9092"


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param(
            {"KAFKA_GROUP_ID": "x", "KAFKA_HOME": "/opt/kafka", "kafka_bootstrap_servers": "x"}, id="unknown"
        ),
        pytest.param({"KAFKA_BOOTSTRAP_SERVERS": "", "KAFKA_SASL_PASSWORD": ""}, id="empty"),
        pytest.param({"KAFKA_SASL_PASSWORD_FILE": ""}, id="empty file name"),
    ],
)
def test_other_variables_are_ignored(environ: dict[str, str]) -> None:
    assert from_environment(environ) == {}


@pytest.mark.parametrize(
    ("content", "password"),
    [
        pytest.param("s3cret\n", "s3cret", id="line end"),
        pytest.param("s3cret\r\n", "s3cret", id="line end of Windows"),
        pytest.param(" s3cret ", " s3cret ", id="spaces belong to it"),
        pytest.param("pässword", "pässword", id="UTF-8"),
    ],
)
def test_a_password_may_stand_in_a_file(content: str, password: str, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(content.encode())

    assert from_environment({"KAFKA_SASL_PASSWORD_FILE": str(file)}) == {"sasl.password": password}


def test_a_password_and_a_password_file_exclude_each_other() -> None:
    environ = {"KAFKA_SASL_PASSWORD": "s3cret", "KAFKA_SASL_PASSWORD_FILE": "/nowhere"}

    with pytest.raises(ConfigError) as caught:
        from_environment(environ)
    assert str(caught.value) == (
        "KAFKA_SASL_PASSWORD and KAFKA_SASL_PASSWORD_FILE exclude each other: unset one of them."
    )


def test_a_password_file_that_is_missing_is_named(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "nowhere")
    monkeypatch.setenv("KAFKA_SASL_PASSWORD_FILE", path)

    with pytest.raises(ConfigError) as caught:
        App()
    assert str(caught.value) == (
        f"KAFKA_SASL_PASSWORD_FILE={path!r} is unreadable: No such file or directory."
    )


def test_a_password_file_in_another_encoding_does_not_tell_its_content(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(b"s3cret\xff")

    with pytest.raises(ConfigError) as caught:
        from_environment({"KAFKA_SASL_PASSWORD_FILE": str(file)})
    assert str(caught.value) == (
        f"KAFKA_SASL_PASSWORD_FILE={str(file)!r} is not UTF-8 text: save it as UTF-8."
    )
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "key",
    [
        "sasl.password",
        "ssl.key.password",
        "ssl.keystore.password",
        "SASL.PASSWORD",
        "sasl.pasword",
        "sasl_passwd",
        "sasl.pwd",
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.client.credentials.client.secret",
        "sasl.oauthbearer.assertion.private.key.passphrase",
        "sasl.oauthbearer.assertion.private.key.pem",
        "sasl.oauthbearer.config",
        "sasl.jaas.config",
        "ssl.key.pem",
        "ssl.key.location",
        "ssl_key",
        "ssl.certificate.pem",
        "ssl.ca.pem",
    ],
)
def test_secrets_are_never_shown(key: str) -> None:
    assert redact({key: "s3cret"}) == {key: "***"}


@pytest.mark.parametrize(
    "key",
    ["bootstrap.servers", "client.id", "sasl.username", "sasl.mechanism", "ssl.ca.location", "group.id"],
)
def test_what_is_no_secret_is_shown(key: str) -> None:
    assert not is_secret(key)
    assert redact({key: "shown"}) == {key: "shown"}


def test_redacting_leaves_the_settings_alone() -> None:
    settings = {"sasl.password": "s3cret"}
    redact(settings)

    assert settings == {"sasl.password": "s3cret"}


@pytest.mark.parametrize("name", ["broker_timeout", "stall_timeout"])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(0, id="zero"),
        pytest.param(-1, id="negative"),
        pytest.param(True, id="True"),
        pytest.param(float("inf"), id="infinite"),
        pytest.param(float("nan"), id="nan"),
        pytest.param("10", id="text"),
        pytest.param(None, id="None"),
    ],
)
def test_a_timeout_is_a_positive_number_of_seconds(name: str, value: object) -> None:
    given: dict[str, Any] = {name: value}

    with pytest.raises(ConfigError) as caught:
        App(**given)
    assert str(caught.value) == f"{name}={value!r} is invalid: expected a positive number of seconds."


@pytest.mark.parametrize(("value", "seconds"), [(1, 1.0), (0.001, 0.001), (86400, 86400.0)])
def test_seconds_become_a_float(value: float, seconds: float) -> None:
    found = check_seconds("max_wait", value, doubtful=100_000)

    assert found == seconds
    assert type(found) is float


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"broker_timeout": 10_000}, "broker_timeout=10000 is in seconds. Did you mean 10?"),
        ({"stall_timeout": 60_000}, "stall_timeout=60000 is in seconds. Did you mean 60?"),
        ({"registry_timeout": 5000.0}, "registry_timeout=5000.0 is in seconds. Did you mean 5?"),
        ({"broker_timeout": 300, "stall_timeout": 3600, "registry_timeout": 60}, None),
    ],
    ids=lambda each: ",".join(each) if isinstance(each, dict) else "",
)
def test_a_timeout_that_looks_like_milliseconds_is_doubted_in_the_log(
    options: dict[str, Any], line: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(**options)
    assert caplog.messages == ([] if line is None else [line])
    assert {name: getattr(app, name, None) or options[name] for name in options} == options


@pytest.mark.parametrize("value", ["no", "true", 0, 1, None, []], ids=repr)
def test_a_flag_is_true_or_false(value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        check_flag("follow", value)
    assert str(caught.value) == f"follow={value!r} is invalid: expected True or False."
    assert [check_flag("follow", True), check_flag("follow", False)] == [True, False]


@pytest.mark.parametrize("client_id", [None, "", " ", 5, b"x"], ids=repr)
def test_a_client_id_is_a_text(client_id: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        App(client_id=client_id)
    assert str(caught.value) == f"client_id={client_id!r} is invalid: expected a non-empty str."


@pytest.mark.parametrize(
    ("value", "truth"),
    [
        (True, True),
        ("true", True),
        ("True", True),
        ("t", True),
        ("1", True),
        (1, True),
        (False, False),
        ("false", False),
        ("f", False),
        ("0", False),
        (0, False),
        (None, False),
        ("", False),
    ],
)
def test_a_boolean_is_read_as_librdkafka_does(value: object, truth: bool) -> None:
    assert is_true(value) is truth


def test_keys_can_be_left_out() -> None:
    assert without({"acks": 1, "client.id": "x"}, PRODUCER_ONLY) == {"client.id": "x"}


def test_no_key_belongs_to_one_kind_and_to_the_other() -> None:
    assert not CONSUMER_ONLY & PRODUCER_ONLY
