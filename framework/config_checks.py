"""Check settings before a client is made: what people write, with the right key or value. Pure.

librdkafka checks the rest. Some of what is refused here, it would take for something else.
"""

from __future__ import annotations

import collections.abc as cabc
import os
import re
from typing import Any, Final

from framework.config import COMMON, CONSUMER_ONLY, PRODUCER_ONLY, is_secret, is_true, merge
from framework.config_hints import HINTS, MECHANISMS, PROTOCOLS, VALUES
from framework.errors import ConfigError
from framework.suggest import did_you_mean
from framework.types import KafkaSettings

_KNOWN: Final = COMMON | CONSUMER_ONLY | PRODUCER_ONLY
_INTEGER: Final = re.compile(r"\s*[+-]?(0[xX][0-9a-fA-F]+|\d+)\s*")
_INTEGERS: Final = (".ms", ".bytes", ".kbytes", ".messages", ".size", "retries", "log_level")
_FRACTIONS: Final = frozenset({"linger.ms"})
_FILES: Final = ("ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.keystore.location")
_HAVE_PASSWORD: Final = frozenset({"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"})


def merge_checked(base: KafkaSettings, *layers: KafkaSettings | None) -> dict[str, Any]:
    """Merge settings key by key; a ConfigError for what is wrong in a layer, whatever the others hold."""
    merged = merge(base, *layers)
    for layer in layers:
        _check_layer(layer or {})
    return merged


def _check_layer(layer: KafkaSettings) -> None:
    for key, value in layer.items():
        _check_name(key)
        _check_type(key, value)
        if (check := _CHECKS.get(key)) is not None:
            check(key, value)
    protocol = str(layer.get("security.protocol", "sasl")).lower()
    if "sasl" not in protocol and (given := _login_key(layer)):
        raise ConfigError(
            f"{given} contradicts security.protocol={protocol!r}: pass 'sasl_{protocol}' to log in."
        )


def check_together(settings: KafkaSettings) -> None:
    """Raise a ConfigError where settings that belong together are incomplete, once all are known."""
    check_scheme(settings)
    if "security.protocol" not in settings:
        _check_plaintext(settings)
        return
    protocol = str(settings["security.protocol"]).lower()
    if "ssl" in protocol.removeprefix("sasl_"):
        _check_files(settings)
    if protocol.startswith("sasl_"):
        _check_login(settings)


def _check_plaintext(settings: KafkaSettings) -> None:
    """Raise a ConfigError where the settings ask for a login or TLS, but the default has neither."""
    files = [key for key in _FILES if settings.get(key)]
    given = _login_key(settings) or (files[0] if files else "")
    if given:
        protocols = ("sasl_ssl", "sasl_plaintext") if given.startswith("sasl") else ("ssl", "sasl_ssl")
        raise ConfigError(f"{given} has no effect without security.protocol: pass {_one_of(protocols)}.")


def explain(text: str, settings: KafkaSettings) -> str:
    """Return librdkafka's sentence about an invalid value with that value, and what to write instead."""
    found = re.search(r'"([^"]+)"(?: value| cannot|: true|\.?$)', text)
    key = found[1] if found else ""
    if key not in settings or is_secret(key):
        return text
    if "Bool configuration" in text or "Expected bool" in text:
        expected = "True or False"
    elif "Integer configuration" in text or text.startswith("Invalid value for configuration property"):
        expected = "a whole number"
    elif key in VALUES:
        expected = _one_of(VALUES[key])
    else:
        return text
    return f"{key}={settings[key]!r} is invalid: expected {expected}"


def check_servers(servers: object) -> None:
    """Raise a ConfigError for an address without a host, with a port above 65535, or with a scheme.

    librdkafka would take the lower 16 bits of such a port, and its default for an empty address. It tries
    an address of a scheme that it doesn't know, and one with a space, until the time is over.
    """
    if not isinstance(servers, str):
        _check_server(str(servers) if "@" in str(servers) else "host")
        given = ",".join(map(str, servers)) if isinstance(servers, list | tuple | set) else "host:9092"
        raise ConfigError(f"bootstrap.servers={servers!r} is invalid: expected a str, such as {given!r}.")
    for server in servers.strip(",").split(","):
        _check_server(server.strip())


def check_scheme(settings: KafkaSettings) -> None:
    """Raise a ConfigError for an address with another protocol than the settings: it is never tried."""
    protocol = str(settings.get("security.protocol", "plaintext")).lower()
    for server in str(settings.get("bootstrap.servers", "")).split(","):
        scheme, separator, _ = server.strip().partition("://")
        if separator and scheme.lower() != protocol:
            raise ConfigError(
                f"Broker {server.strip()!r} contradicts security.protocol={protocol!r}: "
                f"pass {scheme.lower()!r}, or leave out {scheme + '://'!r}."
            )


def _check_server(server: str) -> None:
    if "@" in server:  # it may be followed by a password, so it isn't shown
        raise ConfigError(
            "A broker with '@' is invalid: pass host:port, and the login as sasl.username and sasl.password."
        )
    scheme, separator, rest = server.rpartition("://")
    if separator and scheme.lower() not in PROTOCOLS:
        address = rest.partition("/")[0] or "host:9092"
        raise ConfigError(
            f"Broker {server!r} is invalid: Kafka has no scheme {scheme + '://'!r}. Pass {address!r}."
        )
    host, colon, port = rest.partition(":")
    # More than one colon is an IPv6 address, which the library checks.
    is_port = not colon or ":" in port or (port.isdecimal() and 0 < int(port) < 1 << 16)
    if (not host and not rest.startswith("::")) or not is_port or re.search(r"[\s;|/]", rest):
        raise ConfigError(f"Broker {server!r} is invalid: expected host:port, several separated by commas.")


def _check_name(key: str) -> None:
    dotted = key.lower().replace("_", ".").replace("-", ".")
    if (hint := HINTS.get(key)) is not None:
        raise ConfigError(f"Kafka setting {key!r} is unknown here: {hint}.")
    if key not in _KNOWN and dotted in _KNOWN:
        raise ConfigError(f"Kafka setting {key!r} is unknown here: use {dotted!r}.")


def _check_type(key: str, value: object) -> None:
    if key in _CHECKS:
        return
    # The client would send the text of the object, such as "b'secret'".
    if isinstance(value, bytes | bytearray | list | tuple | set | frozenset):
        shown = "" if is_secret(key) else f"={value!r}"
        how = "decode it" if isinstance(value, bytes | bytearray) else "join several by commas"
        raise ConfigError(f"{key}{shown} is invalid: expected a str, not {type(value).__name__}; {how}.")
    # Of "10ms" and 1.5, librdkafka would take the leading digits.
    is_number = key.endswith(_INTEGERS) and key not in _FRACTIONS
    is_part = isinstance(value, str) and re.match(r"\s*[+-]?\d", value) and not _INTEGER.fullmatch(value)
    if is_number and (is_part or (isinstance(value, float) and not value.is_integer())):
        raise ConfigError(f"{key}={value!r} is invalid: expected a whole number.")


def _check_text(key: str, value: object) -> None:
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{key}={value!r} is invalid: expected a non-empty str, or leave it out.")


def _check_protocol(key: str, value: object) -> None:
    if not isinstance(value, str) or value.lower() not in PROTOCOLS:
        near = {"tls": "ssl", "sasl": "sasl_ssl", "sasl_tls": "sasl_ssl"}.get(str(value).lower())
        hint = f" Did you mean {near!r}?" if near else ""
        raise ConfigError(f"{key}={value!r} is invalid: expected {_one_of(PROTOCOLS)}.{hint}")


def _check_mechanism(key: str, value: object) -> None:
    if value not in MECHANISMS:
        hint = did_you_mean(str(value).replace("_", "-"), MECHANISMS)
        raise ConfigError(f"{key}={value!r} is invalid: expected {_one_of(MECHANISMS)}.{hint}")


_CHECKS: Final[dict[str, cabc.Callable[[str, Any], None]]] = {
    "bootstrap.servers": lambda _key, value: check_servers(value),
    "metadata.broker.list": lambda _key, value: check_servers(value),
    "client.id": _check_text,
    "group.id": _check_text,
    "security.protocol": _check_protocol,
    "sasl.mechanism": _check_mechanism,
    "sasl.mechanisms": _check_mechanism,
}


def _check_files(settings: KafkaSettings) -> None:
    for key in _FILES:
        path = settings.get(key)
        if path and path != "probe" and not os.path.exists(str(path)):
            raise ConfigError(f"{key}={path!r} is invalid: there is no such file.")


def _check_login(settings: KafkaSettings) -> None:
    protocol, mechanism = settings["security.protocol"], settings.get("sasl.mechanism")
    if not mechanism:
        if any(key.startswith("sasl.kerberos.") for key in settings):
            return  # librdkafka's default mechanism
        raise ConfigError(
            f"security.protocol={protocol!r} needs sasl.mechanism: pass {_one_of(MECHANISMS[:4])}."
        )
    missing = [key for key in ("sasl.username", "sasl.password") if settings.get(key) in (None, "")]
    if mechanism in _HAVE_PASSWORD and missing:
        raise ConfigError(f"sasl.mechanism={mechanism!r} needs {' and '.join(missing)}.")
    if mechanism == "OAUTHBEARER" and settings.get("oauth_cb") is None and not _has_other_tokens(settings):
        raise ConfigError(
            "sasl.mechanism='OAUTHBEARER' needs oauth_cb, a function that returns (token, expiry), "
            "or 'sasl.oauthbearer.method': 'oidc' with its settings."
        )


def _has_other_tokens(settings: KafkaSettings) -> bool:
    """Whether librdkafka gets the tokens by itself."""
    return (
        str(settings.get("sasl.oauthbearer.method", "")).lower() == "oidc"
        or is_true(settings.get("enable.sasl.oauthbearer.unsecure.jwt", False))
        or settings.get("sasl.oauthbearer.metadata.authentication.type", "none") != "none"
    )


def _login_key(settings: KafkaSettings) -> str:
    """Return one of the settings that ask for a login, as text, or an empty text."""
    mechanism = settings.get("sasl.mechanism") or settings.get("sasl.mechanisms")
    if mechanism:
        return f"sasl.mechanism={mechanism!r}"
    return "sasl.username" if settings.get("sasl.username") else ""


def _one_of(values: cabc.Sequence[str]) -> str:
    return f"{', '.join(map(repr, values[:-1]))} or {values[-1]!r}"
