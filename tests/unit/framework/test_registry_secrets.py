"""No error, and no local variable of a traceback, shows a login."""

from __future__ import annotations

import base64
import html
import json
import signal
import socket
import threading
import traceback
import urllib.parse
from typing import Any

import pytest

from framework.errors import ConfigError, SchemaRegistryError
from framework.registry import Registry, merge
from framework.registry.logins import Login
from tests.scripted_registry import ScriptedRegistry, response

SECRET = "s3cr3t-PW"
PASSWORD = 'pä/"ss>?+=ö&'
ENCODED = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
HIDDEN = "[hidden: it may contain the login]"


def login_of(password: str) -> Login:
    settings = merge({"url": "http://a", "basic.auth.user.info": f"me:{password}"})
    assert settings is not None
    return Login.of(settings.addresses[0], settings)


def config_error_of(layer: Any) -> str:
    with pytest.raises(ConfigError) as raised:
        merge(layer)
    assert raised.value.__cause__ is None
    return str(raised.value)


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(PASSWORD, id="as it is"),
        pytest.param(urllib.parse.quote(PASSWORD, safe=""), id="percent-encoded"),
        pytest.param(urllib.parse.quote(urllib.parse.quote(PASSWORD)), id="percent-encoded twice"),
        pytest.param(json.dumps(PASSWORD), id="JSON"),
        pytest.param(json.dumps(json.dumps(PASSWORD)), id="JSON in JSON"),
        pytest.param(html.escape(PASSWORD), id="HTML"),
        pytest.param(html.escape(json.dumps(PASSWORD)), id="JSON in HTML"),
        pytest.param(PASSWORD.encode().decode("latin-1"), id="another encoding"),
        pytest.param(ENCODED, id="base64"),
        pytest.param(ENCODED.rstrip("="), id="base64 without ="),
        pytest.param(ENCODED.replace("=", "\\u003d").replace("/", "\\/"), id="base64 in JSON"),
        pytest.param(urllib.parse.quote(ENCODED, safe=""), id="base64 percent-encoded"),
        pytest.param(ENCODED.replace("+", "-").replace("/", "_"), id="base64 for URLs"),
        pytest.param(ENCODED[:12], id="the beginning of base64"),
        pytest.param(ENCODED[-12:], id="the end of base64"),
    ],
)
def test_a_text_with_the_login_in_any_form_is_hidden(shown: str) -> None:
    assert login_of(PASSWORD).redact(f"seen {shown} here") == HIDDEN


@pytest.mark.parametrize(
    ("password", "text"),
    [
        pytest.param("correct-horse-battery", "seen correct-ho...", id="cut"),
        pytest.param("пароль", f"seen {urllib.parse.quote('пароль')}", id="not Latin"),
        pytest.param("пароль", "seen " + "пароль".encode().decode("latin-1"), id="not Latin, as Latin-1"),
        pytest.param("abc", "seen abc", id="short"),
        pytest.param("%41b", "seen %2541b", id="looks percent-encoded"),
        pytest.param("!?", "seen %21%3F", id="only punctuation"),
    ],
)
def test_any_password_is_hidden(password: str, text: str) -> None:
    assert login_of(password).redact(text) == HIDDEN


@pytest.mark.parametrize("text", ["", "User me is denied.", "<html>100% &amp; more \\ é</html>"])
def test_any_other_text_is_shown(text: str) -> None:
    assert login_of(PASSWORD).redact(text) == text
    assert login_of("").redact(text) == text
    assert Login().redact(text) == text


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        pytest.param(f"https://h/{urllib.parse.quote(SECRET)}/x", HIDDEN, id="in the path"),
        pytest.param(f"https://h/x?token={SECRET}", "https://h/x", id="in the query"),
        pytest.param("https://you:a/b@h/x", "https://h/x", id="another login with a slash"),
        pytest.param(f"https://me:{SECRET}@h/x", "https://h/x", id="before the host"),
    ],
)
def test_a_redirect_is_shown_without_logins(location: str, shown: str) -> None:
    with ScriptedRegistry(response("302 Found", Location=location)) as server:
        settings = merge({"url": server.url, "basic.auth.user.info": f"me:{SECRET}"})
        assert settings is not None
        with pytest.raises(SchemaRegistryError) as raised:
            Registry(settings).schema(7)
    assert f"redirects to {shown}, and redirects aren't followed" in str(raised.value)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        pytest.param(f"http://user:{SECRET}", "http://user:***", id="no host"),
        pytest.param(f"user:{SECRET}", "user:***", id="neither scheme nor host"),
        pytest.param(f"http://user:{SECRET}\uff20h", "***@h", id="full-width @"),
        pytest.param(f"http://{SECRET}%40h", "***@h", id="escaped @"),
        pytest.param(f"http://user:pa@ss:{SECRET}", "***@ss:***", id="@ and colon in a password"),
        pytest.param(f"http://h1,user:{SECRET}", "***", id="the second"),
        pytest.param(f"http://user:123,{SECRET}", "***", id="comma"),
        pytest.param(f"http://h/{SECRET}?x", "http://h***", id="query"),
        pytest.param(f"http://h {SECRET}", "http://h***", id="space"),
        pytest.param("http://a:65536", "http://a:65536", id="a port"),
        pytest.param("localhost:8081", "localhost:8081", id="no scheme"),
    ],
)
def test_what_may_be_a_password_in_an_address_is_not_shown(address: str, shown: str) -> None:
    text = config_error_of(address)
    assert f"Schema registry address {shown!r} is invalid: " in text
    assert SECRET not in text


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        pytest.param(
            {"schema.registry.url": [f"http://me:{SECRET}@a", "http://b"]},
            "Schema registry setting schema.registry.url of type list is invalid: "
            "expected one text with the addresses, separated by commas.",
            id="a list of addresses",
        ),
        pytest.param(
            [f"http://me:{SECRET}@a"],
            "Schema registry settings of type list are invalid: expected a text with the addresses, "
            "separated by commas, such as 'http://127.0.0.1:8081', or a dict.",
            id="a list",
        ),
        pytest.param(
            {"url": "http://a", "ssl.ca.location": SECRET.encode()},
            "Schema registry setting ssl.ca.location of type bytes is invalid: expected a text.",
            id="bytes",
        ),
    ],
)
def test_a_value_of_a_wrong_type_is_not_shown(layer: Any, text: str) -> None:
    assert config_error_of(layer) == text


@pytest.mark.parametrize(
    ("key", "begins"),
    [
        pytest.param(
            "basic.auth.userinfo", "Schema registry setting 'basic.auth.userinfo' is unknown: ", id="a key"
        ),
        pytest.param(f"u:{SECRET}", "A schema registry setting, not shown, is unknown: ", id="a login"),
        pytest.param(SECRET, "A schema registry setting, not shown, is unknown: ", id="a password"),
        pytest.param(7, "A schema registry setting, not shown, is unknown: ", id="no text"),
    ],
)
def test_a_key_is_shown_if_it_is_words(key: Any, begins: str) -> None:
    text = config_error_of({key: "x"})
    assert text.startswith(begins + "expected one of schema.registry.url, basic.auth.user.info, ")
    assert SECRET not in text


def test_no_local_variable_of_an_interrupted_request_shows_the_login() -> None:
    def interrupt(connection: socket.socket, ended: threading.Event) -> None:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        ended.wait(60)

    with ScriptedRegistry(interrupt) as server:
        settings = merge({"url": server.url, "basic.auth.user.info": f"me:{SECRET}"})
        assert settings is not None
        with pytest.raises(KeyboardInterrupt) as raised:
            Registry(settings).schema(7)
    text = "".join(traceback.TracebackException.from_exception(raised.value, capture_locals=True).format())
    assert "<Login basic.auth.user.info>" in text  # it was interrupted within the request
    assert SECRET not in text
    assert base64.b64encode(f"me:{SECRET}".encode()).decode() not in text


def test_no_local_variable_of_a_refused_request_shows_what_it_quoted() -> None:
    with ScriptedRegistry(response("401 Unauthorized", f'{{"message": "no {SECRET}"}}'.encode())) as server:
        settings = merge({"url": server.url, "basic.auth.user.info": f"me:{SECRET}"})
        assert settings is not None
        with pytest.raises(SchemaRegistryError) as raised:
            Registry(settings).schema(7)
    text = "".join(traceback.TracebackException.from_exception(raised.value, capture_locals=True).format())
    assert HIDDEN in text
    assert SECRET not in text
