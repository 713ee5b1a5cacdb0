from __future__ import annotations

import base64
import copy
import pathlib
import pickle
from typing import Any

import pytest

from framework.errors import ConfigError
from framework.registry import Registry, RegistrySettings, describe, from_environment, merge
from framework.registry.addresses import Address
from framework.registry.logins import Login

SECRET = "s3cr3t"


def merged(*layers: Any) -> RegistrySettings:
    settings = merge(*layers)
    assert settings is not None
    return settings


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        pytest.param("http://127.0.0.1:8081", ["http://127.0.0.1:8081"], id="one"),
        pytest.param("http://a:1,https://b", ["http://a:1", "https://b"], id="several"),
        pytest.param(
            " http://a:1 , http://b:2 ,", ["http://a:1", "http://b:2"], id="white space and a comma"
        ),
        pytest.param("http://a:1/", ["http://a:1"], id="slash"),
        pytest.param("http://a/apis/ccompat/v7//", ["http://a/apis/ccompat/v7"], id="path"),
        pytest.param("HTTP://Registry:1", ["http://registry:1"], id="capitals"),
        pytest.param("http://[::1]:8081", ["http://[::1]:8081"], id="IPv6"),
        pytest.param("http://münchen:1/ä", ["http://xn--mnchen-3ya:1/%C3%A4"], id="umlauts"),
        pytest.param("http://me:s3cr3t@a:1", ["http://a:1"], id="login"),
    ],
)
def test_addresses_are_shown_without_slashes_and_logins(text: str, addresses: list[str]) -> None:
    assert list(map(str, merged(text).addresses)) == addresses


@pytest.mark.parametrize(
    ("layers", "login"),
    [
        pytest.param(["http://me:p%40%3Ass@a"], "me:p@:ss", id="percent-encoded"),
        pytest.param(["http://a", {"basic.auth.user.info": "me:a:b"}], "me:a:b", id="for all addresses"),
        pytest.param(["http://me:own@a", {"basic.auth.user.info": "x:y"}], "me:own", id="its own first"),
        pytest.param(["http://me:@a"], "me:", id="empty password"),
    ],
)
def test_the_login_of_an_address(layers: list[Any], login: str) -> None:
    settings = merged(*layers)
    header = f"Basic {base64.b64encode(login.encode()).decode()}"
    assert Login.of(settings.addresses[0], settings).header == header


def test_later_layers_win_key_by_key() -> None:
    settings = merged(
        {"url": "http://a", "ssl.ca.location": "ca.pem", "basic.auth.user.info": "a:b"},
        None,
        {"schema.registry.url": "http://b", "basic.auth.user.info": "c:d"},
    )
    assert settings == RegistrySettings((Address("http", "b"),), user_info="c:d", ca_location="ca.pem")


def test_a_later_login_of_another_kind_wins() -> None:
    settings = merged("http://a", {"basic.auth.user.info": "a:b"}, {"bearer.auth.token": "token"})
    assert (settings.user_info, settings.bearer_token) == (None, "token")


@pytest.mark.parametrize("layers", [[], [None], [{}], [{"basic.auth.user.info": "a:b"}]])
def test_there_is_no_registry_without_an_address(layers: list[Any]) -> None:
    assert merge(*layers) is None


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        pytest.param({"urll": "x"}, "'urll' is unknown: .* Did you mean 'url'?", id="unknown key"),
        pytest.param({7: "x"}, "setting, not shown, is unknown", id="no key"),
        pytest.param(7, "of type int are invalid: expected a text", id="no layer"),
        pytest.param({"url": 7}, "registry.url of type int is invalid: expected one text", id="no text"),
        pytest.param({"url": ["http://a"]}, "url of type list is invalid: expected one text", id="list"),
        pytest.param("", "url='' is invalid: expected a text", id="empty"),
        pytest.param(",", "address '' is invalid: expected http://host:port", id="comma"),
        pytest.param("http://a,,http://b", "address '' is invalid", id="gap"),
        pytest.param("kafka://a", "'kafka://a' is invalid: expected http://host:port", id="scheme"),
        pytest.param("127.0.0.1:8081", "'127.0.0.1:8081' is invalid: expected http://", id="no scheme"),
        pytest.param("http://", "'http://' is invalid: expected a host", id="no host"),
        pytest.param("http://:8081", "'http://:8081' is invalid: expected a host", id="only a port"),
        pytest.param("http://a:0", "'http://a:0' is invalid: expected a host and a port", id="port 0"),
        pytest.param("http://a:65536", "'http://a:65536' is invalid: expected a host and a port", id="port"),
        pytest.param(
            "http://a:b", r"'http://a:\*{3}' is invalid: expected a host and a port", id="port of letters"
        ),
        pytest.param("http://[::1", "is invalid: expected a host", id="half an IPv6 address"),
        pytest.param("http://a..b", "'http://a..b' is invalid: its host", id="empty label"),
        pytest.param("http://a b", r"'http://a\*{3}' is invalid: it has white space", id="space"),
        pytest.param("http://a?x=1", "it has a query", id="query"),
        pytest.param("http://a#x", "it has a query, a fragment", id="fragment"),
        pytest.param({"url": "http://a", "schema.registry.url": "http://b"}, "both 'url' and", id="twice"),
        pytest.param({"ssl.key.location": "key.pem"}, "without ssl.certificate.location", id="key alone"),
    ],
)
def test_an_invalid_setting_is_named(layer: Any, text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        merge(layer)


@pytest.mark.parametrize(
    "layer",
    [
        pytest.param(f"kafka://me:{SECRET}@a", id="scheme"),
        pytest.param(f"http://me:{SECRET}@a:port", id="port"),
        pytest.param(f"http://{SECRET}@a", id="no colon"),
        pytest.param(f"http://me:{SECRET},x@a", id="comma"),
        pytest.param(f"http://me:x,{SECRET}@a", id="after a comma"),
        pytest.param(f"http://me:{SECRET}/x@a", id="slash"),
        pytest.param(f"http://me:1/{SECRET}@a", id="after a slash"),
        pytest.param(f"http://me:1#{SECRET}@a", id="hash"),
        pytest.param(f"http://me:1?{SECRET}@a", id="question mark"),
        pytest.param(f"http://me:{SECRET}@b@[a", id="bracket"),
        pytest.param(f"http://me:{SECRET} @a", id="space"),
        pytest.param(f"http://me:{SECRET}%0A@a", id="control character"),
        pytest.param({"basic.auth.user.info": SECRET}, id="user info without a colon"),
        pytest.param({"basic.auth.user.info": f"me:{SECRET}\n"}, id="user info with a newline"),
        pytest.param({"basic.auth.user.info": SECRET.encode()}, id="user info as bytes"),
        pytest.param({"bearer.auth.token": f"{SECRET} x"}, id="token with a space"),
        pytest.param({"bearer.auth.token": f"{SECRET}é"}, id="token that isn't ASCII"),
        pytest.param({"basic.auth.user.info": f"a:{SECRET}", "bearer.auth.token": SECRET}, id="both"),
        pytest.param({"ssl.key.password": [SECRET]}, id="key password"),
    ],
)
def test_an_error_holds_no_secret(layer: Any) -> None:
    with pytest.raises(ConfigError) as raised:
        merge(layer)
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None


def test_settings_are_shown_and_pickled_without_secrets() -> None:
    settings = merged(
        {
            "url": f"http://me:{SECRET}@a:1,http://b",
            "basic.auth.user.info": f"me:{SECRET}",
            "ssl.ca.location": "ca.pem",
            "ssl.key.password": SECRET,
        }
    )
    assert describe(settings) == {
        "schema.registry.url": "http://a:1,http://b",
        "basic.auth.user.info": "***",
        "ssl.ca.location": "ca.pem",
        "ssl.key.password": "***",
    }
    assert repr(settings) == "<RegistrySettings http://a:1, http://b>"
    assert SECRET not in repr(settings.addresses)
    assert SECRET.encode() not in pickle.dumps(settings)
    assert pickle.loads(pickle.dumps(settings)) == merged(
        "http://a:1,http://b", {"ssl.ca.location": "ca.pem"}
    )


def test_the_environment_names_address_login_and_certificates(tmp_path: pathlib.Path) -> None:
    login = tmp_path / "login"
    login.write_text("me:s3cr3t\n")
    environment = {
        "SCHEMA_REGISTRY_URL": "http://a",
        "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO_FILE": str(login),
        "SCHEMA_REGISTRY_SSL_CA_LOCATION": "ca.pem",
    }
    assert from_environment(environment) == {
        "schema.registry.url": "http://a",
        "basic.auth.user.info": "me:s3cr3t",
        "ssl.ca.location": "ca.pem",
    }
    environment["SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO"] = "you:first"
    with pytest.raises(ConfigError, match="USER_INFO and SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO_FILE exclude"):
        from_environment(environment)
    assert from_environment({"SCHEMA_REGISTRY_URL": ""}) == {}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        pytest.param(None, "is unreadable: No such file or directory", id="missing"),
        pytest.param(b"\xff\xfe", "is not UTF-8 text", id="not text"),
        pytest.param(b"\n", "is empty: write user:password into it", id="empty"),
    ],
)
def test_a_file_that_holds_no_login_is_named(
    tmp_path: pathlib.Path, content: bytes | None, text: str
) -> None:
    login = tmp_path / "login"
    if content is not None:
        login.write_bytes(content)
    with pytest.raises(ConfigError, match=f"USER_INFO_FILE='{login}' {text}"):
        from_environment({"SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO_FILE": str(login)})


def test_copies_keep_the_login() -> None:
    settings = merged(f"http://me:{SECRET}@a:1", {"bearer.auth.token": SECRET})
    registry = Registry(settings)
    assert copy.deepcopy([settings, settings.addresses]) == [settings, settings.addresses]
    assert copy.copy(settings) is settings
    assert copy.deepcopy(registry) is registry
