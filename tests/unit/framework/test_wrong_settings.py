"""A wrong setting that people write is told at once, with the right one."""

from __future__ import annotations

from typing import Any

import pytest

from framework import App, ConfigError
from framework.clients import open_admin, open_consumer, open_producer
from framework_iterator import Iterator

SASL = {"security.protocol": "sasl_ssl", "sasl.mechanism": "PLAIN"}
SECRET = "open-sesame"


def unknown(key: str, value: Any, hint: str) -> Any:
    return pytest.param({key: value}, f"Kafka setting '{key}' is unknown here: {hint}.", id=key)


def invalid(key: str, value: Any, expected: str) -> Any:
    return pytest.param({key: value}, f"{key}={value!r} is invalid: {expected}", id=f"{key}={value!r}")


def broker(address: str, hint: str = "expected host:port, several separated by commas.") -> Any:
    sentence = f"Broker {address!r} is invalid: {hint}"
    return pytest.param({"bootstrap.servers": address}, sentence, id=f"broker {address!r}")


PROTOCOLS = "expected 'plaintext', 'ssl', 'sasl_plaintext' or 'sasl_ssl'."
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
        # Near misses
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
        broker("h:0"),
        broker("h:65536"),
        broker("h:kafka"),
        broker("a:1;b:2"),
        broker("a:1 b:2"),
        broker("kafka://h:1", "Kafka has no scheme 'kafka://'. Pass 'h:1'."),
        broker("http://h:1/topics", "Kafka has no scheme 'http://'. Pass 'h:1'."),
        # Values
        invalid("client.id", None, "expected a non-empty str, or leave it out."),
        invalid("group.id", None, "expected a non-empty str, or leave it out."),
        invalid("security.protocol", "tls", f"{PROTOCOLS} Did you mean 'ssl'?"),
        invalid("security.protocol", "SASL", f"{PROTOCOLS} Did you mean 'sasl_ssl'?"),
        invalid("security.protocol", None, PROTOCOLS),
        invalid("sasl.mechanism", "plain", f"{MECHANISMS} Did you mean 'PLAIN'?"),
        invalid(
            "sasl.mechanism",
            "SCRAM_SHA_512",
            f"{MECHANISMS} Did you mean 'SCRAM-SHA-512'?",
        ),
        invalid("fetch.wait.max.ms", "10ms", "expected a whole number."),
        invalid("fetch.wait.max.ms", 1.5, "expected a whole number."),
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
    ],
    ids=["bytes", "a login in the address", "a login in a list"],
)
def test_a_secret_is_not_shown(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        App(kafka=settings)
    assert str(caught.value) == sentence


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
                "Kafka setting refused: debug=True is invalid: expected 'all', 'broker', 'topic', "
                "'metadata', 'security', 'fetch', 'protocol', 'consumer' or 'admin'."
            ),
        ),
        (
            {"socket.timeout.ms": None},
            "Kafka setting refused: socket.timeout.ms=None is invalid: expected a whole number.",
        ),
        ({"log.queue": "yes"}, "Kafka setting refused: log.queue='yes' is invalid: expected True or False."),
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
