"""A wrong setting that people write is told at once, with the right one."""

from __future__ import annotations

from typing import Any

import pytest

from framework import App, ConfigError
from framework.clients import open_admin, open_consumer, open_producer
from framework.testing import mock_cluster
from framework_iterator import Iterator

SASL = {"security.protocol": "sasl_ssl", "sasl.mechanism": "PLAIN"}
SECRET = "open-sesame"
PLACEHOLDER = "sasl.password is invalid: a placeholder was not replaced by its value."


def unknown(key: str, value: Any, hint: str) -> Any:
    return pytest.param({key: value}, f"Kafka setting '{key}' is unknown here: {hint}.", id=key)


def invalid(key: str, value: Any, expected: str) -> Any:
    return pytest.param({key: value}, f"{key}={value!r} is invalid: {expected}", id=f"{key}={value!r}")


def broker(address: str, hint: str = "expected host:port, several separated by commas.") -> Any:
    sentence = f"Broker {address!r} is invalid: {hint}"
    return pytest.param({"bootstrap.servers": address}, sentence, id=f"broker {address!r}")


PROTOCOLS = "expected 'plaintext', 'ssl', 'sasl_plaintext' or 'sasl_ssl'."
CODECS = "expected 'none', 'gzip', 'snappy', 'lz4' or 'zstd'."
MISSING = "its text stands for a missing value; expected host:port, several separated by commas."
RESETS = "expected 'earliest', 'latest' or 'error'."
LEVELS = "expected 'read_committed' or 'read_uncommitted'."
MECHANISMS = "expected 'PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER' or 'GSSAPI'."


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        # Java's names
        unknown("ssl.truststore.location", "/a.jks", "use 'ssl.ca.location', with a PEM file"),
        unknown("ssl.keystore.type", "JKS", "remove it: the file of 'ssl.keystore.location' is PKCS#12"),
        unknown("sasl.jaas.config", SECRET, "use 'sasl.username' and 'sasl.password'"),
        unknown("key.deserializer", "x", "declare it, as in app.topic('flights', key=str)"),
        unknown("value.deserializer", "x", "declare it, as in app.topic('flights', payload=Flight)"),
        unknown("max.poll.records", 5, "use Iterator.batches(size=...)"),
        unknown("fetch.max.wait.ms", 5, "use 'fetch.wait.max.ms'"),
        unknown("default.api.timeout.ms", 5, "use App(broker_timeout=...), in seconds"),
        # librdkafka's, which the client replaces silently
        unknown("enabled_events", 1, "it belongs to librdkafka's C interface: remove it"),
        unknown("builtin.features", "gzip", "remove it: librdkafka sets it itself"),
        # kafka-python's and aiokafka's
        unknown("bootstrap_servers", "h:1", "use 'bootstrap.servers'"),
        unknown("consumer_timeout_ms", 5, "remove it: a run ends by itself; see App(stall_timeout=...)"),
        unknown("security_protocol", "SSL", "use 'security.protocol'"),
        unknown("sasl_plain_username", "u", "use 'sasl.username'"),
        unknown("sasl_plain_password", SECRET, "use 'sasl.password'"),
        unknown("auto_offset_reset", "earliest", "use 'auto.offset.reset'"),
        unknown("enable_auto_commit", False, "use 'enable.auto.commit'"),
        unknown("ssl_cafile", "/a.pem", "use 'ssl.ca.location'"),
        unknown("api_version", (2, 0), "remove it: client and broker negotiate it"),
        # Spring's, and others that put something in front of Java's
        unknown("spring.kafka.bootstrap-servers", "h:1", "use 'bootstrap.servers'"),
        unknown("spring.kafka.consumer.auto-offset-reset", "latest", "use 'auto.offset.reset'"),
        unknown(
            "spring.kafka.properties.sasl.jaas.config", SECRET, "use 'sasl.username' and 'sasl.password'"
        ),
        unknown("KAFKA_SECURITY_PROTOCOL", "SSL", "use 'security.protocol'"),
        # Near misses
        unknown("groupId", "g", "use 'group.id'"),
        unknown("acks ", "all", "use 'acks'"),
        unknown("ssl_key_password", SECRET, "use 'ssl.key.password'"),
        unknown("timeout", 5, "use App(broker_timeout=...), in seconds"),
        unknown("auto.create.topics.enable", True, "remove it: it belongs to the broker"),
        unknown("bootstrap.server", "h:1", "use 'bootstrap.servers'"),
        unknown("BOOTSTRAP.SERVERS", "h:1", "use 'bootstrap.servers'"),
        unknown(
            "oauthbearer_token_refresh_cb", print, "it belongs to librdkafka's C interface: use 'oauth_cb'"
        ),
        # Brokers
        invalid("bootstrap.servers", None, "expected a str, such as 'host:9092'."),
        invalid("bootstrap.servers", ["a:1", "b:2"], "expected a str, such as 'a:1,b:2'."),
        broker(""),
        broker("h:"),
        broker("h:0", "expected a port from 1 to 65535."),
        broker("h:65536", "expected a port from 1 to 65535."),
        broker("h:kafka"),
        broker("a:1;b:2"),
        broker("a:1 b:2"),
        broker("h:1:2"),
        broker("h=1"),
        broker("9092"),
        broker("'h:1'"),
        broker("[h]:1"),
        broker("h:1 # the first"),
        broker("${KAFKA}", "a placeholder was not replaced by its value."),
        broker("<host>:1", "a placeholder was not replaced by its value."),
        broker("::1:9092", "an IPv6 address with a port has brackets: pass '[::1]:9092'."),
        broker("kafka://h:1", "Kafka has no scheme 'kafka://'. Pass 'h:1'."),
        broker("http://h:1/topics", "Kafka has no scheme 'http://'. Pass 'h:1'."),
        # Values
        invalid("client.id", None, "expected a non-empty str, or leave it out."),
        invalid("group.id", None, "expected a non-empty str, or leave it out."),
        invalid("security.protocol", "tls", f"{PROTOCOLS} Did you mean 'ssl'?"),
        invalid("security.protocol", "SASL", f"{PROTOCOLS} Did you mean 'sasl_ssl'?"),
        invalid("security.protocol", None, f"{PROTOCOLS[:-1]}, or leave it out."),
        invalid("auto.offset.reset", None, f"{RESETS[:-1]}, or leave it out."),
        invalid("auto.offset.reset", "newest", f"{RESETS} Did you mean 'latest'?"),
        invalid("bootstrap.servers", ("h", 1), "expected a str, such as 'h:1'."),
        invalid("bootstrap.servers", [("a", 1), ("b", 2)], "expected a str, such as 'a:1,b:2'."),
        broker("None", MISSING),
        broker("undefined:9092", MISSING),
        invalid("sasl.mechanism", "plain", f"{MECHANISMS} Did you mean 'PLAIN'?"),
        invalid(
            "sasl.mechanism",
            "SCRAM_SHA_512",
            f"{MECHANISMS} Did you mean 'SCRAM-SHA-512'?",
        ),
        invalid("sasl.mechanisms", "plain", f"{MECHANISMS} Did you mean 'PLAIN'?"),
        invalid("fetch.wait.max.ms", "10ms", "expected a whole number of milliseconds, 0 to 300000."),
        invalid("fetch.wait.max.ms", 1.5, "expected a whole number of milliseconds, 0 to 300000."),
        invalid("socket.timeout.ms", None, "expected a whole number of milliseconds, 10 to 300000."),
        invalid("socket.timeout.ms", 2**32 + 5000, "expected a whole number of milliseconds, 10 to 300000."),
        invalid("linger.ms", "1s", "expected a number of milliseconds, 0 to 900000."),
        invalid("queue.buffering.max.ms", -1, "expected a number of milliseconds, 0 to 900000."),
        invalid("message.max.bytes", "10MB", "expected a whole number of bytes, 1000 to 1000000000."),
        invalid("message.max.bytes", "01000", "expected a whole number of bytes, 1000 to 1000000000."),
        invalid("retries", True, "expected a whole number, 0 to 2147483647."),
        invalid("message.send.max.retries", 2**31, "expected a whole number, 0 to 2147483647."),
        invalid("request.required.acks", "al", "expected 'all' or a whole number, -1 to 1000."),
        invalid("log_level", "DEBUG", "expected a whole number, 0 to 7."),
        invalid("check.crcs", "yes", "expected True or False."),
        invalid("enable.idempotence", "true ", "expected True or False."),
        invalid("auto.commit.enable", None, "expected True or False."),
        invalid("compression.codec", "gzip ", f"{CODECS} Did you mean 'gzip'?"),
        invalid("auto.offset.reset", "none", f"{RESETS} Did you mean 'error'?"),
        invalid("isolation.level", "read-committed", f"{LEVELS} Did you mean 'read_committed'?"),
        invalid(
            "ssl.endpoint.identification.algorithm", "", "expected 'https' or 'none'. Did you mean 'none'?"
        ),
        invalid("sasl.mechanism", "AWS_MSK_IAM", f"{MECHANISMS} Did you mean 'OAUTHBEARER'?"),
        invalid("broker.address.family", "ipv4", "expected 'any', 'v4' or 'v6'. Did you mean 'v4'?"),
        invalid("client.rack", b"a", "expected a str, not bytes; decode it."),
        invalid("debug", ["fetch"], "expected a str, not list; join several by commas."),
    ],
)
def test_it_is_told_where_it_is_passed(settings: dict[str, Any], sentence: str) -> None:
    for call in (
        lambda: App(kafka=settings),
        lambda: Iterator("flights", app=App(), settings=settings),
        lambda: App().override(settings).__enter__(),
    ):
        with pytest.raises(ConfigError) as caught:
            call()
        assert str(caught.value) == sentence
        assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"sasl.password": SECRET.encode()},
            "sasl.password is invalid: expected a str, not bytes; decode it.",
        ),
        (
            {"bootstrap.servers": f"u:{SECRET}@h:1"},
            "A broker with '@' is invalid: pass host:port, and the login as sasl.username and sasl.password.",
        ),
        (
            {"bootstrap.servers": [f"u:{SECRET}@h:1"]},
            "A broker with '@' is invalid: pass host:port, and the login as sasl.username and sasl.password.",
        ),
        ({"sasl.password": "{{ CLUSTER_API_SECRET }}"}, PLACEHOLDER),
        ({"sasl.password": "${SECRET}"}, PLACEHOLDER),
        ({"sasl.password": "<API-SECRET>"}, PLACEHOLDER),
    ],
    ids=["bytes", "a login in the address", "a login in a list", "{{ }}", "${}", "< >"],
)
def test_a_secret_is_not_shown(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        App(kafka=settings)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"sasl.mechanism": "PLAIN", "sasl.mechanisms": "SCRAM-SHA-256"},
            "sasl.mechanism='PLAIN' contradicts sasl.mechanisms='SCRAM-SHA-256': pass one of them.",
        ),
        (
            {"metadata.broker.list": "a:1", "bootstrap.servers": "b:1"},
            "bootstrap.servers='b:1' contradicts metadata.broker.list='a:1': pass one of them.",
        ),
        (
            {"security.protocol": "plaintext", "ssl.ca.location": "/ca.pem"},
            "ssl.ca.location contradicts security.protocol='plaintext': pass 'ssl' for TLS.",
        ),
        (
            {"security.protocol": "sasl_plaintext", "ssl.key.location": "/key.pem"},
            "ssl.key.location contradicts security.protocol='sasl_plaintext': pass 'sasl_ssl' for TLS.",
        ),
    ],
    ids=lambda each: ",".join(each) if isinstance(each, dict) else "",
)
def test_a_dictionary_that_contradicts_itself_is_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        App(kafka=settings)
    assert str(caught.value) == sentence


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "tls")
    with pytest.raises(ConfigError) as caught:
        App()
    assert str(caught.value) == (
        f"security.protocol='tls' is invalid: {PROTOCOLS} Did you mean 'ssl'? "
        "It is set by KAFKA_SECURITY_PROTOCOL."
    )


def test_a_login_that_contradicts_the_protocol_of_the_same_dictionary_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        App(kafka={"security.protocol": "PLAINTEXT", "sasl.mechanism": "PLAIN"})
    assert str(caught.value) == (
        "sasl.mechanism='PLAIN' contradicts security.protocol='plaintext': pass 'sasl_plaintext' to log in."
    )


def test_a_later_layer_may_do_without_a_login() -> None:
    app = App(kafka={**SASL, "sasl.username": "u", "sasl.password": SECRET})
    with app.override({"bootstrap.servers": "127.0.0.1:1", "security.protocol": "plaintext"}):
        app.admin().close()
        assert (app.kafka["security.protocol"], app.kafka["sasl.username"]) == ("plaintext", "u")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"security.protocol": "sasl_ssl"},
            (
                "security.protocol='sasl_ssl' needs sasl.mechanism: "
                "pass 'PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512' or 'OAUTHBEARER'."
            ),
        ),
        (SASL, "sasl.mechanism='PLAIN' needs sasl.username and sasl.password."),
        (
            {**SASL, "sasl.username": "u", "sasl.password": None},
            "sasl.mechanism='PLAIN' needs sasl.password.",
        ),
        (
            {"sasl.mechanism": "PLAIN", "sasl.username": "u", "sasl.password": SECRET},
            "sasl.mechanism='PLAIN' has no effect without security.protocol: pass 'sasl_ssl' or 'sasl_plaintext'.",  # noqa: E501
        ),
        (
            {"sasl.username": "u", "sasl.password": SECRET},
            "sasl.username has no effect without security.protocol: pass 'sasl_ssl' or 'sasl_plaintext'.",
        ),
        (
            {"ssl.ca.location": "/no/such.pem"},
            "ssl.ca.location has no effect without security.protocol: pass 'ssl' or 'sasl_ssl'.",
        ),
        (
            {"security.protocol": "ssl", "ssl.ca.location": "/no/such.pem"},
            "ssl.ca.location='/no/such.pem' is invalid: there is no such file.",
        ),
        (
            {"bootstrap.servers": "SASL_SSL://h:1"},
            (
                "Broker 'SASL_SSL://h:1' contradicts security.protocol='plaintext': "
                "pass 'sasl_ssl', or leave out 'SASL_SSL://'."
            ),
        ),
        (
            {"security.protocol": "sasl_plaintext", "sasl.mechanism": "OAUTHBEARER"},
            (
                "sasl.mechanism='OAUTHBEARER' needs oauth_cb, a function that returns (token, expiry), "
                "or 'sasl.oauthbearer.method': 'oidc' with its settings."
            ),
        ),
        (
            {"debug": True},
            (
                "Kafka setting refused: debug=True is invalid: "
                "expected 'all', or a list such as 'broker,topic,fetch'."
            ),
        ),
        ({"no.such.key": 1}, "Kafka setting 'no.such.key' is unknown."),
        (
            {"sasl.user": 1},
            "Kafka setting 'sasl.user' is unknown. Did you mean 'sasl.username' or 'sasl.password'?",
        ),
        (
            {"stats_cb": print},
            "stats_cb is never called without statistics.interval.ms: pass the milliseconds.",
        ),
    ],
    ids=lambda each: ",".join(each) if isinstance(each, dict) else "",
)
@pytest.mark.parametrize("opened", [open_consumer, open_producer, open_admin])
def test_it_is_told_when_a_client_is_made(opened: Any, settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        opened({"bootstrap.servers": "127.0.0.1:1", "group.id": "g", **settings})
    assert str(caught.value) == sentence
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        {"bootstrap.servers": "PLAINTEXT://127.0.0.1:1"},
        {"bootstrap.servers": "a:1, b:2,"},
        {"bootstrap.servers": "[::1]:9092,::1,fe80::1%lo,under_score:1"},
        {"isolation.level": "READ_COMMITTED", "auto.offset.reset": "smallest", "acks": "ALL"},
        {"stats_cb": print, "statistics.interval.ms": 0},
        {"sasl.mechanism": "PLAIN", "sasl.mechanisms": "PLAIN", "security.protocol": "sasl_plaintext"}
        | {"sasl.username": "u", "sasl.password": "p"},
        {"sasl.password": "a{{b}}", "sasl.username": "<u>", "sasl.mechanism": "PLAIN"}
        | {"security.protocol": "sasl_plaintext"},
        {"message.max.bytes": 1e6, "socket.timeout.ms": " 0x400"},
        {
            "security.protocol": "SASL_SSL",
            "sasl.mechanisms": "PLAIN",
            "sasl.username": "u",
            "sasl.password": "p",
        },
        {"socket.timeout.ms": "1000", "check.crcs": "true", "linger.ms": 0.5},
        {
            "security.protocol": "sasl_plaintext",
            "sasl.mechanism": "OAUTHBEARER",
            "enable.sasl.oauthbearer.unsecure.jwt": True,
            "sasl.oauthbearer.config": "principal=reader",
        },
    ],
    ids=",".join,
)
def test_what_is_right_is_taken(settings: dict[str, Any]) -> None:
    app = App(kafka=settings)
    with app.admin():
        pass
    open_consumer({**app.kafka, "group.id": "g"})[0].close()
    assert [value for value in settings.values() if value not in app.kafka.values()] == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("KAFKA_SASL_MECHANISM", "PLAIN"),
        ("KAFKA_SASL_USERNAME", "u"),
        ("KAFKA_SECURITY_PROTOCOL", "SASL_SSL"),
        ("KAFKA_BOOTSTRAP_SERVERS", "None"),
    ],
)
def test_the_variable_that_was_written_is_named(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(ConfigError, match=f"is set by {variable}[.]$"):
        App().admin()


def test_blanks_around_the_last_comma_are_no_broker() -> None:
    with mock_cluster() as servers, App(kafka={"bootstrap.servers": f" {servers} , "}).admin() as admin:
        assert admin.topics() == {}
